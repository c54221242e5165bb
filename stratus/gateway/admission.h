// Admission: how much the gateway takes on at once, decided on a request's head alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace stratus {

/// Thread-safe. A request that is admitted holds a lease until its answer is on its way or its client is
/// gone; the lease gives back what it took when its last owner drops it. No lease may outlive its Admission.
class Admission {
  public:
    struct Options {
        std::uint64_t requests_max = 4096;                     ///< at once, parked ones too
        std::uint64_t buffered_bytes_max = 256 * 1024 * 1024;  ///< of bodies held in memory
        std::uint64_t streams_max = 64;                        ///< bodies that are streamed at once
    };
    using Lease = std::shared_ptr<void>;

    explicit Admission(Options options) : options_(options) {}

    /// Null when it would be too much. A body that is read whole costs twice its size (bytes and decoded
    /// form).
    Lease enter_buffered(std::uint64_t body_bytes);
    Lease enter_streamed();

    std::uint64_t requests() const { return requests_.load(); }
    std::uint64_t buffered_bytes() const { return buffered_bytes_.load(); }
    std::uint64_t refused() const { return refused_.load(); }

  private:
    static bool take(std::atomic<std::uint64_t>& from, std::uint64_t amount, std::uint64_t most);
    Lease refuse();

    const Options options_;
    std::atomic<std::uint64_t> requests_ = 0;
    std::atomic<std::uint64_t> buffered_bytes_ = 0;
    std::atomic<std::uint64_t> streams_ = 0;
    std::atomic<std::uint64_t> refused_ = 0;
};

}  // namespace stratus
