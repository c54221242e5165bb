// The checksums of S3: which one a request names, and what several parts' checksums make together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "stratus/services/s3/records.h"
#include "wire/error.h"

namespace stratus::s3 {

inline constexpr std::string_view full_object = "FULL_OBJECT";
inline constexpr std::string_view composite = "COMPOSITE";

struct ChecksumAlgorithm {
    std::string_view name;    ///< "CRC32C"
    std::string_view header;  ///< "x-amz-checksum-crc32c"
    base::DigestKind kind;
    std::size_t bytes;
    bool combines;  ///< the parts' values give the whole object's
};

std::string lower(std::string_view name);
/// By S3's name, in any case; null for one we do not know.
const ChecksumAlgorithm* find_algorithm(std::string_view name);

/// The checksum a request carries, of the generated types' checksum_* members (any struct that has them).
struct GivenChecksum {
    const ChecksumAlgorithm* algorithm = nullptr;
    std::string value;  ///< base64
};
wire::Outcome<std::optional<GivenChecksum>> pick_checksum(
    const std::vector<std::pair<std::string_view, const std::optional<std::string>*>>& members);

/// Fails on more than one, or one that cannot be a value of its algorithm.
template <class Request>
wire::Outcome<std::optional<GivenChecksum>> given_checksum(const Request& in) {
    return pick_checksum({{"CRC32", &in.checksum_crc32},
                          {"CRC32C", &in.checksum_crc32c},
                          {"CRC64NVME", &in.checksum_crc64nvme},
                          {"SHA1", &in.checksum_sha1},
                          {"SHA256", &in.checksum_sha256}});
}

/// Puts a stored checksum into the member of its algorithm.
template <class Output>
void show_checksum(const StoredChecksum& stored, Output& out) {
    if (stored.algorithm.empty()) return;
    if (stored.algorithm == "CRC32") out.checksum_crc32 = stored.value;
    if (stored.algorithm == "CRC32C") out.checksum_crc32c = stored.value;
    if (stored.algorithm == "CRC64NVME") out.checksum_crc64nvme = stored.value;
    if (stored.algorithm == "SHA1") out.checksum_sha1 = stored.value;
    if (stored.algorithm == "SHA256") out.checksum_sha256 = stored.value;
    if constexpr (requires { out.checksum_type; }) out.checksum_type = stored.type;
}

struct PartChecksum {
    std::string value;  ///< raw bytes
    std::uint64_t size = 0;
};
/// base64(digest(values)) + "-N".
std::string composite_checksum(const ChecksumAlgorithm& algorithm, const std::vector<PartChecksum>& parts);
/// The checksum of the parts one after the other, from their checksums alone. REQUIRES: algorithm.combines.
std::string combined_checksum(const ChecksumAlgorithm& algorithm, const std::vector<PartChecksum>& parts);

}  // namespace stratus::s3
