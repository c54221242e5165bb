// BlobPack: one file that many small blobs share. Private to blob_store.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/result.h"

namespace stratus {

/// Thread-safe. Blobs begin at multiples of `alignment` (a file system block), so that the space of a dead
/// one can be given back by punching a hole. Space is handed out by the owner under its own lock.
class BlobPack {
  public:
    static constexpr std::uint64_t alignment = 4096;
    static constexpr std::uint64_t round_up(std::uint64_t bytes) {
        return (bytes + alignment - 1) / alignment * alignment;
    }

    BlobPack(std::uint64_t number, base::Fd file) : number(number), file(std::move(file)) {}

    /// Waits until everything written before this call is on disk. Callers share fsyncs: while one is under
    /// way the others gather, and one of them does the next for all. After a failure every later call fails
    /// too: the kernel forgets which pages it could not write.
    base::Result<base::Unit> sync();

    const std::uint64_t number;
    base::Fd file;
    std::uint64_t reserved = 0;  // owner's lock

  private:
    /// Everybody whose bytes the same fsync makes durable.
    struct Batch {
        std::condition_variable ended;
        bool done = false;
        std::optional<base::Failure> failure;
    };

    std::mutex mutex_;
    std::condition_variable idle_;  // no fsync is under way: for the one who does the next
    bool syncing_ = false;
    std::shared_ptr<Batch> gathering_;  // null: the next caller begins a batch, and does its fsync
    std::optional<base::Failure> failure_;
};

}  // namespace stratus
