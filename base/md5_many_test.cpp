#include "base/md5_many.h"

#include <random>

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace base {
namespace {

// Lanes run in lockstep and are refilled: lengths around every padding border, in every company, must give
// what OpenSSL gives.
TEST(Md5Many, AgreesWithOpenSsl) {
    std::mt19937 random(11);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> texts(random() % 20);
        for (std::string& text : texts) {
            const std::size_t near[] = {0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 4096, random() % 70'000};
            text.resize(near[random() % std::size(near)]);
            for (char& c : text) c = static_cast<char>(random());
        }
        const std::vector<std::string_view> views(texts.begin(), texts.end());
        const auto digests = md5_many(views);
        ASSERT_EQ(digests.size(), texts.size());
        for (std::size_t i = 0; i < texts.size(); ++i)
            EXPECT_EQ(digests[i], md5(texts[i])) << texts[i].size();
    }
}

}  // namespace
}  // namespace base
