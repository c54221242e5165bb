#include "wire/body_digest.h"

#include <array>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"

namespace wire {
namespace {

struct Declared {
    std::string_view header;
    std::string_view name;
    base::DigestKind kind;
};

constexpr std::array<Declared, 6> declarations{{
    {"Content-MD5", "Content-MD5", base::DigestKind::md5},
    {"x-amz-checksum-crc32", "CRC32", base::DigestKind::crc32},
    {"x-amz-checksum-crc32c", "CRC32C", base::DigestKind::crc32c},
    {"x-amz-checksum-crc64nvme", "CRC64NVME", base::DigestKind::crc64nvme},
    {"x-amz-checksum-sha1", "SHA1", base::DigestKind::sha1},
    {"x-amz-checksum-sha256", "SHA256", base::DigestKind::sha256},
}};

Error malformed(const Declared& declared) {
    if (declared.kind == base::DigestKind::md5) {
        return {"InvalidDigest", "The Content-MD5 you specified was invalid.", 400};
    }
    return {"InvalidRequest", fmt::format("Value for {} header is invalid.", declared.header), 400};
}

}  // namespace

Outcome<base::Unit> check_body_digests(const Operation& operation, const net::Headers& headers,
                                       std::string_view body) {
    bool any = false;
    for (const Declared& declared : declarations) {
        const auto value = headers.find(declared.header);
        if (!value) continue;
        any = true;
        base::Digest digest(declared.kind);
        digest.update(body);
        const std::string computed = digest.finish();
        const auto given = base::base64_decode(*value);
        if (!given.ok() || given->size() != computed.size()) return malformed(declared);
        if (*given != computed) {
            return Error(
                "BadDigest",
                fmt::format("The {} you specified did not match the calculated checksum.", declared.name),
                400);
        }
    }
    if (any || !operation.checksum_required) return base::Unit{};
    return Error("InvalidRequest",
                 "Missing required header for this request: Content-MD5 OR x-amz-checksum-*", 400);
}

}  // namespace wire
