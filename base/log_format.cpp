#include "base/log_format.h"

#include <cstring>
#include <optional>

#include "base/crypto.h"

namespace base::log_format {

namespace {

constexpr std::string_view magic = "STRATLOG";
constexpr std::uint32_t version = 1;

void put32(std::string& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xff);
}

std::uint32_t get32(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

struct RecordHeader {
    std::uint32_t length, synced, payload_crc;
};

std::uint32_t header_crc(std::uint64_t segment, std::uint32_t offset, std::string_view length_and_synced) {
    std::string place;
    put32(place, static_cast<std::uint32_t>(segment));
    put32(place, static_cast<std::uint32_t>(segment >> 32));
    put32(place, offset);
    return crc32c_extend(crc32c(place), length_and_synced);
}

std::optional<RecordHeader> read_header(std::uint64_t segment, std::uint32_t offset, std::string_view bytes) {
    if (bytes.size() < record_header_bytes) return std::nullopt;
    const std::uint32_t length = get32(bytes, 0);
    if (length == 0 || header_crc(segment, offset, bytes.substr(0, 8)) != get32(bytes, 8))
        return std::nullopt;
    return RecordHeader{.length = length, .synced = get32(bytes, 4), .payload_crc = get32(bytes, 12)};
}

std::optional<std::string_view> read_record(std::uint64_t segment, std::uint32_t offset,
                                            std::string_view bytes) {
    const auto header = read_header(segment, offset, bytes);
    if (!header || bytes.size() - record_header_bytes < header->length) return std::nullopt;
    const std::string_view payload = bytes.substr(record_header_bytes, header->length);
    if (crc32c(payload) != header->payload_crc) return std::nullopt;
    return payload;
}

/// Whether a record after `from` says that the bytes at `from` had been durable.
bool was_acknowledged(std::uint64_t segment, std::string_view bytes, std::uint32_t from) {
    for (std::size_t at = from; at + record_header_bytes <= bytes.size(); ++at) {
        const auto header = read_header(segment, static_cast<std::uint32_t>(at), bytes.substr(at));
        if (header && header->synced > from) return true;
    }
    return false;
}

}  // namespace

std::string segment_header() {
    std::string out(magic);
    put32(out, version);
    put32(out, crc32c(out));
    return out;
}

void append_record(std::string& out, std::uint64_t segment, std::uint32_t offset, std::uint32_t synced,
                   std::string_view payload) {
    const std::size_t start = out.size();
    put32(out, static_cast<std::uint32_t>(payload.size()));
    put32(out, synced);
    const std::uint32_t crc = header_crc(segment, offset, std::string_view(out).substr(start, 8));
    put32(out, crc);
    put32(out, crc32c(payload));
    out += payload;
}

Result<ScanEnd> scan_segment(std::uint64_t segment, std::string_view bytes, const Visit& visit) {
    if (!bytes.starts_with(segment_header())) {
        return ScanEnd{.damaged = was_acknowledged(segment, bytes, 0)};
    }
    std::uint32_t at = segment_header_bytes;
    while (at < bytes.size()) {
        const auto payload = read_record(segment, at, bytes.substr(at));
        if (!payload) return ScanEnd{.good_bytes = at, .damaged = was_acknowledged(segment, bytes, at)};
        TRY(visit(at, *payload));
        at += record_header_bytes + static_cast<std::uint32_t>(payload->size());
    }
    return ScanEnd{.good_bytes = at, .complete = true};
}

Result<std::string_view> record_at(std::uint64_t segment, std::uint32_t offset, std::string_view bytes) {
    const auto payload = read_record(segment, offset, bytes);
    if (!payload) return Failure{FailureKind::corrupt, "no whole record at this place of the log"};
    return *payload;
}

Result<std::uint32_t> length_at(std::uint64_t segment, std::uint32_t offset, std::string_view header) {
    const auto read = read_header(segment, offset, header);
    if (!read) return Failure{FailureKind::corrupt, "no record header at this place of the log"};
    return read->length;
}

}  // namespace base::log_format
