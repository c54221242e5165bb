// The journey finder: the newest visitors that match a token, a transaction or a channel.
#include <boost/json.hpp>

#include "base/time.h"
#include "cubed/dash/reports.h"

namespace cubed::dash {
namespace {

constexpr int journeys_shown_max = 50;
constexpr size_t search_bytes_max = 200;

/// Channels of the visits in order, a repeated one only once in a row.
boost::json::array path_of(std::string_view json) {
    const boost::json::value parsed = boost::json::parse(json);
    boost::json::array out;
    for (const auto& channel : parsed.as_array()) {
        if (out.empty() || out.back() != channel) out.push_back(channel);
    }
    return out;
}

boost::json::value summaries(const database::Rows& rows) {
    boost::json::array out;
    for (size_t row = 0; row < rows.size(); ++row) {
        out.push_back(boost::json::object{
            {"visitor", rows.text(row, 0)},
            {"first_visit", base::format_iso8601(rows.instant(row, 1))},
            {"last_visit", base::format_iso8601(rows.instant(row, 2))},
            {"visits", rows.integer(row, 3)},
            {"channels", path_of(rows.null(row, 4) ? "[]" : rows.text(row, 4))},
            {"conversions", rows.integer(row, 5)},
            {"revenue_pence", rows.integer(row, 6)},
        });
    }
    return out;
}

}  // namespace

base::Result<boost::json::value> find_journeys(Account& account, const WebRequest& request) {
    const std::string_view find = request.parameter("find");
    if (find.size() > search_bytes_max) {
        return base::Failure{base::FailureKind::invalid, "The search text is too long."};
    }
    auto connection = TRY(account.pool->acquire());
    // The newest visitors first, then what they did: the limit is applied before anything is counted.
    return summaries(TRY(connection->query(
        "WITH found AS (SELECT visitor.id, visitor.token, visitor.first_seen, visitor.last_seen"
        "  FROM attrib_visitor AS visitor WHERE $1 = '' OR visitor.token = lower($1)"
        "  OR visitor.id IN (SELECT item.visitor_id FROM attrib_event_item AS item"
        "                    WHERE item.transaction_id = $1)"
        "  OR visitor.id IN (SELECT visit.visitor_id FROM attrib_visit AS visit"
        "                    JOIN attrib_referer AS channel ON channel.id = visit.referer_id"
        "                    WHERE lower(channel.name) = lower($1))"
        "  ORDER BY visitor.last_seen DESC, visitor.id DESC LIMIT $2)"
        " SELECT found.token, found.first_seen, found.last_seen, visits.number, visits.path,"
        "  sales.number, sales.revenue FROM found"
        " CROSS JOIN LATERAL (SELECT count(*) AS number,"
        "   json_agg(coalesce(channel.name, 'Unassigned') ORDER BY visit.first_visit) AS path"
        "   FROM attrib_visit AS visit LEFT JOIN attrib_referer AS channel ON channel.id = visit.referer_id"
        "   WHERE visit.visitor_id = found.id AND NOT visit.bot) AS visits"
        " CROSS JOIN LATERAL (SELECT count(*) AS number, coalesce(sum(item.revenue), 0)::bigint AS revenue"
        "   FROM attrib_event_item AS item WHERE item.visitor_id = found.id AND item.event_id IN"
        "   (SELECT event_id FROM attrib_product_event JOIN attrib_product AS goal ON goal.id = product_id"
        "    WHERE goal.active)) AS sales"
        " ORDER BY found.last_seen DESC, found.id DESC",
        find, journeys_shown_max)));
}

}  // namespace cubed::dash
