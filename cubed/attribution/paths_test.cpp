#include "cubed/attribution/paths.h"

#include <gtest/gtest.h>

#include "cubed/attribution/random_paths.h"

namespace cubed::attribution {
namespace {

// Merging must lose nothing: all models read merged rows.
TEST(Paths, AggregateKeepsTotalsAndOrder) {
    const Paths paths = random_paths(1, 5000, 3, 4);
    std::vector<std::uint32_t> row_of;
    const Paths merged = aggregate(paths, &row_of);
    EXPECT_LE(merged.size(), 3u + 9 + 27 + 81);
    EXPECT_EQ(totals_of(merged).conversions, totals_of(paths).conversions);
    EXPECT_EQ(totals_of(merged).value, totals_of(paths).value);
    EXPECT_EQ(totals_of(merged).nulls, totals_of(paths).nulls);
    for (std::size_t row = 0; row < paths.size(); ++row) {
        EXPECT_TRUE(std::ranges::equal(merged.path(row_of[row]), paths.path(row)));
    }
    EXPECT_TRUE(std::ranges::equal(merged.path(0), paths.path(0)));
}

// The exchange format is what every other tool writes; its columns may come in any order, quoted or not.
TEST(Paths, ReadsTheExchangeFormat) {
    Dictionary dictionary;
    const auto paths = read_paths(
        "path,total_conversions,total_conversion_value,total_null\n"
        "\"eta > iota > eta\",2,10.5,3\r\n"
        "alpha,0,0,1\n",
        dictionary);
    ASSERT_TRUE(paths.ok());
    ASSERT_EQ(paths->size(), 2u);
    EXPECT_EQ(dictionary.names(), (std::vector<std::string>{"eta", "iota", "alpha"}));
    EXPECT_EQ(std::vector<Channel>(paths->path(0).begin(), paths->path(0).end()),
              (std::vector<Channel>{0, 1, 0}));
    EXPECT_EQ(paths->value[0], 10.5);
    EXPECT_EQ(paths->nulls[1], 1);
    EXPECT_EQ(paths->channel_count, 3u);
}

// A wrong count must not become a zero.
TEST(Paths, RefusesBrokenRowsByLine) {
    Dictionary dictionary;
    for (const char* row : {"a,x", "a,-1", "a,nan", "a,inf", "a", "a,1e999"}) {
        const auto paths = read_paths(std::string("path,total_conversions\na,1\n") + row + "\n", dictionary);
        ASSERT_FALSE(paths.ok()) << row;
        EXPECT_EQ(paths.error().what, "line 3");
    }
    EXPECT_FALSE(read_paths("", dictionary).ok());
}

}  // namespace
}  // namespace cubed::attribution
