// Paths: customer journeys as the attribution models read them, in one contiguous layout.
//
// Plain values, no locks: a const Paths or Dictionary may be read from many threads. Nothing here does I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace cubed::attribution {

/// A channel's index in a Dictionary: 0, 1, 2, ... in order of first appearance.
using Channel = std::uint16_t;

/// The largest number of channels. Four channels must pack into 64 bits with one value to spare for "none".
inline constexpr std::size_t channels_max = 65'534;

/// Names of channels, both ways. Owns its strings.
class Dictionary {
  public:
    /// The index of `name`, new or known. Fails with `no_space` past channels_max.
    base::Result<Channel> intern(std::string_view name);
    /// Whether the name is known; never adds.
    std::optional<Channel> find(std::string_view name) const;
    const std::string& name(Channel channel) const;
    const std::vector<std::string>& names() const { return names_; }
    std::size_t size() const { return names_.size(); }

  private:
    std::vector<std::string> names_;
    std::unordered_map<std::string, Channel> index_;
};

/// Paths and how often each was walked. Row i is path(i), with
///   conversions[i]  journeys along it that converted (count, >= 0),
///   nulls[i]        journeys along it that did not (count, >= 0),
///   value[i]        revenue of the conversions (pence, or any one unit).
/// Counts are doubles because bootstrap weights and other people's data need not be whole; whole counts stay
/// exact up to 2^53. A path may be empty: its conversions are "unattributed" in every model.
struct Paths {
    std::size_t channel_count = 0;
    std::vector<Channel> touches;
    std::vector<std::uint64_t> offsets{0};
    std::vector<double> conversions;
    std::vector<double> value;
    std::vector<double> nulls;

    std::size_t size() const { return conversions.size(); }
    std::span<const Channel> path(std::size_t row) const {
        return {touches.data() + offsets[row], touches.data() + offsets[row + 1]};
    }
    void add(std::span<const Channel> path, double path_conversions, double path_value, double path_nulls);
};

/// Sums over all rows.
struct Totals {
    double conversions = 0;
    double value = 0;
    double nulls = 0;
};
Totals totals_of(const Paths& paths);

/// Identical paths merged, in order of first appearance. `row_of[i]`, when asked for, is the merged row of
/// row i. Cost: one hash per path.
Paths aggregate(const Paths& paths, std::vector<std::uint32_t>* row_of = nullptr);

/// Reads the exchange format of attribution packages: a header line naming the columns `path`,
/// `total_conversions`, and optionally `total_conversion_value` and `total_null`; then one path a line, its
/// channels joined by " > ". Values may be quoted. Fails with `invalid` and the line's number.
base::Result<Paths> read_paths(std::string_view csv, Dictionary& dictionary);

/// What a model gives each channel. conversions[c] and value[c] are in the units of the Paths;
/// the sums over c plus the unattributed part equal the totals of the Paths up to rounding error.
struct Credits {
    std::vector<double> conversions;
    std::vector<double> value;
    double unattributed_conversions = 0;
    double unattributed_value = 0;

    explicit Credits(std::size_t channel_count = 0) : conversions(channel_count), value(channel_count) {}
};

}  // namespace cubed::attribution
