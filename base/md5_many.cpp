#include "base/md5_many.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/crypto.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace base {

#if defined(__x86_64__)

namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t block_bytes = 64;

/// RFC 1321: floor(2^32 * abs(sin(i + 1))), and the rotations of each round.
constexpr std::array<std::uint32_t, 64> sines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::uint8_t rotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

using State = std::array<std::array<std::uint32_t, lanes>, 4>;
using Blocks = std::array<const unsigned char*, lanes>;

/// Word w of every lane's block, for eight words from `first` on.
__attribute__((target("avx2"))) inline void transpose(const Blocks& blocks, std::size_t offset,
                                                      __m256i* words) {
    __m256i row[lanes], pair[lanes], quad[lanes];
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        row[lane] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(blocks[lane] + offset));
    }
    for (std::size_t i = 0; i < lanes; i += 2) {
        pair[i] = _mm256_unpacklo_epi32(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_epi32(row[i], row[i + 1]);
    }
    for (std::size_t i = 0; i < lanes; i += 4) {
        quad[i] = _mm256_unpacklo_epi64(pair[i], pair[i + 2]);
        quad[i + 1] = _mm256_unpackhi_epi64(pair[i], pair[i + 2]);
        quad[i + 2] = _mm256_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        quad[i + 3] = _mm256_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
        words[i] = _mm256_permute2x128_si256(quad[i], quad[i + 4], 0x20);
        words[i + 4] = _mm256_permute2x128_si256(quad[i], quad[i + 4], 0x31);
    }
}

template <int Step>
__attribute__((target("avx2"), always_inline)) inline void md5_step(__m256i& a, __m256i b, __m256i c,
                                                                    __m256i d, const __m256i* words) {
    constexpr int round = Step / 16;
    constexpr int word = round == 0   ? Step
                         : round == 1 ? (5 * Step + 1) % 16
                         : round == 2 ? (3 * Step + 5) % 16
                                      : (7 * Step) % 16;
    constexpr int rotation = rotations[round][Step % 4];
    __m256i mixed;
    if constexpr (round == 0) mixed = _mm256_xor_si256(d, _mm256_and_si256(b, _mm256_xor_si256(c, d)));
    if constexpr (round == 1) mixed = _mm256_xor_si256(c, _mm256_and_si256(d, _mm256_xor_si256(b, c)));
    if constexpr (round == 2) mixed = _mm256_xor_si256(b, _mm256_xor_si256(c, d));
    if constexpr (round == 3) {
        mixed = _mm256_xor_si256(c, _mm256_or_si256(b, _mm256_xor_si256(d, _mm256_set1_epi32(-1))));
    }
    const __m256i added = _mm256_add_epi32(words[word], _mm256_set1_epi32(static_cast<int>(sines[Step])));
    a = _mm256_add_epi32(_mm256_add_epi32(a, mixed), added);
    a = _mm256_or_si256(_mm256_slli_epi32(a, rotation), _mm256_srli_epi32(a, 32 - rotation));
    a = _mm256_add_epi32(a, b);
}

template <int Step>
__attribute__((target("avx2"), always_inline)) inline void md5_steps(__m256i& a, __m256i& b, __m256i& c,
                                                                     __m256i& d, const __m256i* words) {
    if constexpr (Step < 64) {
        md5_step<Step>(a, b, c, d, words);
        md5_step<Step + 1>(d, a, b, c, words);
        md5_step<Step + 2>(c, d, a, b, words);
        md5_step<Step + 3>(b, c, d, a, words);
        md5_steps<Step + 4>(a, b, c, d, words);
    }
}

