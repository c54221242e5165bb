// The Range header of GET and HEAD, and x-amz-copy-source-range. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace stratus::s3 {

struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};
struct WholeObject {
    friend bool operator==(const WholeObject&, const WholeObject&) = default;
};
struct Unsatisfiable {
    friend bool operator==(const Unsatisfiable&, const Unsatisfiable&) = default;
};
using RangeVerdict = std::variant<WholeObject, ByteRange, Unsatisfiable>;

/// S3 serves one range. Anything that is not one well-formed byte range (another unit, several ranges, the
/// ends swapped) is as if it were not there, and the whole object is sent; one that begins behind the end is
/// unsatisfiable.
RangeVerdict resolve_range(std::string_view header, std::uint64_t size);

/// "bytes=first-last", both given, as UploadPartCopy wants it; nothing for any other form. The caller checks
/// it against the size.
std::optional<ByteRange> parse_copy_range(std::string_view text);

/// "bytes first-last/size".
std::string content_range(const ByteRange& range, std::uint64_t size);

}  // namespace stratus::s3
