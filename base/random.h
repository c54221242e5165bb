// Random bytes and the identifiers made from them, as an interface: a test's seed fixes them all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace base {

/// Thread-safe. Never fails (a broken system source of randomness ends the process).
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> out) = 0;

    std::uint64_t next();
    /// Uniform in [0, limit); `limit` is at least 1.
    std::uint64_t below(std::uint64_t limit);
    /// 2 * `bytes` lower-case hex digits.
    std::string hex(std::size_t bytes);
    std::string bytes(std::size_t count);
    /// `count` characters drawn uniformly from `alphabet` (1 to 256 characters).
    std::string characters(std::string_view alphabet, std::size_t count);
    /// Random (version 4) and time-ordered (version 7) UUIDs, lower case with hyphens.
    std::string uuid4();
    std::string uuid7(Instant at);
    /// 26 characters of Crockford's base 32, ordered by time.
    std::string ulid(Instant at);
};

/// The operating system's generator, buffered.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::byte> out) override;
};

/// The same bytes for the same seed. Not for secrets.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed);
    void fill(std::span<std::byte> out) override;

  private:
    std::mutex mutex_;
    std::uint64_t state_[4];  // xoshiro256**; protected by mutex_
};

}  // namespace base
