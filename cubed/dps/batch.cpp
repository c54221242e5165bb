#include "cubed/dps/batch.h"

#include "base/utf8.h"

namespace cubed::dps {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using database::Connection;
using database::CopyRows;
using database::Sql;
using database::Statement;

std::string column_text(std::string_view text, std::size_t characters_max) {
    // Most text is short and clean; then one pass over it is all.
    std::string clean = base::is_utf8(text) ? std::string(text) : base::utf8_repaired(text);
    std::erase(clean, '\0');
    if (clean.size() <= characters_max) return clean;
    std::size_t position = 0;
    for (std::size_t count = 0; count < characters_max && position < clean.size(); ++count) {
        std::ignore = base::utf8_next(clean, position);
    }
    clean.resize(position);
    return clean;
}

Result<std::vector<std::int64_t>> take_ids(Connection& connection, Sql sequence, std::size_t count) {
    std::vector<std::int64_t> ids;
    if (count == 0) return ids;
    const auto rows = TRY(connection.query_prepared(
        "SELECT nextval($1::regclass) FROM generate_series(1, $2::bigint)", {sequence.text(), count}));
    ids.reserve(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) ids.push_back(rows.integer(row, 0));
    return ids;
}

Result<Unit> try_copy(Connection& connection, Sql copy, const CopyRows& rows) {
    if (rows.empty()) return Unit{};
    TRY(connection.execute("SAVEPOINT before_copy"));
    auto copied = connection.copy_in(copy, rows);
    if (copied.ok()) return connection.execute("RELEASE SAVEPOINT before_copy");
    if (connection.sqlstate() != "23505") return copied.take_error();
    TRY(connection.execute("ROLLBACK TO SAVEPOINT before_copy"));
    return Failure{FailureKind::conflict, "copy: a row with this key is there"};
}

Result<BatchCounts> write_batch(Connection& connection, const ClientConfiguration& configuration,
                                UserAgentParser& user_agents, const Geography& geography,
                                std::span<const Hit> hits) {
    Batch batch{connection, configuration, user_agents, geography, {}, {}, {}};
    batch.hits.reserve(hits.size());
    for (const Hit& hit : hits) batch.hits.push_back({.hit = &hit});
    auto transaction = TRY(database::Transaction::begin(connection));
    TRY(drop_taken_hits(batch));
    TRY(write_visitors(batch));
    TRY(write_visits(batch));
    TRY(write_pages(batch));
    TRY(write_events(batch));
    TRY(write_sync_ids(batch));
    TRY(write_impressions(batch));
    TRY(write_subscriptions(batch));
    TRY(write_complaints(batch));
    TRY(transaction.commit());
    return batch.counts;
}

}  // namespace cubed::dps
