// Philox4x32-10: random numbers as a function of a key and a counter. The same visitor draws the same numbers
// whatever else is simulated, so that worlds with and without a channel differ by that channel alone.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace cubed::simulate {

/// Four 32-bit numbers of the counter under the key.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
        const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

/// One stream of one visitor. A value; cheap to make.
class Stream {
  public:
    /// `path` names the stream: what is drawn, for which touch.
    Stream(std::uint64_t seed, std::uint32_t visitor, std::uint64_t path)
        : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
          counter_{0, visitor, static_cast<std::uint32_t>(path), static_cast<std::uint32_t>(path >> 32)} {}

    std::uint32_t next() {
        if (used_ == 4) {
            block_ = philox(counter_, key_);
            ++counter_[0];
            used_ = 0;
        }
        return block_[used_++];
    }
    /// In (0, 1).
    double uniform() { return (next() + 0.5) * 0x1p-32; }
    double exponential() { return -std::log(uniform()); }
    double normal() {
        const double radius = std::sqrt(2 * exponential());
        return radius * std::cos(2 * std::numbers::pi * uniform());
    }
    std::uint32_t below(std::uint32_t limit) {
        return static_cast<std::uint32_t>((std::uint64_t{next()} * limit) >> 32);
    }

  private:
    std::array<std::uint32_t, 2> key_;
    std::array<std::uint32_t, 4> counter_;
    std::array<std::uint32_t, 4> block_{};
    unsigned used_ = 4;
};

}  // namespace cubed::simulate
