#include "base/clock.h"

namespace base {

Instant RealClock::now() const {
    return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
}

void SimClock::advance(Microseconds by) {
    Instant before = now_.load(std::memory_order_acquire);
    while (!now_.compare_exchange_weak(before, before + by, std::memory_order_acq_rel)) {
    }
}

Instant OffsetClock::now() const {
    return underlying_.now() + offset();
}

void OffsetClock::advance(Microseconds by) {
    Microseconds before = offset();
    while (!offset_.compare_exchange_weak(before, before + by, std::memory_order_acq_rel)) {
    }
}

}  // namespace base
