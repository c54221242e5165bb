#include "cubed/attribution/order.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <xxhash.h>

#include "base/check.h"

namespace cubed::attribution {

namespace {

constexpr std::size_t folds = 5;
constexpr std::uint64_t before_start = 0xffff;

/// One n-gram table: history of k touches -> next step, counted in all and in each fold.
class Grams {
  public:
    /// History and step as one hash-map entry each.
    struct Counts {
        std::array<double, folds> in_fold{};
        double all = 0;
        double outside(std::size_t fold) const { return all - in_fold[fold]; }
    };
    struct History {
        Counts total;
        std::array<std::uint32_t, folds> kinds_outside{};  // distinct next steps seen outside the fold
        std::unordered_map<std::uint32_t, Counts> next;
    };

    void count(std::uint64_t history, std::uint32_t step, std::size_t fold, double weight) {
        History& entry = histories_[history];
        add(entry.total, fold, weight);
        add(entry.next[step], fold, weight);
    }
    void finish() {
        for (auto& [key, history] : histories_) {
            for (const auto& [step, counts] : history.next) {
                for (std::size_t f = 0; f < folds; ++f) history.kinds_outside[f] += counts.outside(f) > 0.5;
            }
        }
    }
    /// P(step | history) from outside `fold`, backing off to `shorter`.
    double probability(std::uint64_t history, std::uint32_t step, std::size_t fold, double shorter) const {
        const auto found = histories_.find(history);
        if (found == histories_.end()) return shorter;
        const double total = found->second.total.outside(fold);
        if (total < 0.5) return shorter;
        const auto next = found->second.next.find(step);
        const double seen = next == found->second.next.end() ? 0 : next->second.outside(fold);
        const double kinds = found->second.kinds_outside[fold];
        return (seen + kinds * shorter) / (total + kinds);
    }

  private:
    static void add(Counts& counts, std::size_t fold, double weight) {
        counts.all += weight;
        counts.in_fold[fold] += weight;
    }
    std::unordered_map<std::uint64_t, History> histories_;
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
