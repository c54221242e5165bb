#include "cubed/attribution/rake.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cubed::attribution {
namespace {

// The day-by-channel report stands on both margins: days must hold their conversions, channels their model's
// credit.
TEST(Rake, FitsBothMargins) {
    std::mt19937 random(2);
    const std::size_t rows = 30, columns = 9;
    std::vector<double> table(rows * columns), row_sums(rows, 0.0), column_sums(columns, 0.0);
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
            const double target = random() % 100;
            row_sums[r] += target;
            column_sums[c] += target;
            table[r * columns + c] = 1 + random() % 50;
        }
    }
    rake(table, row_sums, column_sums);
    for (std::size_t r = 0; r < rows; ++r) {
        double sum = 0;
        for (std::size_t c = 0; c < columns; ++c) sum += table[r * columns + c];
        EXPECT_NEAR(sum, row_sums[r], 1e-6);
    }
    for (std::size_t c = 0; c < columns; ++c) {
        double sum = 0;
        for (std::size_t r = 0; r < rows; ++r) sum += table[r * columns + c];
        EXPECT_NEAR(sum, column_sums[c], 1e-4);
    }
}

// A day without conversions, and a channel without credit, must come out as zeros, not as NaN.
TEST(Rake, ZeroSumsGiveZeros) {
    std::vector<double> table = {1, 1, 1, 1};
    rake(table, std::vector<double>{0, 5}, std::vector<double>{5, 0});
    EXPECT_EQ(table, (std::vector<double>{0, 0, 5, 0}));
}

}  // namespace
}  // namespace cubed::attribution
