#include "cubed/control/control_command.h"

#include <cstdlib>
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cubed/control/aws_cloud.h"
#include "cubed/control/create_account.h"
#include "cubed/control/maintain.h"
#include "cubed/control/migrations.h"

namespace cubed::control {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using database::Connection;

namespace {

/// What a subcommand works with, opened when it asks.
struct Session {
    CloudOptions options = cloud_options_from_environment();
    std::optional<AwsCloud> cloud;

    Result<AwsCloud*> aws() {
        if (!cloud) cloud.emplace(TRY(cubed::Cloud::connect(options)));
        return &*cloud;
    }
    Result<Connection> attrib() {
        AwsCloud* aws_cloud = TRY(aws());
        return Connection::open(TRY(attrib_settings(*aws_cloud)));
    }
    Result<Connection> client(const std::string& token) {
        auto central = TRY(attrib());
        const Account account = TRY(load_account(central, token));
        return Connection::open(TRY(client_settings(*cloud, account)));
    }
};

using Action = std::function<Result<Unit>(Session&)>;

/// The subcommand that the command line chose, and its options' values, which live as long as it.
struct Commands {
    CLI::App app{"Accounts and their configuration.", "cubed control"};
    Session session;
    Action action;
    std::string database, token, text, other;
    NewAccount account;
    PatternRule rule;
    Goal goal;
    bool demo = false, paid = false;
    std::vector<std::string> settings;

    CLI::App* add(const char* name, const char* summary, Action run) {
        CLI::App* command = app.add_subcommand(name, summary);
        command->callback([this, run = std::move(run)] { action = run; });
        return command;
    }
    CLI::App* add_for_account(const char* name, const char* summary, Action run) {
        CLI::App* command = add(name, summary, std::move(run));
        command->add_option("--account,account", token, "Account token, c-a-<name>-<location>")->required();
        return command;
    }
};

}  // namespace

/// Asks for what the command line left out, as the platform's control_create_account does.
static void ask(const char* question, std::string& answer, const std::string& otherwise = "") {
    if (!answer.empty()) return;
    fmt::print("{}{}: ", question, otherwise.empty() ? "" : " [" + otherwise + "]");
    std::fflush(stdout);
    std::getline(std::cin, answer);
    if (answer.empty()) answer = otherwise;
}

static bool ask_yes(const char* question) {
    std::string answer;
    ask(question, answer, "Y");
    return answer[0] == 'Y' || answer[0] == 'y';
}

static Result<Unit> run_create_account(Commands& commands, Session& session) {
    NewAccount& account = commands.account;
    if (account.name.empty() && account.location.empty() && account.domain.empty()) {
        std::string token;
        ask("Token, as name-location", token);
        const auto dash = token.rfind('-');
        account.name = token.substr(0, dash);
        account.location = dash == std::string::npos ? "" : token.substr(dash + 1);
        ask("Client's domain", account.domain);
        ask("Client's name, for people", account.display_name, account.name);
        commands.demo = commands.demo || ask_yes("Add the events and goal of a shop (Y/n)");
    }
    if (commands.demo) {
        account.events = {"add to basket", "start checkout", "purchase"};
        account.goals = {{.name = "Sale", .events = {"purchase"}}};
    }
    AwsCloud* cloud = TRY(session.aws());
    base::SystemRandom random;
    const auto names = TRY(create_account(TRY(attrib_settings(*cloud)), *cloud, random, account));
    fmt::print("account {}\ndatabase {} (credentials in secret {})\nqueue {}\n", names.token, names.database,
               names.secret, names.queue);
    return Unit{};
}

static Result<Unit> run_install(Commands& commands, Session& session) {
    if (commands.database.empty()) {
        if (const char* url = std::getenv("CUBED_DATABASE_URL")) commands.database = url;
    }
    const auto admin = TRY(database::settings_from_connection_string(commands.database));
    base::SystemRandom random;
    TRY(create_attrib(admin, *TRY(session.aws()), random));
    fmt::print("database attrib (credentials in secret {})\n", attrib_secret);
    return Unit{};
}

static Result<Unit> run_migrate(Commands& commands, Session& session) {
    auto attrib = TRY(session.attrib());
    for (const auto& name : TRY(migrate(attrib, "attrib"))) fmt::print("attrib: {}\n", name);
    for (const Account& account : TRY(load_accounts(attrib))) {
        if (!commands.token.empty() && commands.token != account.token) continue;
        auto client = TRY(session.client(account.token));
        for (const auto& name : TRY(migrate(client, "client"))) fmt::print("{}: {}\n", account.token, name);
    }
    return Unit{};
}

static std::string state_of(const Account& account) {
    return !account.active       ? "off"
           : account.maintenance ? "maintenance"
           : account.simulated   ? "simulated"
                                 : "active";
}

static Result<Unit> run_list(Session& session) {
    auto attrib = TRY(session.attrib());
    for (const Account& account : TRY(load_accounts(attrib))) {
        fmt::print("{:<24} {:<12} {:<24} {}\n", account.token, state_of(account), account.domain,
                   account.name);
    }
    return Unit{};
}

/// Prints a query's rows, tab-separated, under a heading.
static Result<Unit> print_rows(Connection& connection, const char* heading,
                               const database::Statement& statement) {
    const auto rows = TRY(connection.query(statement));
    fmt::print("{}\n", heading);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t column = 0; column < rows.columns(); ++column) {
            fmt::print("{}{}", column == 0 ? "  " : "\t",
                       rows.null(row, column) ? "-" : rows.text(row, column));
        }
        fmt::print("\n");
    }
    return Unit{};
}

