// Digests, MACs, checksums and sealed boxes over OpenSSL. One-shot functions return raw bytes (hex_encode
// them for the wire). Hashers are single-threaded values; functions are thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

std::string sha256(std::string_view data);  ///< 32 bytes
std::string sha1(std::string_view data);    ///< 20 bytes
std::string md5(std::string_view data);     ///< 16 bytes
std::string hmac_sha256(std::string_view key, std::string_view data);
std::uint32_t crc32(std::string_view data);      ///< zlib's polynomial
std::uint32_t crc32c(std::string_view data);     ///< Castagnoli
std::uint64_t crc64nvme(std::string_view data);  ///< as S3's x-amz-checksum-crc64nvme

enum class DigestKind { md5, sha1, sha256, crc32, crc32c, crc64nvme };

/// An incremental digest. finish() may be called once; checksums come out big-endian, as S3 sends them.
class Digest {
  public:
    explicit Digest(DigestKind kind);
    ~Digest();
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;

    void update(std::string_view data);
    std::string finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// Continue a checksum: `crc32c_extend(crc32c(a), b) == crc32c(a + b)`.
std::uint32_t crc32_extend(std::uint32_t crc, std::string_view data);
std::uint32_t crc32c_extend(std::uint32_t crc, std::string_view data);
std::uint64_t crc64nvme_extend(std::uint64_t crc, std::string_view data);

/// AES-256-GCM. `key` is 32 bytes, `nonce` 12 bytes and never used twice with one key. The sealed form is
/// ciphertext followed by the 16-byte tag. Opening fails with FailureKind::corrupt when anything was altered.
std::string aes256gcm_seal(std::string_view key, std::string_view nonce, std::string_view plain,
                           std::string_view associated);
Result<std::string> aes256gcm_open(std::string_view key, std::string_view nonce, std::string_view sealed,
                                   std::string_view associated);

/// Takes the same time wherever the first difference is; different lengths are unequal.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace base