/// `count` blocks of every lane.
__attribute__((target("avx2"))) void md5_blocks(State& state, Blocks blocks, std::size_t count) {
    const auto load = [&](int i) __attribute__((target("avx2"))) {
        return _mm256_loadu_si256(
            reinterpret_cast<const __m256i*>(state[static_cast<std::size_t>(i)].data()));
    };
    __m256i a = load(0), b = load(1), c = load(2), d = load(3);
    for (; count > 0; --count) {
        __m256i words[16];
        transpose(blocks, 0, words);
        transpose(blocks, 32, words + 8);
        const __m256i before[4] = {a, b, c, d};
        md5_steps<0>(a, b, c, d, words);
        a = _mm256_add_epi32(a, before[0]);
        b = _mm256_add_epi32(b, before[1]);
        c = _mm256_add_epi32(c, before[2]);
        d = _mm256_add_epi32(d, before[3]);
        for (auto& block : blocks) block += block_bytes;
    }
    const __m256i after[4] = {a, b, c, d};
    for (std::size_t i = 0; i < 4; ++i) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(state[i].data()), after[i]);
    }
}

/// One text on its way through a lane: its whole blocks, then its padded end.
struct Lane {
    std::size_t text = 0;
    bool busy = false;
    const unsigned char* at = nullptr;
    std::size_t blocks = 0;  // left of what `at` points to
    bool at_tail = false;
    std::array<unsigned char, 2 * block_bytes> tail{};
    std::size_t tail_blocks = 0;

    void begin(std::size_t index, std::string_view bytes) {
        text = index;
        busy = true;
        at_tail = false;
        at = reinterpret_cast<const unsigned char*>(bytes.data());
        blocks = bytes.size() / block_bytes;
        const std::size_t rest = bytes.size() % block_bytes;
        tail.fill(0);
        if (rest > 0) std::memcpy(tail.data(), bytes.data() + bytes.size() - rest, rest);
        tail[rest] = 0x80;
        tail_blocks = rest < block_bytes - 8 ? 1 : 2;
        const std::uint64_t bits = static_cast<std::uint64_t>(bytes.size()) * 8;
        std::memcpy(tail.data() + tail_blocks * block_bytes - 8, &bits, 8);
        if (blocks == 0) turn_to_tail();
    }
    void turn_to_tail() {
        at_tail = true;
        at = tail.data();
        blocks = tail_blocks;
    }
};

std::vector<std::string> md5_in_lanes(std::span<const std::string_view> texts) {
    static constexpr std::uint32_t initial[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    std::vector<std::string> digests(texts.size());
    std::array<Lane, lanes> lane;
    State state{};
    std::size_t next = 0;
    const auto start = [&](std::size_t l) {
        lane[l].busy = false;
        if (next == texts.size()) return;
        for (std::size_t i = 0; i < 4; ++i) state[i][l] = initial[i];
        lane[l].begin(next, texts[next]);
        ++next;
    };
    for (std::size_t l = 0; l < lanes; ++l) start(l);
    for (;;) {
        std::size_t count = SIZE_MAX;
        std::size_t any = lanes;
        for (std::size_t l = 0; l < lanes; ++l) {
            if (!lane[l].busy || lane[l].blocks >= count) continue;
            count = lane[l].blocks;
            any = l;
        }
        if (any == lanes) return digests;
        Blocks blocks{};
        for (std::size_t l = 0; l < lanes; ++l)
            blocks[l] = lane[lane[l].busy ? l : any].at;  // idle: whatever is there
        md5_blocks(state, blocks, count);
        for (std::size_t l = 0; l < lanes; ++l) {
            if (!lane[l].busy) continue;
            lane[l].at += count * block_bytes;
            lane[l].blocks -= count;
            if (lane[l].blocks > 0) continue;
            if (!lane[l].at_tail) {
                lane[l].turn_to_tail();
                continue;
            }
            std::string& digest = digests[lane[l].text];
            digest.resize(16);
            for (std::size_t i = 0; i < 4; ++i) std::memcpy(digest.data() + 4 * i, &state[i][l], 4);
            start(l);
        }
    }
}

}  // namespace

#endif

std::vector<std::string> md5_many(std::span<const std::string_view> texts) {
#if defined(__x86_64__)
    static_assert(std::endian::native == std::endian::little);
    static const bool has_lanes = __builtin_cpu_supports("avx2") != 0;
    if (has_lanes && texts.size() > 1) return md5_in_lanes(texts);
#endif
    std::vector<std::string> digests;
    for (const std::string_view text : texts) digests.push_back(md5(text));
    return digests;
}

}  // namespace base
