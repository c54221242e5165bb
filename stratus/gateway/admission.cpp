#include "stratus/gateway/admission.h"

namespace stratus {
namespace {

/// Something non-null to point at: what counts is the deleter.
char token;

}  // namespace

bool Admission::take(std::atomic<std::uint64_t>& from, std::uint64_t amount, std::uint64_t most) {
    if (from.fetch_add(amount) + amount <= most) return true;
    from.fetch_sub(amount);
    return false;
}

Admission::Lease Admission::refuse() {
    ++refused_;
    return nullptr;
}

Admission::Lease Admission::enter_buffered(std::uint64_t body_bytes) {
    const std::uint64_t cost = 2 * body_bytes + 8'000;
    if (!take(requests_, 1, options_.requests_max)) return refuse();
    if (!take(buffered_bytes_, cost, options_.buffered_bytes_max)) {
        --requests_;
        return refuse();
    }
    return Lease(&token, [this, cost](void*) {
        --requests_;
        buffered_bytes_ -= cost;
    });
}

Admission::Lease Admission::enter_streamed() {
    if (!take(requests_, 1, options_.requests_max)) return refuse();
    if (!take(streams_, 1, options_.streams_max)) {
        --requests_;
        return refuse();
    }
    return Lease(&token, [this](void*) {
        --requests_;
        --streams_;
    });
}

}  // namespace stratus
