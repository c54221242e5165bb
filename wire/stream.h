// Bodies that never sit whole in memory: what a handler reads (BodyReader) and what it answers (BodySource).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "wire/error.h"

namespace base {
class Fd;
}

namespace wire {

/// A body as it arrives. One reader, one thread at a time. What it yields is the object itself: aws-chunked
/// framing is gone, and a wrong signature or checksum is an error of read(), at the latest in place of the
/// end.
class BodyReader {
  public:
    virtual ~BodyReader() = default;
    /// Fills some of `into`, waiting for at least one byte; 0 means the end, reached and verified.
    virtual Outcome<std::size_t> read(std::span<std::byte> into) = 0;
    /// How many bytes there are in all, where the sender said so.
    virtual std::optional<std::uint64_t> length() const = 0;
    /// A trailing header (aws-chunked trailers: x-amz-checksum-*), known once read() gave 0.
    virtual std::optional<std::string> trailer(const std::string& lower_case_name) const {
        (void)lower_case_name;
        return std::nullopt;
    }
};

/// A reader over bytes in memory, for tests and small bodies.
std::shared_ptr<BodyReader> reader_of(std::string bytes);

/// Reads to the end; fails with 413 beyond `limit_bytes`.
Outcome<std::string> read_all(BodyReader& reader, std::size_t limit_bytes);

/// Part of an open file, sent from the page cache.
struct FileRange {
    std::shared_ptr<base::Fd> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// The body of an answer: bytes, part of a file, or a reader (which then must know its length).
struct BodySource {
    std::variant<std::string, FileRange, std::shared_ptr<BodyReader>> from;

    BodySource() = default;
    BodySource(std::string bytes) : from(std::move(bytes)) {}                    // NOLINT: implicit
    BodySource(FileRange range) : from(std::move(range)) {}                      // NOLINT: implicit
    BodySource(std::shared_ptr<BodyReader> reader) : from(std::move(reader)) {}  // NOLINT: implicit
};

/// How many bytes the source will give, where that is known.
std::optional<std::uint64_t> length_of(const BodySource& source);

}  // namespace wire
