#include "cubed/predictor/journey_source.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace cubed::predictor {

using attribution::Channel;
using attribution::Conversion;
using attribution::Touch;
using base::Failure;
using base::FailureKind;
using base::Instant;
using base::Result;
using database::Connection;
using database::Rows;
using database::Statement;

namespace {

template <class T>
struct OfPerson {
    std::int64_t person;
    std::int64_t visitor;
    T item;
};

/// Visitors that share a sync id, as groups: each visitor leads to the smallest of its group.
class People {
  public:
    void join(std::int64_t a, std::int64_t b) {
        const std::int64_t of_a = find(a);
        const std::int64_t of_b = find(b);
        if (of_a != of_b) leader_[std::max(of_a, of_b)] = std::min(of_a, of_b);
    }
    std::int64_t find(std::int64_t visitor) {
        auto found = leader_.find(visitor);
        while (found != leader_.end()) {
            visitor = found->second;
            found = leader_.find(visitor);
        }
        return visitor;
    }

  private:
    std::unordered_map<std::int64_t, std::int64_t> leader_;
};

Result<People> load_people(Connection& connection) {
    const Rows rows = TRY(connection.query(
        "SELECT sync_id, visitor_id FROM (SELECT sync_id, visitor_id, count(*) OVER (PARTITION BY sync_id) "
        "AS sharing "
        "FROM attrib_sync_map) AS shared WHERE sharing BETWEEN 2 AND $1 ORDER BY sync_id, visitor_id",
        shared_sync_visitors_max));
    People people;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (rows.integer(i, 0) == rows.integer(i - 1, 0))
            people.join(rows.integer(i - 1, 1), rows.integer(i, 1));
    }
    return people;
}

std::int32_t day_of(Instant at) {
    return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(at).time_since_epoch().count());
}

/// Channels in the order of their ids, so that indices do not depend on the order of visits.
Result<base::Unit> load_channels(Connection& connection, JourneyBook& book) {
    const Rows rows = TRY(connection.query("SELECT id, name FROM attrib_referer ORDER BY id"));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        TRY(book.channels.intern(rows.text(i, 1)));
        book.referer_ids.push_back(static_cast<std::int32_t>(rows.integer(i, 0)));
    }
    book.set.paths.channel_count = book.channels.size();
    return base::Unit{};
}

Result<std::vector<OfPerson<Touch>>> load_touches(Connection& connection, People& people, Instant from,
                                                  Window window, JourneyBook& book) {
    std::unordered_map<std::int64_t, Channel> index;
    for (std::size_t c = 0; c < book.referer_ids.size(); ++c)
        index[book.referer_ids[c]] = static_cast<Channel>(c);
    book.first_day = day_of(window.from);
    book.visits.assign(static_cast<std::size_t>(day_of(window.to) - book.first_day),
                       std::vector<std::int64_t>(book.referer_ids.size() + 1, 0));
    std::vector<OfPerson<Touch>> touches;
    const Statement statement(
        "SELECT visitor_id, id, first_visit, referer_id FROM attrib_visit "
        "WHERE NOT bot AND first_visit >= $1 AND first_visit < $2",
        from, window.to);
    TRY(connection.stream(statement, [&](const Rows& row) -> Result<base::Unit> {
        const Instant at = row.instant(0, 2);
        const auto referer = row.maybe_integer(0, 3);
        const std::size_t channel = referer ? index.at(*referer) : book.referer_ids.size();
        if (at >= window.from) ++book.visits[static_cast<std::size_t>(day_of(at) - book.first_day)][channel];
        if (!referer) return base::Unit{};
        const std::int64_t visitor = row.integer(0, 0);
        touches.push_back(
            {people.find(visitor), visitor, {at, static_cast<Channel>(channel), row.integer(0, 1)}});
        return base::Unit{};
    }));
    return touches;
}

Result<std::vector<OfPerson<Conversion>>> load_conversions(Connection& connection, People& people,
                                                           const Goal& goal, const std::string& currency,
                                                           Instant from, Window window, JourneyBook& book) {
    std::vector<OfPerson<Conversion>> conversions;
    // Conversions before the window are read too: they end the journeys before it.
    const Statement statement(
        "SELECT visitor_id, visit_id, id, time, coalesce(revenue, 0), currency FROM ("
        "SELECT DISTINCT ON (coalesce('t' || i.transaction_id, 'i' || i.id)) i.visitor_id, i.visit_id, i.id, "
        "i.time, "
        "i.revenue, i.currency FROM attrib_event_item i JOIN attrib_product_event p ON p.event_id = "
        "i.event_id "
        "LEFT JOIN attrib_visit v ON v.id = i.visit_id "
        "WHERE p.product_id = $1 AND v.bot IS NOT TRUE AND i.time < $3 "
        "ORDER BY coalesce('t' || i.transaction_id, 'i' || i.id), i.time, i.id) AS once WHERE time >= $2",
        goal.id, from, window.to);
    TRY(connection.stream(statement, [&](const Rows& row) -> Result<base::Unit> {
        Conversion conversion{row.instant(0, 3), row.integer(0, 1), row.integer(0, 2), row.integer(0, 4)};
        if (row.text(0, 5) != currency) {
            conversion.value_pence = 0;
            if (conversion.at >= window.from) ++book.other_currency;
        }
        const std::int64_t visitor = row.integer(0, 0);
        conversions.push_back({people.find(visitor), visitor, conversion});
        return base::Unit{};
    }));
    return conversions;
}

