#include "cubed/attribution/journeys.h"

#include <algorithm>

namespace cubed::attribution {

namespace {

/// Appends touches that led to nothing, cut where a gap exceeds the lookback.
void add_unconverted(std::span<const Touch> touches, std::chrono::microseconds lookback,
                     std::vector<Journey>& journeys) {
    for (std::size_t i = 0; i < touches.size(); ++i) {
        if (i == 0 || touches[i].at - touches[i - 1].at > lookback) journeys.emplace_back();
        journeys.back().touches.push_back(touches[i]);
    }
}

}  // namespace

std::vector<Journey> split_journeys(std::span<const Touch> touches_in,
                                    std::span<const Conversion> conversions_in,
                                    std::chrono::microseconds lookback) {
    std::vector<Touch> touches(touches_in.begin(), touches_in.end());
    std::vector<Conversion> conversions(conversions_in.begin(), conversions_in.end());
    std::ranges::stable_sort(touches, [](const Touch& a, const Touch& b) {
        return a.at != b.at ? a.at < b.at : a.visit < b.visit;
    });
    std::ranges::stable_sort(conversions, [](const Conversion& a, const Conversion& b) {
        return a.at != b.at ? a.at < b.at : a.event < b.event;
    });

    std::vector<Journey> journeys;
    std::size_t next = 0;
    for (const Conversion& conversion : conversions) {
        const std::size_t begin = next;
        // A visit's own conversion may carry a slightly earlier clock than the visit's first hit.
        while (next < touches.size() &&
               (touches[next].at <= conversion.at || touches[next].visit == conversion.visit)) {
            ++next;
        }
        std::size_t within = begin;
        while (within < next && touches[within].at < conversion.at - lookback &&
               touches[within].visit != conversion.visit) {
            ++within;
        }
        add_unconverted(std::span(touches).subspan(begin, within - begin), lookback, journeys);

        Journey journey{.conversion = conversion};
        const auto own = std::ranges::find(touches, conversion.visit, &Touch::visit);
        if (own != touches.end() && own < touches.begin() + begin) journey.touches.push_back(*own);
        journey.touches.insert(journey.touches.end(), touches.begin() + within, touches.begin() + next);
        journeys.push_back(std::move(journey));
    }
    add_unconverted(std::span(touches).subspan(next), lookback, journeys);
    return journeys;
}

void JourneySet::add(const Journey& journey, std::uint64_t visitor) {
    if (journey.touches.empty() && !journey.conversion) return;
    const Instant end = journey.conversion ? journey.conversion->at : journey.touches.back().at;
    std::vector<Channel> path;
    for (const Touch& touch : journey.touches) {
        path.push_back(touch.channel);
        const auto age = std::max(end - touch.at, Instant::duration::zero());
        age_hours.push_back(std::chrono::duration<double, std::ratio<3600>>(age).count());
    }
    const bool converted = journey.conversion.has_value();
    paths.add(path, converted ? 1 : 0, converted ? static_cast<double>(journey.conversion->value_pence) : 0,
              converted ? 0 : 1);
    cluster.push_back(visitor);
    day.push_back(
        static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(end).time_since_epoch().count()));
}

}  // namespace cubed::attribution
