// The CRCs of crypto.h: slicing by eight for any reflected polynomial, and the processor's own instruction
// for CRC-32C where it has one.
#include <array>
#include <bit>
#include <cstring>

#include "base/crypto.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace base {

namespace {

static_assert(std::endian::native == std::endian::little, "the slices are read in little-endian order");

template <class Word>
using Tables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr Tables<Word> make_tables(Word reflected_polynomial) {
    Tables<Word> tables{};
    for (unsigned i = 0; i < 256; ++i) {
        Word crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ reflected_polynomial : crc >> 1;
        tables[0][i] = crc;
    }
    for (unsigned i = 0; i < 256; ++i) {
        for (int slice = 1; slice < 8; ++slice) {
            const Word before = tables[slice - 1][i];
            tables[slice][i] = before >> 8 ^ tables[0][before & 0xff];
        }
    }
    return tables;
}

constexpr auto tables_crc32 = make_tables<std::uint32_t>(0xedb88320u);
constexpr auto tables_crc32c = make_tables<std::uint32_t>(0x82f63b78u);
constexpr auto tables_crc64nvme = make_tables<std::uint64_t>(0x9a6c9329ac4bc9b5u);

template <class Word>
Word extend(const Tables<Word>& tables, Word crc, std::string_view data) {
    crc = ~crc;
    const char* at = data.data();
    std::size_t left = data.size();
    for (; left >= 8; at += 8, left -= 8) {
        std::uint64_t block;
        std::memcpy(&block, at, 8);
        block ^= crc;
        crc = 0;
        for (int slice = 0; slice < 8; ++slice) crc ^= tables[7 - slice][block >> (8 * slice) & 0xff];
    }
    for (; left > 0; ++at, --left) {
        crc = crc >> 8 ^ tables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xff];
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t extend_crc32c_sse(std::uint32_t crc, std::string_view data) {
    std::uint64_t state = ~crc;
    const char* at = data.data();
    std::size_t left = data.size();
    for (; left >= 8; at += 8, left -= 8) {
        std::uint64_t block;
        std::memcpy(&block, at, 8);
        state = _mm_crc32_u64(state, block);
    }
    auto narrow = static_cast<std::uint32_t>(state);
    for (; left > 0; ++at, --left) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*at));
    return ~narrow;
}
#endif

}  // namespace

std::uint32_t crc32_extend(std::uint32_t crc, std::string_view data) {
    return extend(tables_crc32, crc, data);
}

std::uint32_t crc32c_extend(std::uint32_t crc, std::string_view data) {
#if defined(__x86_64__)
    static const bool has_instruction = __builtin_cpu_supports("sse4.2");
    if (has_instruction) return extend_crc32c_sse(crc, data);
#endif
    return extend(tables_crc32c, crc, data);
}

std::uint64_t crc64nvme_extend(std::uint64_t crc, std::string_view data) {
    return extend(tables_crc64nvme, crc, data);
}

std::uint32_t crc32(std::string_view data) {
    return crc32_extend(0, data);
}
std::uint32_t crc32c(std::string_view data) {
    return crc32c_extend(0, data);
}
std::uint64_t crc64nvme(std::string_view data) {
    return crc64nvme_extend(0, data);
}

}  // namespace base
