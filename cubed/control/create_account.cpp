#include "cubed/control/create_account.h"

#include <fmt/format.h>

#include "base/log.h"
#include "cubed/control/migrations.h"

namespace cubed::control {

using base::Failure;
using base::FailureKind;
using base::Random;
using base::Result;
using base::Unit;
using database::Connection;
using database::Settings;
using database::Statement;

/// The credentials of `secret`, made on first use and written down before anything depends on them.
static Result<Settings> ensure_credentials(Cloud& cloud, Random& random, const std::string& secret,
                                           const Settings& server, const std::string& role,
                                           const std::string& database) {
    Settings wanted = server;
    wanted.user = role;
    wanted.database = database;
    if (const auto known = TRY(cloud.find_secret(secret))) {
        wanted.password = TRY(database::settings_from_secret(*known)).password;
    } else {
        wanted.password = random.hex(20);
    }
    // Also when it was known: the server may have moved to another address or port.
    TRY(cloud.put_secret(secret, database::secret_of(wanted)));
    return wanted;
}

static Result<Unit> ensure_role(Connection& server, const Settings& credentials, database::Sql rights) {
    const auto known = TRY(server.query("SELECT FROM pg_roles WHERE rolname = $1", credentials.user));
    Statement role(known.empty() ? database::Sql("CREATE ROLE ") : database::Sql("ALTER ROLE "));
    role.identifier(credentials.user).text(rights).text(" LOGIN PASSWORD ").literal(credentials.password);
    return server.execute(role);
}

static Result<Unit> ensure_database(Connection& server, const Settings& credentials) {
    const auto known = TRY(server.query("SELECT FROM pg_database WHERE datname = $1", credentials.database));
    if (!known.empty()) return Unit{};
    // Only a member of a role may give it a database; a superuser may anyway, and then this changes nothing.
    Statement grant("GRANT ");
    TRY(server.execute(grant.identifier(credentials.user).text(" TO CURRENT_USER")));
    Statement create("CREATE DATABASE ");
    create.identifier(credentials.database).text(" OWNER ").identifier(credentials.user);
    TRY(server.execute(create.text(" ENCODING 'UTF8' TEMPLATE template0")));
    Statement revoke("REVOKE ALL ON DATABASE ");
    return server.execute(revoke.identifier(credentials.database).text(" FROM PUBLIC"));
}

static Result<Connection> open_and_migrate(const Settings& settings, std::string_view set) {
    auto connection = TRY(Connection::open(settings));
    for (const std::string& name : TRY(migrate(connection, set))) {
        base::log_info("control", "migration applied",
                       {{"database", settings.database}, {"migration", name}});
    }
    return connection;
}

Result<Unit> create_attrib(const Settings& admin, Cloud& cloud, Random& random) {
    auto server = TRY(Connection::open(admin));
    const Settings credentials =
        TRY(ensure_credentials(cloud, random, attrib_secret, admin, "attrib", "attrib"));
    TRY(ensure_role(server, credentials, " CREATEDB CREATEROLE"));
    TRY(ensure_database(server, credentials));
    TRY(open_and_migrate(credentials, "attrib"));
    return Unit{};
}

static Result<Unit> configure(Connection& client, const NewAccount& request) {
    TRY(add_default_channels(client));
    for (const std::string& event : request.events) TRY(add_event(client, event, ""));
    for (const Goal& goal : request.goals) TRY(add_goal(client, goal));
    return Unit{};
}

/// The password that opens the account's dashboard; made once, then left to whoever rotates it.
static Result<Unit> ensure_dashboard_password(Cloud& cloud, Random& random, const std::string& token) {
    const std::string secret = dashboard_secret(token);
    if (TRY(cloud.find_secret(secret))) return Unit{};
    return cloud.put_secret(secret,
                            fmt::format(R"({{"username":"{}","password":"{}"}})", token, random.hex(12)));
}

static Result<Unit> write_account(Connection& attrib, const AccountNames& names, const NewAccount& request,
                                  const std::string& domain) {
    TRY(attrib.query(
        "INSERT INTO attrib_account (token, name, domain, database_name, database_secret, queue_name, "
        "simulated) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (token) DO UPDATE SET "
        "name = excluded.name, domain = excluded.domain, simulated = excluded.simulated, active = true",
        names.token, request.display_name.empty() ? request.name : request.display_name, domain,
        names.database, names.secret, names.queue, request.simulated));
    return Unit{};
}

Result<AccountNames> create_account(const Settings& central, Cloud& cloud, Random& random,
                                    const NewAccount& request) {
    const AccountNames names = TRY(account_names(request.name, request.location));
    const std::string domain = TRY(clean_domain(request.domain));
    auto attrib = TRY(Connection::open(central));
    const Settings credentials =
        TRY(ensure_credentials(cloud, random, names.secret, central, names.database, names.database));
    TRY(ensure_role(attrib, credentials, ""));
    TRY(ensure_database(attrib, credentials));
    auto client = TRY(open_and_migrate(credentials, "client"));
    TRY(configure(client, request));
    TRY(ensure_dashboard_password(cloud, random, names.token));
    TRY(cloud.ensure_queue(names.queue, names.dead_letter_queue));
    TRY(write_account(attrib, names, request, domain));
    base::log_info("control", "account is ready", {{"account", names.token}, {"queue", names.queue}});
    return names;
}

std::string dashboard_secret(std::string_view token) {
    return fmt::format("cubed/dash/{}", token);
}

static Result<Settings> settings_of_secret(Cloud& cloud, const std::string& name) {
    const auto secret = TRY(cloud.find_secret(name));
    if (!secret) return Failure{FailureKind::not_found, fmt::format("no secret '{}'", name)};
    return database::settings_from_secret(*secret);
}

Result<Settings> attrib_settings(Cloud& cloud) {
    return settings_of_secret(cloud, attrib_secret);
}

Result<Settings> client_settings(Cloud& cloud, const Account& account) {
    return settings_of_secret(cloud, account.database_secret);
}

}  // namespace cubed::control
