#include "cubed/dcs/dcs.h"

#include <charconv>
#include <cstdio>
#include <signal.h>

#include <CLI/CLI.hpp>

#include "base/files.h"
#include "base/log.h"
#include "cubed/cloud/cloud.h"
#include "cubed/database/settings.h"
#include "cubed/dcs/collector.h"
#include "cubed/dcs/sender.h"
#include "net/http_server.h"

namespace cubed::dcs {

namespace {

using base::Result;
using base::Unit;

struct Options {
    std::string listen = "127.0.0.1:9073";
    CloudOptions cloud = cloud_options_from_environment();
    std::string spool_directory;
    std::string attrib_secret = "cubed/attrib";
    std::uint64_t spool_bytes_max = std::uint64_t{2} << 30;
    std::size_t io_threads = 1;
    std::size_t senders = 1;
    unsigned refresh_ms = 10'000;
    std::vector<std::string> trusted_proxies;
    std::vector<std::string> metrics_from{"127.0.0.0/8", "::1/128"};
    std::string tls_certificate, tls_key;
    std::string port_file;
};

void describe(CLI::App& app, Options& options) {
    app.add_option("--listen", options.listen, "Address and port; port 0: the system chooses")
        ->capture_default_str();
    add_cloud_options(app, options.cloud);
    app.add_option("--spool-dir", options.spool_directory, "Where accepted hits wait for their queue")
        ->required();
    app.add_option("--spool-bytes-max", options.spool_bytes_max, "Beyond this, hits are refused with 503")
        ->capture_default_str();
    app.add_option("--attrib-secret", options.attrib_secret,
                   "Secret with the central database's connection data")
        ->capture_default_str();
    app.add_option("--io-threads", options.io_threads, "Event loops")->capture_default_str();
    app.add_option("--senders", options.senders, "Threads that deliver to the queues")->capture_default_str();
    app.add_option("--refresh-ms", options.refresh_ms, "How often account configuration is looked at")
        ->capture_default_str();
    app.add_option("--trusted-proxy", options.trusted_proxies,
                   "Range whose X-Forwarded-For is believed; repeatable");
    app.add_option("--metrics-from", options.metrics_from, "Range that may read /metrics; repeatable")
        ->capture_default_str();
    app.add_option("--tls-certificate", options.tls_certificate, "PEM chain; serves HTTPS");
    app.add_option("--tls-key", options.tls_key, "PEM key");
    app.add_option("--port-file", options.port_file, "Write the port listened on to this file");
}

Result<std::vector<Network>> networks_of(const std::vector<std::string>& ranges) {
    std::vector<Network> networks;
    for (const std::string& range : ranges) {
        const auto network = Network::parse(range);
        if (!network) return base::Failure{base::FailureKind::invalid, "'" + range + "' is no address range"};
        networks.push_back(*network);
    }
    return networks;
}

Result<net::HttpServer::Options> server_options(const Options& options) {
    const size_t colon = options.listen.rfind(':');
    const std::string port = colon == std::string::npos ? "" : options.listen.substr(colon + 1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (port.empty() || error != std::errc{} || end != port.data() + port.size() || number > 65535) {
        return base::Failure{base::FailureKind::invalid, "--listen: expected ADDRESS:PORT"};
    }
    std::string address = options.listen.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    net::HttpServer::Options server;
    server.address = address;
    server.port = static_cast<std::uint16_t>(number);
    server.io_threads = options.io_threads;
    server.tls_certificate_file = options.tls_certificate;
    server.tls_key_file = options.tls_key;
    return server;
}

/// Signals are blocked in every thread and waited for here.
sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

void add_gauges(base::MetricsRegistry& metrics, const Spool& spool, const net::HttpServer& server) {
    auto& bytes = metrics.gauge("dcs_spool_bytes", "Bytes of the spool on disk");
    auto& waiting = metrics.gauge("dcs_spool_hits", "Hits that wait for their queue");
    auto& connections = metrics.gauge("dcs_connections", "Open connections");
    metrics.on_render([&] {
        bytes.set(static_cast<double>(spool.bytes()));
        waiting.set(static_cast<double>(spool.waiting()));
        connections.set(static_cast<double>(server.counts().connections_open));
    });
}

Result<Unit> serve(const Options& options) {
    const sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    const CollectorOptions collector_options{.trusted_proxies = TRY(networks_of(options.trusted_proxies)),
                                             .metrics_from = TRY(networks_of(options.metrics_from))};
    const net::HttpServer::Options listening = TRY(server_options(options));
    const Cloud cloud = TRY(Cloud::connect(options.cloud));
    base::RealClock clock;
    base::SystemRandom random;
    base::MetricsRegistry metrics;

    const auto spool =
        TRY(Spool::open({.directory = options.spool_directory, .bytes_max = options.spool_bytes_max}));
    Accounts accounts;
    AccountRefresher refresher(
        accounts,
        [&]() -> Result<database::Settings> {
            const std::string secret = TRY(secret_string(cloud, options.attrib_secret));
            return database::settings_from_secret(secret);
        },
        {.cache_file = std::filesystem::path(options.spool_directory) / "accounts.json",
         .every = std::chrono::milliseconds(options.refresh_ms)});
    refresher.start();

    SqsSink sink(cloud, accounts);
    std::vector<std::unique_ptr<Sender>> senders;
    for (size_t i = 0; i < std::max<size_t>(options.senders, 1); ++i) {
        senders.push_back(std::make_unique<Sender>(*spool, sink, metrics));
    }
    Collector collector(accounts, *spool, clock, random, metrics, collector_options);
    const auto server = TRY(net::HttpServer::start(listening, collector));
    add_gauges(metrics, *spool, *server);
    if (!options.port_file.empty()) {
        TRY(base::write_file_durably(options.port_file, std::to_string(server->port()) + "\n", 0644));
    }
    const bool is_v6 = listening.address.find(':') != std::string::npos;
    std::printf("dcs: ready, collecting on %s://%s%s%s:%u\n",
                options.tls_certificate.empty() ? "http" : "https", is_v6 ? "[" : "",
                listening.address.c_str(), is_v6 ? "]" : "", server->port());
    std::fflush(stdout);

    int signal = 0;
    sigwait(&signals, &signal);
    base::log_info("dcs", "stopping", {{"signal", signal}});
    server->stop();
    refresher.stop();
    senders.clear();
    return Unit{};
}

}  // namespace

}  // namespace cubed::dcs

int dcs_command(int argc, char** argv) {
    CLI::App app(
        "Data collection service: takes hits, keeps them durably, packs them into the accounts' queues.",
        "cubed dcs");
    cubed::dcs::Options options;
    cubed::dcs::describe(app, options);
    CLI11_PARSE(app, argc, argv);
    const auto served = cubed::dcs::serve(options);
    if (served.ok()) return 0;
    std::fprintf(stderr, "cubed dcs: %s\n", served.error().what.c_str());
    return 1;
}
