// A segmented append log: what SQS keeps its messages in and the collector spools hits to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace base {

/// Appends records to segment files; one writer thread gathers what has been appended meanwhile and makes it
/// durable with one write and one fdatasync. Thread-safe. A record is on disk whole or not at all: a CRC
/// guards each, and a torn tail after a crash is cut at open. A failed write (a full disk) fails that group's
/// waiters, cuts what was partly written, and the log goes on.
class DurableLog {
  public:
    struct Options {
        std::filesystem::path directory;  ///< made when missing
        std::uint64_t segment_bytes = 64 * 1024 * 1024;
        std::uint64_t bytes_max = 0;  ///< of all segments; 0 = no limit
    };

    /// Where a record is. Ordered as the records are.
    struct Position {
        std::uint64_t segment = 0;
        std::uint32_t offset = 0;
        friend auto operator<=>(const Position&, const Position&) = default;
    };

    struct Appended {
        std::uint64_t sequence = 0;  ///< 1, 2, 3 ... since open; what the durable_* functions speak of
        Position position;
    };

    using Replay = std::function<Result<Unit>(Position, std::span<const std::byte>)>;
    using Callback = std::function<void(Result<Unit>)>;

    /// Calls `replay` for every whole record, oldest first, then starts the writer. A damaged record before
    /// the tail of the last segment is FailureKind::corrupt: nothing acknowledged is dropped in silence.
    static Result<std::unique_ptr<DurableLog>> open(Options options, Replay replay);
    /// Writes out what was appended, then stops; callbacks run before it returns.
    virtual ~DurableLog() = default;

    /// Queues a record; never waits for the disk. no_space when over bytes_max or when too much is waiting
    /// for the disk; invalid when the record is larger than a segment can hold.
    virtual Result<Appended> append(std::span<const std::byte> record) = 0;
    Result<Appended> append(std::string_view record) { return append(std::as_bytes(std::span(record))); }

    /// Every sequence up to this one has been settled: written durably, or failed and reported so.
    virtual std::uint64_t durable_sequence() const = 0;
    /// Blocks until the sequence is settled; its failure when its group could not be written.
    virtual Result<Unit> wait_durable(std::uint64_t sequence) = 0;
    /// `callback` runs once: from the writer thread, in order of sequence, or inline when already settled. It
    /// must be short and must not block.
    virtual void when_durable(std::uint64_t sequence, Callback callback) = 0;

    /// The record at a position that append() or replay gave, also when it is not on disk yet.
    virtual Result<std::string> read(Position position) = 0;

    /// Removes whole segments with smaller numbers; the active one always stays.
    virtual Result<Unit> remove_segments_before(std::uint64_t segment) = 0;
    virtual std::uint64_t first_segment() const = 0;
    virtual std::uint64_t active_segment() const = 0;
    /// Bytes of all segments, those waiting for the disk included.
    virtual std::uint64_t bytes() const = 0;
};

}  // namespace base
