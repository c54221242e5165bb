// What bench/dps drives. Traffic of a shop: visits of five pages on average, one hit in fifty with a sale,
// eight user agents, the usual referrers.
//   dps_bench fill ACCOUNT HITS          seals envelopes and sends them to the account's queue
//   dps_bench memory URL HITS WORKERS    processes them from memory into an empty database, without SQS
#include <chrono>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>

#include "aws/sqs/types.h"
#include "base/clock.h"
#include "base/random.h"
#include "cubed/cloud/cloud.h"
#include "cubed/control/configuration.h"
#include "cubed/control/migrations.h"
#include "cubed/dps/memory_queue.h"
#include "cubed/dps/processor.h"
#include "cubed/schema/envelope.h"

using namespace cubed;
using namespace cubed::dps;

static constexpr const char* agents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile "
    "Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"};
static constexpr const char* referrers[] = {"", "https://www.google.com/",
                                            "https://www.google.com/?gclid=EAIaIQobChMI",
                                            "https://www.facebook.com/", "https://blog.example.org/best-tea"};

namespace {

/// Makes the hits of overlapping visits, in the order they would be collected.
class Shoppers {
  public:
    Shoppers(std::string account, std::size_t hits)
        : account_(std::move(account)), left_(hits), open_(2000) {}

    std::string next_body() {
        EnvelopePacker packer;
        while (left_ > 0 && packer.hits() < 500 && packer.add(encode_hit(next()))) --left_;
        return packer.hits() == 0 ? "" : packer.seal();
    }

  private:
    Hit next() {
        Hit& visit = open_[random_.below(open_.size())];
        const bool fresh = visit.visitor.empty() || random_.below(5) == 0;
        if (fresh) {
            // One visit in four is of a visitor who was here before.
            if (visit.visitor.empty() || random_.below(4) != 0) visit.visitor = random_.hex(16);
            visit.session = random_.hex(16);
            visit.user_agent = agents[random_.below(std::size(agents))];
        }
        now_ += std::chrono::milliseconds(2);
        Hit hit = visit;
        hit.account = account_;
        std::string id = random_.uuid7(now_);
        std::erase(id, '-');
        hit.id = id;
        hit.url = fmt::format("https://shop.example/products/category-{}/item-{}", random_.below(20),
                              random_.below(5000));
        hit.title = "A product with a title of the usual length - Shop";
        hit.referrer = fresh ? referrers[random_.below(std::size(referrers))] : "https://shop.example/";
        hit.ip = "192.0.2.0";
        hit.language = "en-GB";
        hit.screen = "1440x900";
        hit.tag_version = "1.0.0";
        hit.occurred = hit.collector_time = now_;
        if (random_.below(50) == 0) {
            hit.events.push_back(
                {.name = "purchase",
                 .revenue = 1000 + std::int64_t(random_.below(9000)),
                 .transaction_id = random_.hex(8),
                 .details = {
                     {.sku = "ASSAM-250", .name = "Assam, 250 g", .quantity = 1, .unit_price = 895}}});
        }
        return hit;
    }

    const std::string account_;
    std::size_t left_;
    std::vector<Hit> open_;
    base::SeededRandom random_{7};
    Instant now_ = base::RealClock().now() - std::chrono::hours(2);
};

}  // namespace

static int fail(const base::Failure& failure) {
    fmt::print(stderr, "dps_bench: {}\n", failure.what);
    return 1;
}

static int fill(const std::string& account, std::size_t hits) {
    auto cloud = Cloud::connect(cloud_options_from_environment());
    if (!cloud.ok()) return fail(cloud.error());
    auto url = queue_url(*cloud, main_queue_name(account));
    if (!url.ok()) return fail(url.error());
    Shoppers traffic(account, hits);
    for (std::string body = traffic.next_body(); !body.empty(); body = traffic.next_body()) {
        aws::sqs::SendMessageRequest request;
        request.queue_url = *url;
        request.message_body = std::move(body);
        if (auto sent = cloud->sqs().send_message(request); !sent.ok()) return fail(failure_of(sent.error()));
    }
    return 0;
}

static int memory(const std::string& url, std::size_t hits, std::size_t workers) {
    auto settings = database::settings_from_connection_string(url);
    if (!settings.ok()) return fail(settings.error());
    auto connection = database::Connection::open(*settings);
    if (!connection.ok()) return fail(connection.error());
    if (auto done = control::migrate(*connection, "client"); !done.ok()) return fail(done.error());
    if (auto done = control::add_default_channels(*connection); !done.ok()) return fail(done.error());
    if (auto done = control::add_event(*connection, "purchase", ""); !done.ok()) return fail(done.error());

    MemoryQueue queue;
    Shoppers traffic("c-a-demo-uk", hits);
    for (std::string body = traffic.next_body(); !body.empty(); body = traffic.next_body())
        queue.send(std::move(body));
    auto parser = UserAgentParser::create();
    if (!parser.ok()) return fail(parser.error());
    const Geography geography;
    const base::RealClock clock;
    base::MetricsRegistry registry;
    AccountMetrics metrics(registry, "c-a-demo-uk");
    const control::Account account{
        .token = "c-a-demo-uk", .domain = "shop.example", .domains = {"shop.example"}};
    const auto begun = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < workers; ++i) {
            threads.emplace_back([&] {
                Processor processor([&] { return std::optional(account); }, queue,
                                    [&]() -> base::Result<database::Settings> { return *settings; },
                                    {**parser, geography, clock}, metrics, {});
                if (auto drained = processor.drain({}); !drained.ok()) fail(drained.error());
            });
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    fmt::print("{} hits in {:.2f} s: {:.0f} hits/s\n", metrics.hits.value(), took.count(),
               double(metrics.hits.value()) / took.count());
    return 0;
}

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "fill" && argc == 4) return fill(argv[2], std::strtoull(argv[3], nullptr, 10));
    if (mode == "memory" && argc == 5) {
        return memory(argv[2], std::strtoull(argv[3], nullptr, 10), std::strtoull(argv[4], nullptr, 10));
    }
    fmt::print(stderr, "usage: dps_bench fill ACCOUNT HITS | memory URL HITS WORKERS\n");
    return 2;
}
