#include "base/encoding.h"

#include <gtest/gtest.h>

namespace base {
namespace {

// The vectors of RFC 4648 section 10: every padding length.
TEST(Encoding, Base64FollowsTheRfcVectors) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(base64_encode(plain), encoded);
        EXPECT_EQ(base64_decode(encoded).value(), plain);
    }
}

// A lenient decoder would let two texts stand for one blob; signatures and tokens must not allow that.
TEST(Encoding, Base64RefusesWhatIsNotCanonical) {
    for (const char* text :
         {"Zg", "Zg=", "Zg===", "Z===", "Zh==", "Zm9v\n", "Zm 9v", "=", "====", "Zg==Zg=="}) {
        EXPECT_FALSE(base64_decode(text).ok()) << text;
    }
}

// Tokens travel in URLs and file names: no '+', '/', '='.
TEST(Encoding, Base64UrlUsesItsOwnAlphabet) {
    const std::string bytes = "\xfb\xff\xfe";
    EXPECT_EQ(base64url_encode(bytes), "-__-");
    EXPECT_EQ(base64url_decode("-__-").value(), bytes);
    EXPECT_EQ(base64url_decode("Zg").value(), "f");
    EXPECT_EQ(base64url_decode("Zg==").value(), "f");
    EXPECT_FALSE(base64url_decode("+/").ok());
}

// All byte values survive every encoding.
TEST(Encoding, EveryByteComesBack) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(base64_decode(base64_encode(all)).value(), all);
    EXPECT_EQ(base64url_decode(base64url_encode(all)).value(), all);
    EXPECT_EQ(hex_decode(hex_encode(all)).value(), all);
    EXPECT_EQ(percent_decode(percent_encode(all)).value(), all);
}

// SigV4 signs this exact form; a wrong case or a skipped character is SignatureDoesNotMatch.
TEST(Encoding, PercentEncodingIsSigV4s) {
    EXPECT_EQ(percent_encode("a b/ü~*"), "a%20b%2F%C3%BC~%2A");
    EXPECT_EQ(percent_encode("a b/c", PercentSet::path), "a%20b/c");
    EXPECT_EQ(percent_decode("a%2fB+").value(), "a/B+");
    EXPECT_EQ(form_decode("a+b%2B").value(), "a b+");
    EXPECT_EQ(percent_decode("%41").value(), "A");
    for (const char* text : {"%", "%4", "a%", "%zz", "%4g"}) EXPECT_FALSE(percent_decode(text).ok()) << text;
}

// Hex digests from clients come in either case, and broken ones must not be read as something.
TEST(Encoding, HexIsStrict) {
    EXPECT_EQ(hex_decode("00fFA1").value(), std::string("\x00\xff\xa1", 3));
    EXPECT_FALSE(hex_decode("abc").ok());
    EXPECT_FALSE(hex_decode("0x").ok());
}

}  // namespace
}  // namespace base