/// Rows of one person, taken off the front of a list sorted by person.
template <class T>
std::span<const OfPerson<T>> take_person(std::span<const OfPerson<T>>& rest, std::int64_t person) {
    std::size_t count = 0;
    while (count < rest.size() && rest[count].person == person) ++count;
    const auto mine = rest.first(count);
    rest = rest.subspan(count);
    return mine;
}

void build_journeys(std::vector<OfPerson<Touch>>& touches, std::vector<OfPerson<Conversion>>& conversions,
                    const Goal& goal, Window window, JourneyBook& book) {
    std::ranges::sort(touches, {},
                      [](const auto& row) { return std::tuple(row.person, row.item.at, row.item.visit); });
    std::ranges::sort(conversions, {},
                      [](const auto& row) { return std::tuple(row.person, row.item.at, row.item.event); });
    std::span<const OfPerson<Touch>> touches_left(touches);
    std::span<const OfPerson<Conversion>> conversions_left(conversions);
    std::unordered_map<std::int64_t, std::int64_t> visitor_of_visit;
    std::vector<Touch> own_touches;
    std::vector<Conversion> own_conversions;
    while (!touches_left.empty() || !conversions_left.empty()) {
        std::int64_t person =
            touches_left.empty() ? conversions_left.front().person : touches_left.front().person;
        if (!conversions_left.empty()) person = std::min(person, conversions_left.front().person);
        own_touches.clear();
        own_conversions.clear();
        visitor_of_visit.clear();
        for (const auto& row : take_person(touches_left, person)) {
            own_touches.push_back(row.item);
            visitor_of_visit[row.item.visit] = row.visitor;
        }
        for (const auto& row : take_person(conversions_left, person)) {
            own_conversions.push_back(row.item);
            visitor_of_visit[row.item.visit] = row.visitor;
        }
        const auto lookback = std::chrono::days(goal.lookback_days);
        for (auto& journey : attribution::split_journeys(own_touches, own_conversions, lookback)) {
            const Instant end = journey.conversion ? journey.conversion->at : journey.touches.back().at;
            if (end < window.from) continue;
            const auto visit = journey.conversion ? journey.conversion->visit : journey.touches.back().visit;
            book.visitors.push_back(visitor_of_visit[visit]);
            book.set.add(journey, static_cast<std::uint64_t>(person));
            book.journeys.push_back(std::move(journey));
        }
    }
    book.set.paths.channel_count = book.channels.size();
}

}  // namespace

Result<std::vector<Goal>> load_goals(Connection& connection, std::optional<std::int32_t> only) {
    const Rows rows =
        TRY(connection.query("SELECT id, name, lookback_days FROM attrib_product WHERE active AND "
                             "($1::integer IS NULL OR id = $1) ORDER BY id",
                             only));
    std::vector<Goal> goals;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        goals.push_back({static_cast<std::int32_t>(rows.integer(i, 0)), rows.string(i, 1),
                         static_cast<std::int32_t>(rows.integer(i, 2))});
    }
    if (only && goals.empty()) {
        return Failure{FailureKind::not_found, "no active goal " + std::to_string(*only)};
    }
    return goals;
}

Result<Window> whole_window(Connection& connection, int days) {
    const Rows rows =
        TRY(connection.query("SELECT (SELECT min(first_visit) FROM attrib_visit), greatest((SELECT "
                             "max(last_visit) FROM attrib_visit), "
                             "(SELECT max(time) FROM attrib_event_item))"));
    if (rows.null(0, 0)) return Failure{FailureKind::not_found, "no visits yet"};
    const auto first = std::chrono::floor<std::chrono::days>(rows.instant(0, 0));
    const auto end = std::chrono::floor<std::chrono::days>(rows.instant(0, 1)) + std::chrono::days(1);
    return Window{std::max(first, end - std::chrono::days(days)), end};
}

Result<JourneyBook> load_journeys(Connection& connection, const Goal& goal, const std::string& currency,
                                  Window window) {
    // One snapshot, so that a conversion is never read without its visit.
    TRY(connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    const auto read = [&]() -> Result<JourneyBook> {
        JourneyBook book;
        TRY(load_channels(connection, book));
        auto people = TRY(load_people(connection));
        const Instant from = window.from - std::chrono::days(goal.lookback_days);
        auto touches = TRY(load_touches(connection, people, from, window, book));
        auto conversions = TRY(load_conversions(connection, people, goal, currency, from, window, book));
        const Rows newest =
            TRY(connection.query("SELECT greatest((SELECT max(last_visit) FROM attrib_visit), (SELECT "
                                 "max(time) FROM attrib_event_item))"));
        if (!newest.null(0, 0)) book.watermark = newest.instant(0, 0);
        build_journeys(touches, conversions, goal, window, book);
        return book;
    };
    auto book = read();
    const auto end = connection.execute("ROLLBACK");
    if (book.ok() && !end.ok()) return end.error();
    return book;
}

}  // namespace cubed::predictor
