// Iterative proportional fitting: a table with given sums of rows and columns, as near as possible to a given
// table.
#pragma once

#include <cstddef>
#include <span>

namespace cubed::attribution {

/// Scales the non-negative row-major `table` (row_sums.size() x column_sums.size()) until its rows and
/// columns sum to the given non-negative sums, whose totals must be equal (Deming and Stephan 1940). Rows
/// always fit when it returns; columns fit as well as zero cells allow. Used to spread a model's credits,
/// which are defined for a whole window, over days. Pure; at most 2,000 rounds of O(cells).
void rake(std::span<double> table, std::span<const double> row_sums, std::span<const double> column_sums);

}  // namespace cubed::attribution
