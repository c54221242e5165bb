#include "cubed/simulate/simulate.h"

#include <chrono>
#include <cstdio>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/time.h"
#include "cubed/cloud/cloud.h"
#include "cubed/control/account.h"
#include "cubed/simulate/delivery.h"
#include "cubed/simulate/truth.h"

namespace cubed::simulate {

namespace {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

struct Options {
    CloudOptions cloud = cloud_options_from_environment();
    std::string attrib_secret = "cubed/attrib";
    std::string account;
    std::string scenario = "A";
    std::uint32_t visitors = 20'000;
    double days = 30;
    std::uint64_t seed = 1;
    std::string end;
    DeliveryOptions delivery{.collector = "http://127.0.0.1:9073"};
    bool wait = false;
    unsigned wait_seconds = 600;
    bool print_truth = false;
    bool force = false;
};

void describe(CLI::App& app, Options& options) {
    add_cloud_options(app, options.cloud);
    app.add_option("--attrib-secret", options.attrib_secret,
                   "Secret with the central database's connection data")
        ->capture_default_str();
    app.add_option("--account", options.account, "Token of an account that was created as simulated")
        ->required();
    app.add_option("--scenario", options.scenario,
                   "A independent channels, B retargeting confounding, C halo, L null world")
        ->check(CLI::IsMember({"A", "B", "C", "L"}))
        ->capture_default_str();
    app.add_option("--visitors", options.visitors, "How many")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    app.add_option("--days", options.days, "Length of the period")
        ->check(CLI::Range(1.0, 365.0))
        ->capture_default_str();
    app.add_option("--seed", options.seed, "The same seed is the same world")->capture_default_str();
    app.add_option("--end", options.end, "End of the period, ISO 8601; the last midnight UTC when not given");
    app.add_option("--dcs", options.delivery.collector, "The collector")->capture_default_str();
    app.add_option("--connections", options.delivery.connections, "Kept-alive connections")
        ->capture_default_str();
    app.add_flag("--wait", options.wait, "Wait until every hit is in the database");
    app.add_option("--wait-seconds", options.wait_seconds, "How long at most")->capture_default_str();
    app.add_flag("--print-truth", options.print_truth, "Only print what was simulated before");
    app.add_flag("--force", options.force, "Simulate though this scenario and seed are there");
}

/// The account, and a connection to its database.
struct Client {
    control::Account account;
    database::Connection connection;
};

Result<Client> open_client(const Options& options) {
    const Cloud cloud = TRY(Cloud::connect(options.cloud));
    const std::string central = TRY(secret_string(cloud, options.attrib_secret));
    const database::Settings central_settings = TRY(database::settings_from_secret(central));
    database::Connection attrib = TRY(database::Connection::open(central_settings));
    control::Account account = TRY(control::load_account(attrib, options.account));
    const std::string own = TRY(secret_string(cloud, account.database_secret));
    const database::Settings own_settings = TRY(database::settings_from_secret(own));
    return Client{std::move(account), TRY(database::Connection::open(own_settings))};
}

Result<base::Instant> period_start(const Options& options) {
    base::Instant end = std::chrono::floor<std::chrono::days>(base::RealClock().now());
    if (!options.end.empty()) end = TRY(base::parse_iso8601(options.end));
    return end - std::chrono::milliseconds(static_cast<std::int64_t>(options.days * 86'400'000));
}

/// Progress is for people who watch.
template <class... Arguments>
void show_progress(const char* format, Arguments... arguments) {
    static const bool watched = isatty(STDERR_FILENO) == 1;
    if (watched) std::fprintf(stderr, format, arguments...);
}

/// Until as many hits as were sent are stored.
Result<Unit> wait_until_stored(database::Connection& client, std::int64_t before, std::size_t sent,
                               unsigned seconds) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < give_up) {
        const std::int64_t stored = TRY(stored_hits(client)) - before;
        show_progress("\rstored %lld of %zu hits ", static_cast<long long>(stored), sent);
        if (stored >= static_cast<std::int64_t>(sent)) {
            show_progress("\n");
            return Unit{};
        }
        TRY(client.query("SELECT pg_sleep(0.5)"));
    }
    show_progress("\n");
    return Failure{FailureKind::timed_out, "not every hit reached the database in time"};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Result<Unit> simulate(const Options& options) {
    Client client = TRY(open_client(options));
    if (options.print_truth) {
        std::fputs(TRY(truth_table(client.connection)).c_str(), stdout);
        return Unit{};
    }
    if (!client.account.simulated) {
        return Failure{FailureKind::denied,
                       "account " + options.account +
                           " was not created as simulated: it does not take hits of the past"};
    }
    const auto scenario = find_scenario(options.scenario);
    const World world{*scenario, options.seed, options.days};
    if (!options.force && TRY(has_truth(client.connection, world))) {
        std::printf("scenario %s, seed %llu is there already; nothing to do\n", scenario->id.c_str(),
                    static_cast<unsigned long long>(options.seed));
        return Unit{};
    }
    const auto began = std::chrono::steady_clock::now();
    const Site site{options.account, client.account.domain, TRY(period_start(options))};
    TRY(configure_shop(client.connection));
    const Traffic traffic = plan_traffic(world, site, options.visitors);
    std::printf("scenario %s (%s): %u visitors, %zu visits, %zu hits, %zu conversions in %.0f days from %s\n",
                scenario->id.c_str(), scenario->title.c_str(), options.visitors, traffic.visits,
                traffic.hits.size(), traffic.truth.size(), options.days,
                base::format_iso8601(site.start).c_str());
    std::fflush(stdout);

    const std::int64_t before = TRY(stored_hits(client.connection));
    const Delivered delivered = TRY(deliver(world, site, traffic, options.delivery, [&](std::size_t hits) {
        if (hits % 10'000 < options.delivery.hits_per_request) {
            show_progress("\rsent %zu of %zu hits ", hits, traffic.hits.size());
        }
    }));
    show_progress("\n");
    if (delivered.refused > 0) {
        return Failure{FailureKind::invalid, std::to_string(delivered.refused) + " hits were refused"};
    }
    TRY(write_truth(client.connection, world, traffic.truth, incremental(world, options.visitors)));
    std::printf("%zu hits acknowledged in %.1f s\n", delivered.hits, seconds_since(began));
    if (options.wait) {
        TRY(wait_until_stored(client.connection, before, delivered.hits, options.wait_seconds));
        std::printf("all stored after %.1f s\n", seconds_since(began));
    }
    return Unit{};
}

}  // namespace

}  // namespace cubed::simulate

int simulate_command(int argc, char** argv) {
    CLI::App app("Sends visitors whose true causes are known through the whole pipeline.", "cubed simulate");
    cubed::simulate::Options options;
    cubed::simulate::describe(app, options);
    CLI11_PARSE(app, argc, argv);
    const auto simulated = cubed::simulate::simulate(options);
    if (simulated.ok()) return 0;
    std::fprintf(stderr, "cubed simulate: %s\n", simulated.error().what.c_str());
    return 1;
}
