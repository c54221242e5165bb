#include "cubed/simulate/world.h"

#include <algorithm>
#include <cmath>

#include "cubed/simulate/philox.h"

namespace cubed::simulate {

namespace {

constexpr double minute = 1.0 / 1440;
constexpr double visit_length = 25 * minute;  ///< a conversion this soon happens in the touch's own visit
constexpr double at_once_mean = 7 * minute;
constexpr double excitation_delay = 0.7;  ///< days, mean
constexpr std::size_t touches_max = 200;  ///< of one visitor: a bound, far from any scenario's tail

/// What a stream draws. Together with a number it is the stream's path.
enum class Draw : std::uint64_t {
    intent = 1,
    arrival,
    first_channel,
    touches,
    offspring,
    effect,
    baseline,
    revenue
};

std::uint64_t path(Draw draw, std::uint64_t name = 0) {
    std::uint64_t mixed = name * 0x9E3779B97F4A7C15 + static_cast<std::uint64_t>(draw) * 0xC2B2AE3D27D4EB4F;
    mixed ^= mixed >> 29;
    mixed *= 0xBF58476D1CE4E5B9;
    return mixed ^ (mixed >> 32);
}

class Visitor {
  public:
    Visitor(const World& world, std::uint32_t number, std::optional<std::uint32_t> off)
        : world_(world), number_(number), off_(off), intent_(stream(Draw::intent).normal()) {}

    Life live() {
        // People come all month, the last ones early enough to have a chance.
        arrival_ = stream(Draw::arrival).uniform() * world_.days * 0.95;
        add_first_touch();
        for (std::uint32_t channel = 0; channel < channels().size(); ++channel) add_touches(channel);
        add_offspring();
        std::sort(life_.touches.begin(), life_.touches.end(),
                  [](const Touch& a, const Touch& b) { return a.at < b.at; });
        convert();
        return std::move(life_);
    }

  private:
    const std::vector<ChannelLaw>& channels() const { return world_.scenario.channels; }
    Stream stream(Draw draw, std::uint64_t name = 0) const {
        return {world_.seed, number_, path(draw, name)};
    }

    void add(Touch touch) {
        if (touch.at >= world_.days || touch.channel == off_ || life_.touches.size() >= touches_max) return;
        life_.touches.push_back(touch);
    }

    double pull(const ChannelLaw& law) const { return std::exp(law.targeting * intent_); }

    void add_first_touch() {
        double total = 0;
        for (const ChannelLaw& law : channels()) total += law.first_weight * pull(law);
        double left = stream(Draw::first_channel).uniform() * total;
        for (std::uint32_t channel = 0; channel < channels().size(); ++channel) {
            left -= channels()[channel].first_weight * pull(channels()[channel]);
            if (left <= 0) return add({.at = arrival_, .channel = channel, .name = 1});
        }
    }

    void add_touches(std::uint32_t channel) {
        const double per_day = channels()[channel].touches_per_day * pull(channels()[channel]);
        if (per_day <= 0) return;
        Stream draws = stream(Draw::touches, channel);
        double at = arrival_;
        for (std::uint64_t number = 0; number < touches_max; ++number) {
            at += draws.exponential() / per_day;
            if (at >= world_.days) return;
            add({.at = at, .channel = channel, .name = 1000 + channel * 1000 + number});
        }
    }

    /// A Hawkes process as its cluster: each touch brings its own, generation by generation.
    void add_offspring() {
        for (std::size_t i = 0; i < life_.touches.size(); ++i) {
            const Touch parent = life_.touches[i];
            for (std::size_t rule = 0; rule < world_.scenario.excitations.size(); ++rule) {
                const Excitation& excitation = world_.scenario.excitations[rule];
                if (channels()[parent.channel].name != excitation.from) continue;
                Stream draws = stream(Draw::offspring, parent.name * 64 + rule);
                double mass = draws.exponential();
                for (std::uint64_t child = 0; mass < excitation.mean && child < 8; ++child) {
                    add({.at = parent.at + draws.exponential() * excitation_delay,
                         .channel = channel_named(excitation.to),
                         .name = (parent.name * 64 + rule) * 8 + child + 100'000});
                    mass += draws.exponential();
                }
            }
        }
    }

    std::uint32_t channel_named(std::string_view name) const {
        const auto found = std::find_if(channels().begin(), channels().end(),
                                        [&](const ChannelLaw& law) { return law.name == name; });
        return static_cast<std::uint32_t>(found - channels().begin());
    }

    /// When this touch's own process first arrives; empty when it never does.
    std::optional<double> arrival_of(const Touch& touch) const {
        const ChannelLaw& law = channels()[touch.channel];
        Stream draws = stream(Draw::effect, touch.name);
        const double mass = draws.exponential();
        if (mass >= law.effect) return std::nullopt;
        const bool soon = draws.uniform() < world_.scenario.at_once;
        const double delay = draws.exponential() * (soon ? at_once_mean : law.delay_days);
        return touch.at + 2 * minute + delay;
    }

    void convert() {
        Stream baseline = stream(Draw::baseline);
        const double per_day =
            world_.scenario.baseline_per_day * std::exp(world_.scenario.baseline_intent * intent_);
        Conversion first{.at = arrival_ + 2 * minute + baseline.exponential() / per_day};
        for (const Touch& touch : life_.touches) {
            const auto at = arrival_of(touch);
            if (at && *at < first.at) first = {.at = *at, .cause = touch.channel};
        }
        // A visitor who never had a touch (its channel is off) can still buy: they come by themselves.
        if (first.at >= world_.days) return;
        first.revenue = static_cast<std::int64_t>(3000 * std::exp(0.6 * stream(Draw::revenue).normal()));
        std::erase_if(life_.touches, [&](const Touch& touch) { return touch.at >= first.at - minute; });
        if (!life_.touches.empty() && first.at - life_.touches.back().at <= visit_length) {
            first.within = life_.touches.size() - 1;
        }
        life_.conversion = first;
    }

    const World& world_;
    const std::uint32_t number_;
    const std::optional<std::uint32_t> off_;
    const double intent_;
    double arrival_ = 0;
    Life life_;
};

}  // namespace

Life live(const World& world, std::uint32_t visitor, std::optional<std::uint32_t> off) {
    return Visitor(world, visitor, off).live();
}

std::vector<Incremental> incremental(const World& world, std::uint32_t visitors) {
    const auto channels = static_cast<std::uint32_t>(world.scenario.channels.size());
    std::vector<Incremental> added(channels);
    for (std::uint32_t visitor = 0; visitor < visitors; ++visitor) {
        const Life full = live(world, visitor);
        std::vector<bool> touched(channels, false);
        for (const Touch& touch : full.touches) {
            ++added[touch.channel].touches;
            touched[touch.channel] = true;
        }
        for (std::uint32_t channel = 0; channel < channels; ++channel) {
            if (!touched[channel]) continue;  // nothing of it, nothing that it brought: the same life
            const Life without = live(world, visitor, channel);
            added[channel].conversions += full.conversion.has_value() - without.conversion.has_value();
            added[channel].revenue += (full.conversion ? full.conversion->revenue : 0) -
                                      (without.conversion ? without.conversion->revenue : 0);
        }
    }
    return added;
}

}  // namespace cubed::simulate
