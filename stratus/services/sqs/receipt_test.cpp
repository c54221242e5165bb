#include "stratus/services/sqs/receipt.h"

#include <gtest/gtest.h>

#include "stratus/services/sqs/digest.h"

namespace stratus::sqs {
namespace {

// The published vector of SipHash-2-4 (key 00..0f, input 00..0e): our own code must be the real function.
TEST(Receipt, SipHashMatchesItsPublishedVector) {
    std::string input;
    for (char c = 0; c < 15; ++c) input += c;
    EXPECT_EQ(siphash({0x0706050403020100, 0x0f0e0d0c0b0a0908}, input), 0xa129ca6149be45e5u);
}

// A forged or damaged handle must never reach somebody's message.
TEST(Receipt, OnlyUnchangedHandlesOpen) {
    const ReceiptSealer sealer({1, 2});
    const Receipt receipt{7, 8, 9};
    const std::string handle = sealer.seal(receipt);
    EXPECT_EQ(sealer.open(handle), receipt);
    EXPECT_FALSE(ReceiptSealer({1, 3}).open(handle));
    for (std::size_t i = 0; i < handle.size(); ++i) {
        std::string damaged = handle;
        damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
        const auto opened = sealer.open(damaged);
        EXPECT_TRUE(!opened || *opened == receipt) << i;
    }
    for (const char* junk : {"", "x", "AAAA", "\xff\xff", "not base64 at all"})
        EXPECT_FALSE(sealer.open(junk));
}

// Clients verify these digests; the expected values were computed by hand with Python's hashlib.
TEST(Digest, MatchesAwsAlgorithm) {
    EXPECT_EQ(md5_hex("hello"), "5d41402abc4b2a76b9719d911017c592");
    EXPECT_EQ(md5_of_attributes({}), "");
    const std::vector<MessageAttribute> attributes{{"b", "Binary", std::string("\0\1", 2), true},
                                                   {"a", "String", "x", false}};
    EXPECT_EQ(md5_of_attributes(attributes), "fa20e2def088daf7b14bc51e836c5547");
}

}  // namespace
}  // namespace stratus::sqs
