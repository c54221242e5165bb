// Exact division of whole units (pence, ten-thousandths of a conversion) by real-valued shares.
//
// Reports add up because every figure in them is an integer that came out of these functions: the parts plus
// the rest always equal the total, to the unit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cubed::attribution {

struct Allocation {
    std::vector<std::int64_t> parts;  ///< same length as the shares
    std::int64_t rest = 0;            ///< the whole total when the shares are all zero, else 0
};

/// Largest-remainder division: part i is total * shares[i] / sum(shares) rounded down or up, and the parts
/// sum to `total`. Ties go to the lower index, so the result depends on nothing but the arguments. Shares are
/// finite; negative ones (a Shapley value can be) get negative parts. A total above 2^52 loses the last
/// units' exactness of share, never the sum.
Allocation allocate(std::int64_t total, std::span<const double> shares);

/// Divides a series of totals (days) so that each sums exactly and the rounding errors do not add up: what
/// channel i was given over all calls stays within about one unit of the exact amount. Parts are never
/// negative when shares are not. Not thread-safe.
class SeriesAllocator {
  public:
    explicit SeriesAllocator(std::size_t parts) : carry_(parts, 0.0) {}
    Allocation next(std::int64_t total, std::span<const double> shares);

  private:
    std::vector<double> carry_;
};

}  // namespace cubed::attribution
