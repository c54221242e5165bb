#include "cubed/dash/dash_command.h"

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "aws/secretsmanager/types.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "cubed/cloud/cloud.h"
#include "cubed/dash/server.h"
#include "cubed/dash/shop.h"

namespace cubed::dash {
namespace {

constexpr const char* session_key_secret = "cubed/dash-session-key";

struct Options {
    CloudOptions cloud = cloud_options_from_environment();
    std::string listen = "127.0.0.1:8050";
    std::string pages = STRATUS_SOURCE_DIR "/cubed/dash/web/dist";
    std::string shop_listen, shop_account, collector;
    std::string shop_pages = STRATUS_SOURCE_DIR "/cubed/dash/shop";
};

std::optional<int> read_options(int argc, char** argv, Options& options) {
    CLI::App app{"The dashboard: channel report, journey inspector, live visitors.", "cubed dash"};
    add_cloud_options(app, options.cloud);
    app.add_option("--listen", options.listen, "address:port of the dashboard")->capture_default_str();
    app.add_option("--pages", options.pages, "folder of the built pages")->capture_default_str();
    auto* shop = app.add_option("--shop-listen", options.shop_listen,
                                "address:port of the demo shop; none without it");
    app.add_option("--shop-account", options.shop_account, "account token whose tag the shop carries")
        ->needs(shop);
    app.add_option("--collector", options.collector, "the DCS as a visitor's browser reaches it")
        ->needs(shop);
    app.add_option("--shop-pages", options.shop_pages, "folder of the shop's files")->capture_default_str();
    shop->needs("--shop-account")->needs("--collector");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    return std::nullopt;
}

base::Result<net::HttpServer::Options> listen_options(const std::string& text) {
    const auto colon = text.rfind(':');
    int port = -1;
    if (colon != std::string::npos && CLI::detail::lexical_cast(text.substr(colon + 1), port) && port >= 0 &&
        port <= 65535) {
        net::HttpServer::Options options;
        options.address = text.substr(0, colon);
        options.port = static_cast<uint16_t>(port);
        return options;
    }
    return base::Failure{base::FailureKind::invalid, fmt::format("'{}' is not address:port", text)};
}

SecretSource secrets_of(const Cloud& cloud) {
    return [cloud](const std::string& name) { return secret_string(cloud, name); };
}

/// Made on first use, so that sessions outlive a restart and are shared by several dashboards.
base::Result<std::string> session_key(const Cloud& cloud, base::Random& random) {
    auto known = secret_string(cloud, session_key_secret);
    if (!known.ok() && known.error().kind == base::FailureKind::not_found) {
        aws::secretsmanager::CreateSecretRequest request;
        request.name = session_key_secret;
        request.secret_string = random.hex(32);
        const auto created = cloud.secrets().create_secret(request);
        // Another dashboard may have been faster; whoever was first decides.
        if (!created.ok() && created.error().code != "ResourceExistsException")
            return failure_of(created.error());
        known = secret_string(cloud, session_key_secret);
    }
    const std::string text = TRY(std::move(known));
    return base::hex_decode(text);
}

/// Blocks until SIGTERM or SIGINT; both are blocked in every thread from the start.
void wait_for_stop(const sigset_t& stop_signals) {
    int signal_number = 0;
    sigwait(&stop_signals, &signal_number);
}

base::Result<base::Unit> run(const Options& options, const sigset_t& stop_signals) {
    const auto dash_options = TRY(listen_options(options.listen));
    StaticFiles pages = TRY(StaticFiles::load(options.pages));
    const Cloud cloud = TRY(Cloud::connect(options.cloud));
    base::RealClock clock;
    base::SystemRandom random;
    Accounts accounts(secrets_of(cloud));
    Sessions sessions(TRY(session_key(cloud, random)), secrets_of(cloud), clock);
    Server server(std::move(pages), accounts, sessions);
    const auto dash = TRY(net::HttpServer::start(dash_options, server));

    std::unique_ptr<Shop> shop;
    std::unique_ptr<net::HttpServer> shop_server;
    std::string shop_address;
    if (!options.shop_listen.empty()) {
        const auto shop_options = TRY(listen_options(options.shop_listen));
        StaticFiles files = TRY(StaticFiles::load(options.shop_pages));
        shop = std::make_unique<Shop>(std::move(files), options.collector, options.shop_account);
        shop_server = TRY(net::HttpServer::start(shop_options, *shop));
        shop_address = fmt::format(", shop on http://{}:{}", shop_options.address, shop_server->port());
    }
    fmt::print("dash: ready on http://{}:{}{}\n", dash_options.address, dash->port(), shop_address);
    std::fflush(stdout);
    wait_for_stop(stop_signals);
    if (shop_server) shop_server->stop();
    dash->stop();
    return base::Unit{};
}

}  // namespace

int dash_command(int argc, char** argv) {
    Options options;
    if (const auto status = read_options(argc, argv, options)) return *status;
    sigset_t stop_signals;
    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGTERM);
    sigaddset(&stop_signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
    const auto done = run(options, stop_signals);
    if (done.ok()) return 0;
    fmt::print(stderr, "cubed dash: {}\n", done.error().what);
    return 1;
}

}  // namespace cubed::dash
