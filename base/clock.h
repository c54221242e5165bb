// Time as an interface: everything that asks what time it is takes a Clock.
#pragma once

#include <atomic>
#include <chrono>

namespace base {

/// UTC, microseconds since 1970.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Microseconds = std::chrono::microseconds;

/// Thread-safe. Never fails. Passed by reference to whoever needs it; the composition root owns it.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

/// The operating system's clock.
class RealClock final : public Clock {
  public:
    Instant now() const override;
};

/// Stands still until told otherwise; for tests.
class SimClock final : public Clock {
  public:
    explicit SimClock(Instant start = Instant{std::chrono::seconds{1'700'000'000}}) : now_(start) {}
    Instant now() const override { return now_.load(std::memory_order_acquire); }
    void advance(Microseconds by);
    void set(Instant to) { now_.store(to, std::memory_order_release); }

  private:
    std::atomic<Instant> now_;
};

/// Another clock plus an offset that can be moved while the process runs (`--test-endpoints`).
class OffsetClock final : public Clock {
  public:
    /// Borrows `underlying`, which must outlive this clock.
    explicit OffsetClock(const Clock& underlying) : underlying_(underlying) {}
    Instant now() const override;
    void advance(Microseconds by);
    Microseconds offset() const { return offset_.load(std::memory_order_acquire); }
    void set_offset(Microseconds offset) { offset_.store(offset, std::memory_order_release); }

  private:
    const Clock& underlying_;
    std::atomic<Microseconds> offset_{Microseconds{0}};
};

}  // namespace base
