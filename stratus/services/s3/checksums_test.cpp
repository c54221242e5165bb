#include "stratus/services/s3/checksums.h"

#include <random>

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace stratus::s3 {
namespace {

std::string digest(const ChecksumAlgorithm& algorithm, std::string_view bytes) {
    base::Digest digest(algorithm.kind);
    digest.update(bytes);
    return digest.finish();
}

// A multipart upload's full-object checksum is made from its parts' without reading a byte: it must be what a
// client computes over the whole file. Against the digest of the whole, for random cuts.
TEST(Checksums, CombinedIsTheChecksumOfTheWhole) {
    std::mt19937 random(7);
    for (const char* name : {"CRC32", "CRC32C", "CRC64NVME"}) {
        const ChecksumAlgorithm& algorithm = *find_algorithm(name);
        for (int round = 0; round < 50; ++round) {
            std::string whole;
            std::vector<PartChecksum> parts;
            for (std::size_t count = 1 + random() % 5; count > 0; --count) {
                std::string part(random() % 3000, '\0');
                for (char& c : part) c = static_cast<char>(random());
                parts.push_back({digest(algorithm, part), part.size()});
                whole += part;
            }
            EXPECT_EQ(combined_checksum(algorithm, parts), base::base64_encode(digest(algorithm, whole)))
                << name << " round " << round;
        }
    }
}

// The published check values ("123456789") pin the polynomials and the byte order on the wire.
TEST(Checksums, CheckValues) {
    const auto value = [](const char* name) {
        return base::hex_encode(digest(*find_algorithm(name), "123456789"));
    };
    EXPECT_EQ(value("CRC32"), "cbf43926");
    EXPECT_EQ(value("crc32c"), "e3069283");
    EXPECT_EQ(value("CRC64NVME"), "ae8b14860a799888");
}

struct Members {
    std::optional<std::string> checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1,
        checksum_sha256;
};

TEST(Checksums, OneWellFormedValueAtMost) {
    Members in;
    EXPECT_FALSE(given_checksum(in).value());
    in.checksum_crc32 = "y/Q5Jg==";
    EXPECT_EQ(given_checksum(in).value()->algorithm->name, "CRC32");
    in.checksum_sha1 = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    EXPECT_EQ(given_checksum(in).error().code, "InvalidRequest");
    for (const char* bad : {"", "y/Q5", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}) {
        EXPECT_EQ(given_checksum(Members{.checksum_crc32 = bad, .checksum_sha1 = {}}).error().code,
                  "InvalidRequest");
    }
}

// Composite: the digest of the digests, with the number of parts behind it.
TEST(Checksums, Composite) {
    const ChecksumAlgorithm& sha256 = *find_algorithm("SHA256");
    const std::string a = digest(sha256, "a"), b = digest(sha256, "b");
    EXPECT_EQ(composite_checksum(sha256, {{a, 1}, {b, 1}}),
              base::base64_encode(digest(sha256, a + b)) + "-2");
}

}  // namespace
}  // namespace stratus::s3
