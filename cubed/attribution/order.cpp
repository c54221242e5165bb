#include "cubed/attribution/order.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <xxhash.h>

#include "base/check.h"
#include "cubed/attribution/index_map.h"

namespace cubed::attribution {

namespace {

constexpr std::size_t folds = 5;
constexpr std::uint64_t before_start = 0xffff;

/// Counts in all and in each fold.
struct Counts {
    std::array<double, folds> in_fold{};
    double all = 0;

    void add(std::size_t fold, double weight) {
        all += weight;
        in_fold[fold] += weight;
    }
    double outside(std::size_t fold) const { return all - in_fold[fold]; }
};

/// One n-gram table: history of k touches -> next step.
class Grams {
  public:
    void count(std::uint64_t history, std::uint32_t step, std::size_t fold, double weight) {
        const std::uint32_t h = histories_.index_of(key_of(history));
        if (h == totals_.size()) totals_.emplace_back();
        totals_[h].add(fold, weight);
        const std::uint32_t n = steps_.index_of(key_of(h, step));
        if (n == counts_.size()) {
            counts_.emplace_back();
            history_of_.push_back(h);
        }
        counts_[n].add(fold, weight);
    }
    /// After the last count: how many kinds of next steps each history has outside each fold.
    void finish() {
        kinds_.resize(totals_.size());
        for (std::size_t n = 0; n < counts_.size(); ++n) {
            for (std::size_t f = 0; f < folds; ++f) kinds_[history_of_[n]][f] += counts_[n].outside(f) > 0.5;
        }
    }
    /// P(step | history) from outside `fold`, backing off to `shorter`.
    double probability(std::uint64_t history, std::uint32_t step, std::size_t fold, double shorter) const {
        const std::uint32_t h = histories_.find(key_of(history));
        if (h == IndexMap::absent) return shorter;
        const double total = totals_[h].outside(fold);
        if (total < 0.5) return shorter;
        const std::uint32_t n = steps_.find(key_of(h, step));
        const double seen = n == IndexMap::absent ? 0 : counts_[n].outside(fold);
        const double kinds = kinds_[h][fold];
        return (seen + kinds * shorter) / (total + kinds);
    }

  private:
    // Only the empty history is 0, and it is alone in its table.
    static std::uint64_t key_of(std::uint64_t history) { return history == 0 ? 1 : history; }
    static std::uint64_t key_of(std::uint32_t history, std::uint32_t step) {
        return ((std::uint64_t{history} + 1) << 32) | step;
    }
    IndexMap histories_, steps_;
    std::vector<Counts> totals_, counts_;
    std::vector<std::uint32_t> history_of_;  ///< by step entry
    std::vector<std::array<std::uint32_t, folds>> kinds_;
};

/// Calls visit(histories of length 0..4, step, weight) for each step of each path.
template <class Visit>
void for_each_step(const Paths& paths, Visit&& visit) {
    const auto conversion = static_cast<std::uint32_t>(paths.channel_count);
    const auto end = conversion + 1;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        const auto path = paths.path(row);
        if (path.empty()) continue;
        const double weight = paths.conversions[row] + paths.nulls[row];
        std::uint64_t window = ~0ULL;  // four times before_start
        const auto step = [&](std::uint32_t next, double step_weight) {
            if (step_weight > 0) visit(window, next, step_weight);
        };
        for (const Channel channel : path) {
            step(channel, weight);
            window = (window << 16) | (std::uint64_t{channel} + 1);
        }
        step(conversion, paths.conversions[row]);
        step(end, paths.nulls[row]);
    }
}

std::uint64_t history_of(std::uint64_t window, int length) {
    return length == 4 ? window : window & ((1ULL << (16 * length)) - 1);
}

std::array<Paths, folds> split_by_fold(const Paths& paths, std::span<const std::uint64_t> cluster) {
    std::array<Paths, folds> parts;
    for (Paths& part : parts) part.channel_count = paths.channel_count;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        const std::uint64_t hash = XXH3_64bits(&cluster[row], sizeof(std::uint64_t));
        parts[hash % folds].add(paths.path(row), paths.conversions[row], paths.value[row], paths.nulls[row]);
    }
    for (Paths& part : parts) part = aggregate(part);
    return parts;
}

}  // namespace

OrderChoice choose_order(const Paths& paths, std::span<const std::uint64_t> cluster) {
    CHECK(cluster.size() == paths.size(), "one visitor per row");
    static_assert(before_start > channels_max + 1 - 1, "the start marker is no channel");
    const auto parts = split_by_fold(paths, cluster);
    std::array<Grams, markov_order_max + 1> grams;
    for (std::size_t fold = 0; fold < folds; ++fold) {
        for_each_step(parts[fold], [&](std::uint64_t window, std::uint32_t next, double weight) {
            for (int k = 0; k <= markov_order_max; ++k)
                grams[k].count(history_of(window, k), next, fold, weight);
        });
    }
    for (Grams& table : grams) table.finish();

    OrderChoice choice;
    std::array<std::array<double, folds>, markov_order_max> loss{};
    std::array<double, folds> steps{};
    const double uniform = 1 / static_cast<double>(paths.channel_count + 2);
    for (std::size_t fold = 0; fold < folds; ++fold) {
        for_each_step(parts[fold], [&](std::uint64_t window, std::uint32_t next, double weight) {
            double probability = grams[0].probability(0, next, fold, uniform);
            for (int k = 1; k <= markov_order_max; ++k) {
                probability = grams[k].probability(history_of(window, k), next, fold, probability);
                loss[k - 1][fold] -= weight * std::log(probability);
            }
            steps[fold] += weight;
        });
        choice.steps += steps[fold];
    }
    if (choice.steps == 0) return choice;

    for (int k = 0; k < markov_order_max; ++k) {
        for (std::size_t fold = 0; fold < folds; ++fold) choice.log_loss[k] += loss[k][fold] / choice.steps;
    }
    const auto best = std::ranges::min_element(choice.log_loss) - choice.log_loss.begin();
    for (int k = markov_order_max - 1; k >= 0; --k) {
        double square = 0;
        for (std::size_t fold = 0; fold < folds; ++fold) {
            if (steps[fold] == 0) continue;
            const double excess = (loss[k][fold] - loss[best][fold]) / steps[fold];
            const double deviation = excess - (choice.log_loss[k] - choice.log_loss[best]);
            square += deviation * deviation;
        }
        choice.standard_error[k] = std::sqrt(square / (folds * (folds - 1)));
        if (choice.log_loss[k] - choice.log_loss[best] <= choice.standard_error[k]) choice.order = k + 1;
    }
    return choice;
}

}  // namespace cubed::attribution