static Result<Unit> run_show(Commands& commands, Session& session) {
    auto attrib = TRY(session.attrib());
    const Account account = TRY(load_account(attrib, commands.token));
    fmt::print(
        "token {}\nname {}\nstate {}\ndatabase {}\nqueue {}\ncurrency {}\nsession idle {} s\nlate hits {} "
        "days\n",
        account.token, account.name, state_of(account), account.database_name, account.queue_name,
        account.currency, account.session_idle_seconds, account.late_days);
    for (const auto& domain : account.domains) fmt::print("domain {}\n", domain);
    TRY(print_rows(attrib, "blocked addresses",
                   {"SELECT range FROM attrib_blocked_ip WHERE account_id = $1 ORDER BY 1", account.id}));
    TRY(print_rows(
        attrib, "blocked visitors",
        {"SELECT visitor_token FROM attrib_blocked_visitor WHERE account_id = $1 ORDER BY 1", account.id}));
    auto client = TRY(session.client(account.token));
    TRY(print_rows(
        client, "goals: name, type, lookback days, events",
        {"SELECT p.name, p.type, p.lookback_days, string_agg(e.name, ', ' ORDER BY e.name) "
         "FROM attrib_product p LEFT JOIN attrib_product_event pe ON pe.product_id = p.id "
         "LEFT JOIN attrib_event e ON e.id = pe.event_id WHERE p.active GROUP BY p.id ORDER BY p.name"}));
    TRY(print_rows(client, "events: name, set up, active",
                   {"SELECT name, configured, active FROM attrib_event ORDER BY name"}));
    return print_rows(
        client, "patterns: id, channel, referrer, source, medium, campaign, class, default, problem",
        {"SELECT p.id, r.name, p.pattern, p.source, p.medium, p.campaign, p.category, p.is_default, "
         "p.rejected FROM attrib_pattern p JOIN attrib_referer r ON r.id = p.referer_id "
         "WHERE p.active ORDER BY p.is_default, p.position, p.id"});
}

static Result<Unit> run_set(Commands& commands, Session& session) {
    auto attrib = TRY(session.attrib());
    for (const std::string& setting : commands.settings) {
        const auto equals = setting.find('=');
        if (equals == std::string::npos) {
            return Failure{FailureKind::invalid, fmt::format("'{}' is not name=value", setting)};
        }
        TRY(set_setting(attrib, commands.token, setting.substr(0, equals), setting.substr(equals + 1)));
    }
    return Unit{};
}

static void add_account_commands(Commands& c) {
    auto* install = c.add("install", "Make the central database and its secret",
                          [&c](Session& session) { return run_install(c, session); });
    install->add_option(
        "--database,--database-url", c.database,
        "postgresql:// URL of a role that may create roles and databases (or CUBED_DATABASE_URL)");
    auto* create =
        c.add("create-account", "Make an account with its database, queue and secrets; may be repeated",
              [&c](Session& session) { return run_create_account(c, session); });
    create->add_option("--name", c.account.name, "a-z and 0-9; without any option it asks");
    create->add_option("--location", c.account.location, "for example uk");
    create->add_option("--domain", c.account.domain, "the client's site");
    create->add_option("--display-name", c.account.display_name, "for people");
    create->add_flag("--simulated", c.account.simulated, "hits may carry times of the past");
    create->add_flag("--demo", c.demo, "with the events and goal of a shop");
    create->add_option("--event", c.account.events, "an event's name; may be repeated");
    auto* migrations =
        c.add("migrate", "Bring the schemas up to date", [&c](Session& s) { return run_migrate(c, s); });
    migrations->add_option("--account", c.token, "only this account's");
    c.add("list", "All accounts", run_list)->alias("list-accounts");
    c.add_for_account("show", "One account's configuration", [&c](Session& s) { return run_show(c, s); });
    auto* set = c.add_for_account("set",
                                  "Change settings: active, maintenance, simulated, name, domain, currency, "
                                  "time-zone, session-idle, late-days",
                                  [&c](Session& s) { return run_set(c, s); });
    set->alias("update-account");
    set->add_option("settings", c.settings, "name=value ...")->required();
    c.add_for_account("redrive", "Move the dead-letter queue's messages back",
                      [&c](Session& s) -> Result<Unit> {
                          return TRY(s.aws())->redrive(TRY(account_names_of(c.token)).dead_letter_queue);
                      });
}

