#include "base/crypto.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"

namespace base {
namespace {

// Known answers: a wrong digest would fail every client's own check.
TEST(Crypto, DigestsMatchKnownAnswers) {
    EXPECT_EQ(hex_encode(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex_encode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex_encode(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4231 test case 2, and an empty key after it: state must not leak from call to call.
TEST(Crypto, HmacMatchesTheRfc) {
    const char* expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")), expected);
    EXPECT_EQ(hex_encode(hmac_sha256("", "")),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")), expected);
}

// The check values of the CRC catalogue, over "123456789".
TEST(Crypto, ChecksumsMatchTheCatalogue) {
    EXPECT_EQ(crc32("123456789"), 0xcbf43926u);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
    EXPECT_EQ(crc64nvme("123456789"), 0xae8b14860a799888u);
}

// Streams arrive in pieces of any size; the pieces must not matter.
TEST(Crypto, PiecesGiveTheSameDigestAsTheWhole) {
    SeededRandom random(1);
    const std::string data = random.bytes(1000);
    const std::pair<DigestKind, std::string> expected[] = {
        {DigestKind::md5, md5(data)},
        {DigestKind::sha1, sha1(data)},
        {DigestKind::sha256, sha256(data)},
    };
    for (const auto& [kind, whole] : expected) {
        Digest digest(kind);
        for (std::size_t at = 0; at < data.size(); at += 7)
            digest.update(std::string_view(data).substr(at, 7));
        EXPECT_EQ(digest.finish(), whole);
    }
    for (std::size_t cut = 0; cut < 40; ++cut) {
        const std::string_view head = std::string_view(data).substr(0, cut);
        const std::string_view tail = std::string_view(data).substr(cut);
        EXPECT_EQ(crc32_extend(crc32(head), tail), crc32(data));
        EXPECT_EQ(crc32c_extend(crc32c(head), tail), crc32c(data));
        EXPECT_EQ(crc64nvme_extend(crc64nvme(head), tail), crc64nvme(data));
    }
    Digest checksum(DigestKind::crc32c);
    checksum.update("123456789");
    EXPECT_EQ(hex_encode(checksum.finish()), "e3069283");
}

// A sealed secret must not open when a single bit of it, its key, its nonce or its context differs.
TEST(Crypto, ASealedBoxOpensOnlyUnaltered) {
    SeededRandom random(2);
    const std::string key = random.bytes(32);
    const std::string nonce = random.bytes(12);
    const std::string sealed = aes256gcm_seal(key, nonce, "secret", "context");
    EXPECT_EQ(aes256gcm_open(key, nonce, sealed, "context").value(), "secret");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string altered = sealed;
        altered[i] ^= 1;
        EXPECT_FALSE(aes256gcm_open(key, nonce, altered, "context").ok());
    }
    EXPECT_FALSE(aes256gcm_open(key, nonce, sealed, "contexT").ok());
    EXPECT_FALSE(aes256gcm_open(random.bytes(32), nonce, sealed, "context").ok());
    EXPECT_FALSE(aes256gcm_open(key, random.bytes(12), sealed, "context").ok());
    EXPECT_FALSE(aes256gcm_open(key, nonce, "short", "context").ok());
    EXPECT_EQ(aes256gcm_open(key, nonce, aes256gcm_seal(key, nonce, "", ""), "").value(), "");
}

// Unequal lengths are unequal, not an out-of-bounds read.
TEST(Crypto, ConstantTimeEqualComparesLengths) {
    EXPECT_TRUE(constant_time_equal("abc", "abc"));
    EXPECT_FALSE(constant_time_equal("abc", "abd"));
    EXPECT_FALSE(constant_time_equal("abc", "abcd"));
}

}  // namespace
}  // namespace base
