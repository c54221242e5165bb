#include "cubed/attribution/rake.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace cubed::attribution {

void rake(std::span<double> table, std::span<const double> row_sums, std::span<const double> column_sums) {
    const std::size_t rows = row_sums.size();
    const std::size_t columns = column_sums.size();
    CHECK(table.size() == rows * columns, "a row-major table");
    double total = 0;
    for (const double sum : row_sums) total += sum;
    for (int round = 0; round < 2000; ++round) {
        double worst = 0;
        for (std::size_t c = 0; c < columns; ++c) {
            double sum = 0;
            for (std::size_t r = 0; r < rows; ++r) sum += table[r * columns + c];
            worst = std::max(worst, std::abs(sum - column_sums[c]));
            const double scale = sum > 0 ? column_sums[c] / sum : 0;
            for (std::size_t r = 0; r < rows; ++r) table[r * columns + c] *= scale;
        }
        for (std::size_t r = 0; r < rows; ++r) {
            double sum = 0;
            for (std::size_t c = 0; c < columns; ++c) sum += table[r * columns + c];
            const double scale = sum > 0 ? row_sums[r] / sum : 0;
            for (std::size_t c = 0; c < columns; ++c) table[r * columns + c] *= scale;
        }
        if (round > 0 && worst <= 1e-9 * total) return;
    }
}

}  // namespace cubed::attribution
