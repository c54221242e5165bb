#include "stratus/services/sqs/receipt.h"

#include <bit>

#include "base/encoding.h"
#include "stratus/services/sqs/codec.h"

namespace stratus::sqs {

namespace {

struct SipState {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void absorb(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return word;
}

constexpr std::size_t plain_bytes = 24;
constexpr std::size_t sealed_bytes = 32;

}  // namespace

std::uint64_t siphash(const std::array<std::uint64_t, 2>& key, std::string_view text) {
    SipState state{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
                   key[1] ^ 0x7465646279746573};
    const std::uint64_t length = text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) state.absorb(little_endian(text.substr(0, 8)));
    state.absorb(little_endian(text) | (length << 56));
    state.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::string ReceiptSealer::seal(const Receipt& receipt) const {
    std::string bytes;
    Writer writer(bytes);
    writer.u64(receipt.queue);
    writer.u64(receipt.number);
    writer.u64(receipt.stamp);
    writer.u64(siphash(key_, bytes));
    return base::base64_encode(bytes);
}

std::optional<Receipt> ReceiptSealer::open(std::string_view handle) const {
    const auto bytes = base::base64_decode(handle);
    if (!bytes.ok() || bytes.value().size() != sealed_bytes) return std::nullopt;
    Reader reader(bytes.value());
    Receipt receipt;
    receipt.queue = reader.u64();
    receipt.number = reader.u64();
    receipt.stamp = reader.u64();
    const std::uint64_t expected = siphash(key_, std::string_view(bytes.value()).substr(0, plain_bytes));
    if (reader.u64() != expected) return std::nullopt;
    return receipt;
}

}  // namespace stratus::sqs
