#include "cubed/control/migrations.h"

#include <map>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"

namespace cubed::control {

using base::Failure;
using base::FailureKind;
using base::Result;
using database::Connection;
using database::Statement;
using database::Transaction;

// Any number will do, as long as every migrator of the database uses it.
static constexpr std::int64_t migration_lock = 4'279'041'712;

static Result<base::Unit> apply(Connection& connection, const Migration& migration,
                                const std::string& digest) {
    auto transaction = TRY(Transaction::begin(connection));
    auto applied = connection.execute(Statement::from_trusted_file(std::string(migration.sql)));
    if (!applied.ok()) {
        return Failure{applied.error().kind, fmt::format("migration {}/{}: {}", migration.set, migration.name,
                                                         applied.error().what)};
    }
    TRY(connection.query("INSERT INTO cubed_migration (set_name, name, sha256) VALUES ($1, $2, $3)",
                         migration.set, migration.name, digest));
    return transaction.commit();
}

static Result<std::vector<std::string>> apply_missing(Connection& connection, std::string_view set) {
    TRY(connection.execute(
        "CREATE TABLE IF NOT EXISTS cubed_migration (set_name text NOT NULL, name text NOT NULL, "
        "sha256 text NOT NULL, applied timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (set_name, name))"));
    const auto rows =
        TRY(connection.query("SELECT name, sha256 FROM cubed_migration WHERE set_name = $1", set));
    std::map<std::string, std::string, std::less<>> known;
    for (std::size_t i = 0; i < rows.size(); ++i) known[rows.string(i, 0)] = rows.string(i, 1);

    std::vector<std::string> applied;
    for (const Migration& migration : all_migrations()) {
        if (migration.set != set) continue;
        const std::string digest = base::hex_encode(base::sha256(migration.sql));
        const auto found = known.find(migration.name);
        if (found == known.end()) {
            TRY(apply(connection, migration, digest));
            applied.emplace_back(migration.name);
        } else if (found->second != digest) {
            return Failure{FailureKind::conflict,
                           fmt::format("migration {}/{} was applied with another text", set, migration.name)};
        }
    }
    return applied;
}

Result<std::vector<std::string>> migrate(Connection& connection, std::string_view set) {
    TRY(connection.query("SELECT pg_advisory_lock($1)", migration_lock));
    auto applied = apply_missing(connection, set);
    // A lost connection has given the lock back by itself.
    std::ignore = connection.query("SELECT pg_advisory_unlock($1)", migration_lock);
    return applied;
}

}  // namespace cubed::control
