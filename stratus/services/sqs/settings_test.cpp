#include "stratus/services/sqs/settings.h"

#include <gtest/gtest.h>

#include "stratus/services/sqs/contents.h"

namespace stratus::sqs {
namespace {

// Characters are looked at eight at a time; a bad one must be found at every place of a word, and good ones
// passed.
TEST(Contents, ABadCharacterIsFoundAnywhere) {
    for (std::size_t length = 0; length < 40; ++length) {
        EXPECT_TRUE(has_valid_characters(std::string(length, 'x')));
        for (std::size_t at = 0; at < length; ++at) {
            for (const char bad : {'\x00', '\x01', '\x1f', '\x0b', '\xff', '\x80'}) {
                std::string text(length, 'x');
                text[at] = bad;
                EXPECT_FALSE(has_valid_characters(text)) << length << " " << at;
            }
            for (const char* good : {"\t", "\n", "\r", " ", "~", "\x7f", "\u00e9", "\U0001d11e"}) {
                std::string text(length, 'x');
                text.insert(at, good);
                EXPECT_TRUE(has_valid_characters(text)) << length << " " << at;
            }
        }
    }
    EXPECT_FALSE(has_valid_characters("\xef\xbf\xbf")) << "U+FFFF";
    EXPECT_FALSE(has_valid_characters("\xed\xa0\x80")) << "a surrogate";
}

// One attribute at a time is how tools change them; the rest must stay, and empty values must remove.
TEST(Settings, ChangesKeepTheRest) {
    const auto made = changed_attributes({}, {{"DelaySeconds", "5"}, {"Policy", "{}"}}, "q").value();
    const auto changed = changed_attributes(made, {{"VisibilityTimeout", "0"}, {"Policy", ""}}, "q").value();
    EXPECT_EQ(changed, (Attributes{{"DelaySeconds", "5"}, {"VisibilityTimeout", "0"}}));
    EXPECT_EQ(settings_of(changed, "q").rules.delay, std::chrono::seconds(5));
    EXPECT_EQ(with_defaults(changed, "q").at("MessageRetentionPeriod"), "345600");
    EXPECT_FALSE(with_defaults(changed, "q").contains("FifoQueue"));
    EXPECT_EQ(with_defaults({}, "q.fifo").at("FifoThroughputLimit"), "perQueue");
}

}  // namespace
}  // namespace stratus::sqs
