#include "stratus/services/s3/checksums.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"
#include "stratus/services/s3/errors.h"

namespace stratus::s3 {

namespace {

using base::DigestKind;

constexpr std::array<ChecksumAlgorithm, 5> algorithms{{
    {"CRC32", "x-amz-checksum-crc32", DigestKind::crc32, 4, true},
    {"CRC32C", "x-amz-checksum-crc32c", DigestKind::crc32c, 4, true},
    {"CRC64NVME", "x-amz-checksum-crc64nvme", DigestKind::crc64nvme, 8, true},
    {"SHA1", "x-amz-checksum-sha1", DigestKind::sha1, 20, false},
    {"SHA256", "x-amz-checksum-sha256", DigestKind::sha256, 32, false},
}};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return (x >= 'a' && x <= 'z' ? x - 32 : x) == (y >= 'a' && y <= 'z' ? y - 32 : y);
    });
}

/// A linear map of CRC registers: row i is the image of bit i.
using Matrix = std::array<std::uint64_t, 64>;

std::uint64_t image_of(const Matrix& matrix, std::uint64_t vector) {
    std::uint64_t image = 0;
    for (int bit = 0; vector != 0; vector >>= 1, ++bit) {
        if (vector & 1) image ^= matrix[static_cast<std::size_t>(bit)];
    }
    return image;
}

Matrix squared(const Matrix& matrix) {
    Matrix square{};
    for (std::size_t bit = 0; bit < 64; ++bit) square[bit] = image_of(matrix, matrix[bit]);
    return square;
}

/// The register after `bytes` zero bytes: the map of one zero bit, raised to 8 * bytes by squaring. CRCs with
/// equal initial and final inversion combine as shift(first, length of second) xor second.
std::uint64_t shifted(std::uint64_t crc, std::uint64_t polynomial, int width, std::uint64_t bytes) {
    Matrix one_bit{};
    one_bit[0] = polynomial;
    for (int bit = 1; bit < width; ++bit)
        one_bit[static_cast<std::size_t>(bit)] = std::uint64_t{1} << (bit - 1);
    Matrix step = squared(squared(squared(one_bit)));
    for (; bytes != 0; bytes >>= 1) {
        if (bytes & 1) crc = image_of(step, crc);
        step = squared(step);
    }
    return crc;
}

/// Reflected polynomials.
std::uint64_t polynomial_of(DigestKind kind) {
    switch (kind) {
        case DigestKind::crc32: return 0xedb88320;
        case DigestKind::crc32c: return 0x82f63b78;
        case DigestKind::crc64nvme: return 0x9a6c9329ac4bc9b5;
        default: return 0;
    }
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

}  // namespace

std::string lower(std::string_view name) {
    std::string text(name);
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
}

const ChecksumAlgorithm* find_algorithm(std::string_view name) {
    const auto found =
        std::find_if(algorithms.begin(), algorithms.end(),
                     [&](const ChecksumAlgorithm& known) { return equal_ignoring_case(known.name, name); });
    return found == algorithms.end() ? nullptr : &*found;
}

wire::Outcome<std::optional<GivenChecksum>> pick_checksum(
    const std::vector<std::pair<std::string_view, const std::optional<std::string>*>>& members) {
    std::optional<GivenChecksum> given;
    for (const auto& [name, value] : members) {
        if (!*value) continue;
        if (given) {
            return errors::invalid_request(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        }
        const ChecksumAlgorithm* algorithm = find_algorithm(name);
        auto raw = base::base64_decode(**value);
        if (!raw.ok() || raw->size() != algorithm->bytes) {
            return errors::invalid_request(fmt::format("Value for {} header is invalid.", algorithm->header));
        }
        given = GivenChecksum{algorithm, **value};
    }
    return given;
}

std::string composite_checksum(const ChecksumAlgorithm& algorithm, const std::vector<PartChecksum>& parts) {
    base::Digest digest(algorithm.kind);
    for (const PartChecksum& part : parts) digest.update(part.value);
    return fmt::format("{}-{}", base::base64_encode(digest.finish()), parts.size());
}

std::string combined_checksum(const ChecksumAlgorithm& algorithm, const std::vector<PartChecksum>& parts) {
    CHECK(algorithm.combines, "a cryptographic digest cannot be combined");
    const int width = static_cast<int>(algorithm.bytes * 8);
    std::uint64_t crc = 0;
    for (const PartChecksum& part : parts) {
        crc = shifted(crc, polynomial_of(algorithm.kind), width, part.size) ^ big_endian(part.value);
    }
    std::string bytes;
    for (int shift = width - 8; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(crc >> shift));
    return base::base64_encode(bytes);
}

}  // namespace stratus::s3
