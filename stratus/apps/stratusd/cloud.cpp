#include "stratus/apps/stratusd/cloud.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "base/log.h"
#include "stratus/apps/stratusd/data_directory.h"
#include "stratus/apps/stratusd/hosting.h"
#include "stratus/gateway/pipeline.h"
#include "stratus/store/sqlite_store.h"

namespace stratus {
namespace {

using base::Result;

/// Quick operations run on the I/O threads, so there are as many as can be of use; the workers wait for the
/// disk.
std::size_t io_threads() {
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
}

/// Members in the order in which they need each other; destroyed the other way round.
class RunningCloud final : public Cloud {
  public:
    explicit RunningCloud(const Options& options) : options_(options) {}
    ~RunningCloud() override {
        if (server_) server_->stop();
        if (dispatcher_) dispatcher_->stop();
    }

    Result<base::Unit> open_data_directory();
    Result<base::Unit> host_services();
    void build_gateway();
    Result<base::Unit> listen();

    std::string url() const override {
        const bool is_ipv6 = options_.address.find(':') != std::string::npos;
        const std::string host = is_ipv6 ? "[" + options_.address + "]" : options_.address;
        return (options_.tls_certificate_file.empty() ? "http://" : "https://") + host + ":" +
               std::to_string(server_->port());
    }

  private:
    const Options options_;
    base::RealClock real_clock_;
    base::OffsetClock clock_{real_clock_};
    base::SystemRandom random_;
    base::MetricsRegistry metrics_;
    EventBus events_;

    std::unique_ptr<DataDirectory> directory_;
    std::unique_ptr<MasterKey> master_key_;
    std::unique_ptr<CredentialTable> credentials_;
    std::unique_ptr<Sessions> sessions_;
    std::unique_ptr<Store> store_;

    std::vector<std::unique_ptr<Hosting>> hostings_;
    std::vector<HostedService> services_;

    std::unique_ptr<Router> router_;
    std::unique_ptr<Admission> admission_;
    std::unique_ptr<Authenticator> authenticator_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::unique_ptr<ControlEndpoints> control_;
    std::unique_ptr<Pipeline> pipeline_;
    std::unique_ptr<net::HttpServer> server_;
};

Result<base::Unit> RunningCloud::open_data_directory() {
    directory_ = std::make_unique<DataDirectory>(TRY(DataDirectory::open(options_.data_dir)));
    master_key_ =
        std::make_unique<MasterKey>(TRY(MasterKey::open_or_create(directory_->file("master.key"), random_)));
    const auto credentials = directory_->file("credentials");
    TRY(ensure_credential(credentials, "default", options_.account, options_.region, random_));
    credentials_ = std::make_unique<CredentialTable>(credentials);
    sessions_ = std::make_unique<Sessions>(*master_key_, random_);
    store_ = TRY(SqliteStore::open({.file = directory_->file("store.sqlite")}));
    return base::Unit{};
}

Result<base::Unit> RunningCloud::host_services() {
    const Platform platform{
        .data_dir = directory_->path(),
        .store = *store_,
        .clock = clock_,
        .random = random_,
        .events = events_,
        .metrics = metrics_,
        .master_key = *master_key_,
        .sessions = *sessions_,
    };
    for (const Host host : all_services) {
        hostings_.push_back(TRY(host(platform)));
        services_.push_back(hostings_.back()->service());
    }
    return base::Unit{};
}

void RunningCloud::build_gateway() {
    router_ = std::make_unique<Router>(services_, options_.region);
    admission_ = std::make_unique<Admission>(Admission::Options{});
    authenticator_ = std::make_unique<Authenticator>(
        Authenticator::Options{.account = options_.account,
                               .accept_any_credentials = options_.accept_any_credentials},
        *credentials_, *sessions_, real_clock_, clock_);
    dispatcher_ = std::make_unique<Dispatcher>(Dispatcher::Options{}, events_, clock_, metrics_);
    control_ = std::make_unique<ControlEndpoints>(
        ControlEndpoints::Options{.region = options_.region,
                                  .account = options_.account,
                                  .test_endpoints = options_.test_endpoints},
        services_, *store_, clock_, *dispatcher_, metrics_);
    pipeline_ = std::make_unique<Pipeline>(*router_, *admission_, *authenticator_, *dispatcher_, *control_,
                                           random_, clock_);
}

Result<base::Unit> RunningCloud::listen() {
    server_ = TRY(net::HttpServer::start(
        {
            .address = options_.address,
            .port = options_.port,
            .io_threads = io_threads(),
            .server_name = "Stratus",
            .tls_certificate_file = options_.tls_certificate_file,
            .tls_key_file = options_.tls_key_file,
        },
        *pipeline_));
    return base::Unit{};
}

}  // namespace

Result<std::unique_ptr<Cloud>> Cloud::start(const Options& options) {
    auto cloud = std::make_unique<RunningCloud>(options);
    TRY(cloud->open_data_directory());
    TRY(cloud->host_services());
    cloud->build_gateway();
    TRY(cloud->listen());
    return std::unique_ptr<Cloud>(std::move(cloud));
}

}  // namespace stratus
