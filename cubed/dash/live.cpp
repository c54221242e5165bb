// Live visitors: the last thirty minutes, read from the rows themselves.
#include <boost/json.hpp>

#include "base/time.h"
#include "cubed/dash/reports.h"

namespace cubed::dash {
namespace {

constexpr int visits_shown_max = 100;

/// Page views of each of the last 30 minutes, the current one last.
base::Result<boost::json::array> views_per_minute(database::Connection& connection) {
    const database::Rows rows = TRY(connection.query(
        "SELECT minute, count(page.time) FROM generate_series(0, 29) AS minute"
        " LEFT JOIN attrib_page AS page ON page.time > now() - interval '30 minutes' AND page.time <= now()"
        "  AND extract(epoch FROM now() - page.time)::bigint / 60 = 29 - minute"
        " GROUP BY minute ORDER BY minute"));
    boost::json::array out;
    for (size_t row = 0; row < rows.size(); ++row) out.push_back(rows.integer(row, 1));
    return out;
}

boost::json::object visit_json(const database::Rows& rows, size_t row) {
    boost::json::array events;
    if (!rows.null(row, 7)) events = boost::json::parse(rows.text(row, 7)).as_array();
    return {
        {"visitor", rows.text(row, 0)},
        {"at", base::format_iso8601(rows.instant(row, 1))},
        {"channel", rows.text(row, 2)},
        {"page", rows.text(row, 3)},
        {"pages", rows.integer(row, 4)},
        {"browser", rows.text(row, 5)},
        {"country", rows.null(row, 6) ? boost::json::value() : boost::json::value(rows.text(row, 6))},
        {"events", std::move(events)},
    };
}

}  // namespace

base::Result<boost::json::value> live_visitors(Account& account) {
    auto connection = TRY(account.pool->acquire());
    boost::json::object out;
    out["per_minute"] = TRY(views_per_minute(*connection));
    const database::Rows totals = TRY(connection->query(
        "SELECT now(), count(DISTINCT visitor_id) FROM attrib_visit"
        " WHERE last_visit > now() - interval '30 minutes' AND last_visit <= now() AND NOT bot"));
    out["now"] = base::format_iso8601(totals.instant(0, 0));
    out["visitors"] = totals.integer(0, 1);
    const database::Rows rows = TRY(connection->query(
        "SELECT visitor.token, visit.last_visit, coalesce(channel.name, 'Unassigned'),"
        " coalesce((SELECT page.url FROM attrib_page AS page WHERE page.visit_id = visit.id"
        "           ORDER BY page.time DESC LIMIT 1), visit.landing_url, ''),"
        " visit.views, coalesce(concat_ws(' on ', details.browser, details.os), ''), details.country,"
        " (SELECT json_agg(event.display_name ORDER BY item.time) FROM attrib_event_item AS item"
        "  JOIN attrib_event AS event ON event.id = item.event_id WHERE item.visit_id = visit.id)"
        " FROM attrib_visit AS visit"
        " JOIN attrib_visitor AS visitor ON visitor.id = visit.visitor_id"
        " LEFT JOIN attrib_referer AS channel ON channel.id = visit.referer_id"
        " LEFT JOIN attrib_visit_details AS details ON details.visit_id = visit.id"
        " WHERE visit.last_visit > now() - interval '30 minutes' AND visit.last_visit <= now()"
        " AND NOT visit.bot ORDER BY visit.last_visit DESC LIMIT $1",
        visits_shown_max));
    boost::json::array visits;
    for (size_t row = 0; row < rows.size(); ++row) visits.push_back(visit_json(rows, row));
    out["visits"] = std::move(visits);
    return out;
}

base::Result<boost::json::value> goals(Account& account) {
    auto connection = TRY(account.pool->acquire());
    const database::Rows rows =
        TRY(connection->query("SELECT id, name FROM attrib_product WHERE active ORDER BY id"));
    boost::json::array out;
    for (size_t row = 0; row < rows.size(); ++row) {
        out.push_back(boost::json::object{{"id", rows.integer(row, 0)}, {"name", rows.text(row, 1)}});
    }
    return out;
}

}  // namespace cubed::dash
