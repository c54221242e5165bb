// Visitors, and the sync ids that join them.
#include <algorithm>
#include <map>

#include "cubed/dps/batch.h"

namespace cubed::dps {

using base::Result;
using base::Unit;

struct SeenSpan {
    Instant first, last;
    std::int64_t id = 0;
};

Result<Unit> write_visitors(Batch& batch) {
    std::unordered_map<std::string_view, SeenSpan> seen;
    for (const BatchHit& hit : batch.hits) {
        if (!in_visit(hit)) continue;
        const auto [at, fresh] =
            seen.try_emplace(hit.hit->visitor, SeenSpan{hit.hit->occurred, hit.hit->occurred});
        at->second.first = std::min(at->second.first, hit.hit->occurred);
        at->second.last = std::max(at->second.last, hit.hit->occurred);
    }
    if (seen.empty()) return Unit{};
    // Sorted: rows are locked in one order by every worker. The lock also makes this visitor's visits ours
    // until the end of the transaction.
    std::vector<std::string> tokens;
    for (const auto& [token, span] : seen) tokens.emplace_back(token);
    std::ranges::sort(tokens);
    std::vector<database::Instant> first, last;
    for (const std::string& token : tokens) {
        first.push_back(seen[token].first);
        last.push_back(seen[token].last);
    }
    const auto rows =
        TRY(batch.connection.query_prepared("INSERT INTO attrib_visitor AS v (token, first_seen, last_seen) "
                                            "SELECT * FROM unnest($1::text[], $2::timestamptz[], "
                                            "$3::timestamptz[]) ON CONFLICT (token) DO UPDATE SET "
                                            "first_seen = least(v.first_seen, excluded.first_seen), "
                                            "last_seen = greatest(v.last_seen, excluded.last_seen) "
                                            "RETURNING id, token",
                                            {tokens, first, last}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto found = seen.find(rows.text(row, 1));
        CHECK(found != seen.end(), "the database answered with a visitor that was not asked for");
        found->second.id = rows.integer(row, 0);
    }
    for (BatchHit& hit : batch.hits) {
        if (in_visit(hit)) hit.visitor = seen[hit.hit->visitor].id;
    }
    batch.counts.visitors = std::int64_t(seen.size());
    return Unit{};
}

Result<Unit> write_sync_ids(Batch& batch) {
    std::map<std::string, std::map<std::int64_t, Instant>> maps;  // sync token -> visitor -> first time
    for (const BatchHit& hit : batch.hits) {
        if (!in_visit(hit)) continue;
        for (const std::string& sync : hit.hit->sync_ids) {
            const std::string token = column_text(sync, 200);
            if (token.empty()) continue;
            const auto [at, fresh] = maps[token].try_emplace(hit.visitor, hit.hit->occurred);
            at->second = std::min(at->second, hit.hit->occurred);
        }
    }
    if (maps.empty()) return Unit{};
    std::vector<std::string> tokens, map_tokens;
    std::vector<std::int64_t> visitors;
    std::vector<database::Instant> created, first_seen;
    for (const auto& [token, visitor_times] : maps) {
        tokens.push_back(token);
        created.push_back(visitor_times.begin()->second);
        for (const auto& [visitor, time] : visitor_times) {
            map_tokens.push_back(token);
            visitors.push_back(visitor);
            first_seen.push_back(time);
        }
    }
    TRY(batch.connection.query_prepared(
        "INSERT INTO attrib_sync (token, created) SELECT * FROM "
        "unnest($1::text[], $2::timestamptz[]) ON CONFLICT (token) DO NOTHING",
        {tokens, created}));
    TRY(batch.connection.query_prepared(
        "INSERT INTO attrib_sync_map (sync_id, visitor_id, first_seen) "
        "SELECT s.id, w.visitor, w.time FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) "
        "AS w(token, visitor, time) JOIN attrib_sync s ON s.token = w.token ON CONFLICT DO NOTHING",
        {map_tokens, visitors, first_seen}));
    return Unit{};
}

}  // namespace cubed::dps