static void add_blocking_commands(Commands& c) {
    for (const Blocking what : {Blocking::block, Blocking::unblock}) {
        const bool block = what == Blocking::block;
        c.add_for_account(block ? "block-ip" : "unblock-ip", "An address or CIDR range",
                          [&c, what](Session& s) -> Result<Unit> {
                              auto attrib = TRY(s.attrib());
                              return block_address(attrib, c.token, c.text, what);
                          })
            ->add_option("range", c.text)
            ->required();
        c.add_for_account(block ? "block-visitor" : "unblock-visitor", "A visitor token",
                          [&c, what](Session& s) -> Result<Unit> {
                              auto attrib = TRY(s.attrib());
                              return block_visitor(attrib, c.token, c.text, what);
                          })
            ->add_option("visitor", c.text)
            ->required();
    }
    c.add_for_account("add-domain", "A further domain of the client",
                      [&c](Session& s) -> Result<Unit> {
                          auto attrib = TRY(s.attrib());
                          return add_domain(attrib, c.token, c.text);
                      })
        ->add_option("domain", c.text)
        ->required();
}

static void add_configuration_commands(Commands& c) {
    auto* event =
        c.add_for_account("add-event", "An event that pages report", [&c](Session& s) -> Result<Unit> {
            auto client = TRY(s.client(c.token));
            TRY(add_event(client, c.text, c.other));
            return Unit{};
        });
    event->add_option("name", c.text, "exact, case-sensitive")->required();
    event->add_option("--display-name", c.other);
    auto* goal = c.add_for_account("add-goal", "A goal: reached by any of its events",
                                   [&c](Session& s) -> Result<Unit> {
                                       auto client = TRY(s.client(c.token));
                                       TRY(add_goal(client, c.goal));
                                       return Unit{};
                                   });
    goal->add_option("name", c.goal.name)->required();
    goal->add_option("--event", c.goal.events, "may be repeated")->required();
    goal->add_option("--type", c.goal.type, "ecommerce, lead or propensity")->capture_default_str();
    goal->add_option("--lookback-days", c.goal.lookback_days)->capture_default_str();
    auto* channel = c.add_for_account("add-channel", "A marketing channel", [&c](Session& s) -> Result<Unit> {
        auto client = TRY(s.client(c.token));
        TRY(add_channel(client, c.text, c.paid));
        return Unit{};
    });
    channel->add_option("name", c.text)->required();
    channel->add_flag("--paid", c.paid);
    auto* pattern = c.add_for_account("add-pattern", "A rule that leads visits to a channel",
                                      [&c](Session& s) -> Result<Unit> {
                                          auto client = TRY(s.client(c.token));
                                          fmt::print("pattern {}\n", TRY(add_pattern(client, c.rule)));
                                          return Unit{};
                                      });
    pattern->add_option("channel", c.rule.channel)->required();
    pattern->add_option("--referrer", c.rule.pattern,
                        "RE2 expression, searched in the referrer with its parameters");
    pattern->add_option("--source", c.rule.source, "RE2 expression");
    pattern->add_option("--medium", c.rule.medium, "RE2 expression");
    pattern->add_option("--campaign", c.rule.campaign, "RE2 expression");
    pattern->add_option("--class", c.rule.category,
                        "class of the source: search, social, video, shopping, email, ...");
    pattern->add_option("--position", c.rule.position, "smaller is tried first")->capture_default_str();
    auto* remove =
        c.add_for_account("remove-pattern", "Switch a pattern off", [&c](Session& s) -> Result<Unit> {
            auto client = TRY(s.client(c.token));
            const auto rows =
                TRY(client.query("UPDATE attrib_pattern SET active = false WHERE id::text = $1", c.text));
            if (rows.affected() == 0) return Failure{FailureKind::not_found, "no pattern " + c.text};
            return Unit{};
        });
    remove->add_option("pattern", c.text, "its id, as `show` lists it")->required();
}

int control_command(int argc, char** argv) {
    Commands commands;
    add_cloud_options(commands.app, commands.session.options);
    commands.app.fallthrough()->require_subcommand(1);
    add_account_commands(commands);
    add_blocking_commands(commands);
    add_configuration_commands(commands);
    try {
        commands.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return commands.app.exit(error) == 0 ? 0 : 2;
    }
    const auto done = commands.action(commands.session);
    if (done.ok()) return 0;
    fmt::print(stderr, "cubed control: {}\n", done.error().what);
    return 1;
}

}  // namespace cubed::control
