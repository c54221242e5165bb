// The bytes of a durable log's segment, apart from any file: what is written, and how it is read back.
//
//   segment:  "STRATLOG" | u32 version | u32 crc of the twelve bytes before | record ...
//   record:   u32 length | u32 synced | u32 header crc | u32 payload crc | payload        (little-endian)
//
// `synced` is how much of the segment was already durable when the record was written: a damaged record below
// the `synced` of a later one is damage to acknowledged data, not the torn tail of a crash. The header crc
// covers the segment's number and the record's offset too, so that nothing is taken for a record where it was
// not put.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base::log_format {

inline constexpr std::uint32_t segment_header_bytes = 16;
inline constexpr std::uint32_t record_header_bytes = 16;

std::string segment_header();
void append_record(std::string& out, std::uint64_t segment, std::uint32_t offset, std::uint32_t synced,
                   std::string_view payload);

/// Pure; safe on any bytes.
struct ScanEnd {
    std::uint32_t good_bytes = 0;  ///< the segment up to here is whole records
    bool complete = false;         ///< good_bytes is all there is
    bool damaged = false;          ///< acknowledged data after good_bytes is lost; else a torn tail
};
using Visit = std::function<Result<Unit>(std::uint32_t offset, std::string_view payload)>;
Result<ScanEnd> scan_segment(std::uint64_t segment, std::string_view bytes, const Visit& visit);

/// The payload of the record that starts `bytes`, which lie at `offset` of the segment. corrupt otherwise.
Result<std::string_view> record_at(std::uint64_t segment, std::uint32_t offset, std::string_view bytes);
/// The payload's length, from a whole and checked record header.
Result<std::uint32_t> length_at(std::uint64_t segment, std::uint32_t offset, std::string_view header);

}  // namespace base::log_format
