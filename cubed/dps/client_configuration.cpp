#include "cubed/dps/client_configuration.h"

#include "base/log.h"

namespace cubed::dps {

using base::Result;
using database::Connection;
using database::Rows;

static Pattern pattern_at(const Rows& rows, std::size_t row) {
    return {.id = int(rows.integer(row, 0)),
            .channel = int(rows.integer(row, 1)),
            .is_default = rows.boolean(row, 2),
            .position = int(rows.integer(row, 3)),
            .referrer = rows.maybe_string(row, 4),
            .source = rows.maybe_string(row, 5),
            .medium = rows.maybe_string(row, 6),
            .campaign = rows.maybe_string(row, 7),
            .category = rows.maybe_string(row, 8)};
}

/// Writes down why a pattern is not used, and only when that changes, as every write moves `updated`.
static Result<base::Unit> mark_rejected(Connection& client, const ChannelRules& rules,
                                        const std::string& account) {
    std::vector<std::int32_t> ids;
    for (const auto& rejected : rules.rejected()) {
        ids.push_back(rejected.pattern);
        const auto marked = TRY(client.query(
            "UPDATE attrib_pattern SET rejected = $2 WHERE id = $1 AND rejected IS DISTINCT FROM $2",
            rejected.pattern, rejected.reason));
        if (marked.affected() > 0) {
            base::log_warning(
                "dps", "pattern is not used",
                {{"account", account}, {"pattern", rejected.pattern}, {"reason", rejected.reason}});
        }
    }
    TRY(client.query(
        "UPDATE attrib_pattern SET rejected = NULL WHERE rejected IS NOT NULL AND NOT id = ANY($1)", ids));
    return base::Unit{};
}

Result<std::shared_ptr<const ClientConfiguration>> load_configuration(Connection& client,
                                                                      const control::Account& account) {
    auto configuration = std::make_shared<ClientConfiguration>();
    configuration->account = account;
    const auto patterns = TRY(client.query(
        "SELECT p.id, p.referer_id, p.is_default, p.position, p.pattern, p.source, p.medium, "
        "p.campaign, p.category FROM attrib_pattern p JOIN attrib_referer r ON r.id = p.referer_id "
        "WHERE p.active AND r.active"));
    std::vector<Pattern> list;
    for (std::size_t row = 0; row < patterns.size(); ++row) list.push_back(pattern_at(patterns, row));
    configuration->channels = ChannelRules(std::move(list));
    TRY(mark_rejected(client, configuration->channels, account.token));

    const auto events = TRY(client.query("SELECT name, id, configured FROM attrib_event"));
    for (std::size_t row = 0; row < events.size(); ++row) {
        configuration->events[events.string(row, 0)] = int(events.integer(row, 1));
        configuration->unknown_events += events.boolean(row, 2) ? 0 : 1;
    }
    return std::shared_ptr<const ClientConfiguration>(std::move(configuration));
}

}  // namespace cubed::dps
