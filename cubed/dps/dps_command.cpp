#include "cubed/dps/dps_command.h"

#include <csignal>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "cubed/control/create_account.h"
#include "cubed/dps/memory_queue.h"
#include "cubed/dps/service.h"

namespace cubed::dps {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

namespace {

struct Options {
    CloudOptions cloud = cloud_options_from_environment();
    Service::Options service;
    bool all_accounts = false;
    std::string listen, geoip;
    std::size_t batch_hits = 20'000;
    bool replay = false;
};

}  // namespace

static std::optional<int> read_options(int argc, char** argv, Options& options) {
    CLI::App app{"Takes hits off the accounts' queues and writes visits.", "cubed dps"};
    add_cloud_options(app, options.cloud);
    auto* account = app.add_option("--account", options.service.account, "serve this account");
    auto* all =
        app.add_flag("--all-accounts", options.all_accounts, "serve every account, also those made later");
    all->excludes(account);
    app.add_option("--workers", options.service.workers, "worker threads of each account")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--batch-hits", options.batch_hits, "hits of one transaction, about")
        ->check(CLI::Range(1, 200'000))
        ->capture_default_str();
    app.add_option("--geoip", options.geoip, "MaxMind-format file; places are unknown without it");
    app.add_option("--listen", options.listen, "address:port of /metrics and /health; none without it");
    auto* replay =
        app.add_subcommand("replay", "Put the quarantined messages of --account through again, and end");
    try {
        app.parse(argc, argv);
        if (options.service.account.empty() && !options.all_accounts) {
            throw CLI::RequiredError("--account or --all-accounts");
        }
        if (replay->parsed() && options.service.account.empty()) throw CLI::RequiredError("--account");
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    options.replay = replay->parsed();
    options.service.processor.batch_hits = options.batch_hits;
    return std::nullopt;
}

static Result<net::HttpServer::Options> listen_options(const std::string& text) {
    const auto colon = text.rfind(':');
    int port = -1;
    if (colon == std::string::npos || !CLI::detail::lexical_cast(text.substr(colon + 1), port) || port < 0 ||
        port > 65535) {
        return Failure{FailureKind::invalid, fmt::format("'{}' is not address:port", text)};
    }
    net::HttpServer::Options options;
    options.address = text.substr(0, colon);
    options.port = std::uint16_t(port);
    return options;
}

static Result<Unit> replay(const Options& options, const Cloud& cloud, Tools tools,
                           base::MetricsRegistry& metrics) {
    control::AwsCloud secrets(cloud);
    auto attrib = TRY(database::Connection::open(TRY(control::attrib_settings(secrets))));
    const auto account = TRY(control::load_account(attrib, options.service.account));
    const auto settings = [&] { return control::client_settings(secrets, account); };
    AccountMetrics counts(metrics, account.token);
    MemoryQueue no_queue;
    Processor processor([&] { return std::optional(account); }, no_queue, settings, tools, counts, {});
    auto client = TRY(database::Connection::open(TRY(settings())));
    const auto done = TRY(replay_quarantine(client, processor, {}));
    fmt::print("{} replayed, {} stay in quarantine\n", done.done, done.failed);
    return Unit{};
}

static Result<Unit> serve(const Options& options, const Cloud& cloud, Tools tools,
                          base::MetricsRegistry& metrics, const sigset_t& signals) {
    MetricsHandler handler(metrics);
    std::unique_ptr<net::HttpServer> server;
    std::string where = "without metrics";
    if (!options.listen.empty()) {
        const auto listen = TRY(listen_options(options.listen));
        server = TRY(net::HttpServer::start(listen, handler));
        where = fmt::format("on http://{}:{}", listen.address, server->port());
    }
    Service service(cloud, tools, metrics, options.service);
    std::jthread runner([&](std::stop_token stop) { service.run(stop); });
    fmt::print("dps: ready {}\n", where);
    std::fflush(stdout);
    int signal_number = 0;
    sigwait(&signals, &signal_number);
    base::log_info("dps", "stopping when the batches are done");
    runner.request_stop();
    runner.join();
    return Unit{};
}

static Result<Unit> run(const Options& options, const sigset_t& signals) {
    const Cloud cloud = TRY(Cloud::connect(options.cloud));
    const Geography geography = TRY(Geography::open(options.geoip));
    const auto user_agents = TRY(UserAgentParser::create());
    if (user_agents->rules_left_out() > 0) {
        base::log_warning("dps", "user agent rules left out", {{"rules", user_agents->rules_left_out()}});
    }
    const base::RealClock clock;
    base::MetricsRegistry metrics;
    const Tools tools{*user_agents, geography, clock};
    if (options.replay) return replay(options, cloud, tools, metrics);
    return serve(options, cloud, tools, metrics, signals);
}

int dps_command(int argc, char** argv) {
    Options options;
    if (const auto status = read_options(argc, argv, options)) return *status;
    // Blocked before any thread starts, so that only sigwait takes them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const auto done = run(options, signals);
    if (done.ok()) return 0;
    fmt::print(stderr, "cubed dps: {}\n", done.error().what);
    return 1;
}

}  // namespace cubed::dps
