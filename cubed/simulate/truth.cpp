#include "cubed/simulate/truth.h"

#include <fmt/format.h>

#include "cubed/control/configuration.h"
#include "cubed/database/copy.h"

namespace cubed::simulate {

using base::Result;
using base::Unit;
using database::Connection;

Result<bool> has_truth(Connection& client, const World& world) {
    const auto rows =
        TRY(client.query("SELECT EXISTS (SELECT FROM simulate_truth WHERE scenario = $1 AND seed = $2)",
                         world.scenario.id, static_cast<std::int64_t>(world.seed)));
    return rows.boolean(0, 0);
}

Result<Unit> write_truth(Connection& client, const World& world, const std::vector<TruthRow>& truth,
                         const std::vector<Incremental>& added) {
    const auto seed = static_cast<std::int64_t>(world.seed);
    auto transaction = TRY(database::Transaction::begin(client));
    TRY(client.query("DELETE FROM simulate_truth WHERE scenario = $1 AND seed = $2", world.scenario.id,
                     seed));
    TRY(client.query("DELETE FROM simulate_incremental WHERE scenario = $1 AND seed = $2", world.scenario.id,
                     seed));
    database::CopyRows rows;
    for (const TruthRow& row : truth) {
        rows.row(7).text(world.scenario.id).int64(seed).text(row.visitor).text(row.transaction_id);
        rows.instant(row.converted).int64(row.revenue).text(row.cause);
    }
    TRY(client.copy_in(
        "COPY simulate_truth (scenario, seed, visitor_token, transaction_id, converted, revenue, cause) "
        "FROM STDIN (FORMAT binary)",
        rows));
    for (std::size_t i = 0; i < added.size(); ++i) {
        TRY(client.query(
            "INSERT INTO simulate_incremental (scenario, seed, channel, touches, conversions, revenue) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            world.scenario.id, seed, world.scenario.channels[i].name, added[i].touches,
            static_cast<double>(added[i].conversions), static_cast<double>(added[i].revenue)));
    }
    return transaction.commit();
}

Result<Unit> configure_shop(Connection& client) {
    TRY(control::add_event(client, "add to basket", "Add to basket"));
    TRY(control::add_event(client, "start checkout", "Start checkout"));
    TRY(control::add_event(client, "purchase", "Purchase"));
    const auto goals = TRY(client.query("SELECT count(*) FROM attrib_product"));
    if (goals.integer(0, 0) == 0) TRY(control::add_goal(client, {.name = "Sale", .events = {"purchase"}}));
    return Unit{};
}

Result<std::int64_t> stored_hits(Connection& client) {
    const auto rows = TRY(client.query("SELECT count(*) FROM attrib_hit"));
    return rows.integer(0, 0);
}

Result<std::string> truth_table(Connection& client) {
    const auto rows = TRY(client.query(
        "SELECT scenario, seed, channel, coalesce(touches, 0), coalesce(caused, 0), coalesce(i.conversions, "
        "0), "
        "coalesce(i.revenue, 0) FROM simulate_incremental i FULL JOIN (SELECT scenario, seed, cause AS "
        "channel, "
        "count(*) AS caused FROM simulate_truth GROUP BY 1, 2, 3) t USING (scenario, seed, channel) "
        "ORDER BY scenario, seed, channel <> 'baseline', channel"));
    std::string out = fmt::format("{:<8} {:>6}  {:<16} {:>9} {:>9} {:>12} {:>14}\n", "scenario", "seed",
                                  "channel", "touches", "caused", "incremental", "revenue (GBP)");
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const bool baseline = rows.text(row, 2) == "baseline";
        out += fmt::format("{:<8} {:>6}  {:<16} {:>9} {:>9} {:>12} {:>14}\n", rows.text(row, 0),
                           rows.text(row, 1), rows.text(row, 2), baseline ? "-" : rows.string(row, 3),
                           rows.text(row, 4), baseline ? "-" : fmt::format("{:.0f}", rows.real(row, 5)),
                           baseline ? "-" : fmt::format("{:.2f}", rows.real(row, 6) / 100));
    }
    return out;
}

}  // namespace cubed::simulate
