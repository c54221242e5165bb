#include "cubed/simulate/traffic.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/json.h"
#include "cubed/simulate/philox.h"

namespace cubed::simulate {

namespace {

using namespace std::chrono_literals;

constexpr double minute = 1.0 / 1440;
constexpr double second = minute / 60;
constexpr std::uint64_t browsing_path = 0x7ea;  ///< Philox stream of a visit's pages

struct Product {
    std::string_view sku, slug, name;
};
constexpr Product products[] = {
    {"TEA-001", "darjeeling", "Darjeeling First Flush"},
    {"TEA-002", "assam", "Assam Breakfast"},
    {"TEA-003", "sencha", "Sencha"},
    {"TEA-004", "earl-grey", "Earl Grey"},
    {"TEA-005", "rooibos", "Rooibos"},
    {"TEA-006", "peppermint", "Peppermint"},
};

std::string token(const World& world, std::string_view kind, std::uint32_t visitor, std::uint32_t visit = 0) {
    const std::string name =
        fmt::format("{}/{}/{}/{}/{}", world.scenario.id, world.seed, kind, visitor, visit);
    return base::hex_encode(base::sha256(name).substr(0, 16));
}

std::string transaction_of(const World& world, std::uint32_t visitor) {
    return fmt::format("sim-{}-{}-{}", world.scenario.id, world.seed, visitor);
}

/// What a channel's visits bring: the page they came from, and the parameters of the landing page.
struct Origin {
    std::string referrer, parameters;
};

Origin origin_of(std::string_view channel, std::uint32_t draw) {
    const std::string click = fmt::format("{:08x}{:08x}", draw * 2654435761u, draw);
    if (channel == "SEO") return {draw % 8 == 0 ? "https://www.bing.com/" : "https://www.google.com/", ""};
    if (channel == "PPC") {
        if (draw % 8 == 0) {
            return {"https://www.bing.com/",
                    "msclkid=" + click + "&utm_source=bing&utm_medium=cpc&utm_campaign=tea"};
        }
        return {"https://www.google.com/",
                "gclid=EAIaIQ" + click + "&utm_source=google&utm_medium=cpc&utm_campaign=tea"};
    }
    if (channel == "Paid Social") {
        return {"https://l.facebook.com/",
                "fbclid=IwAR" + click + "&utm_source=facebook&utm_medium=paid_social&utm_campaign=spring"};
    }
    if (channel == "Display") {
        return {"https://news.example/today",
                "utm_source=adnetwork&utm_medium=display&utm_campaign=retargeting"};
    }
    if (channel == "Email") return {"", "utm_source=newsletter&utm_medium=email&utm_campaign=weekly"};
    if (channel == "Affiliate") {
        return {"https://deals.example/tea", "utm_source=awin&utm_medium=affiliate&awc=1_" + click};
    }
    return {};
}

/// Plans one visitor's hits.
class Planner {
  public:
    Planner(const World& world, const Site& site, std::uint32_t visitor, Traffic& traffic)
        : world_(world), site_(site), visitor_(visitor), traffic_(traffic) {}

    void plan(const Life& life) {
        for (std::size_t i = 0; i < life.touches.size(); ++i) {
            const Touch& touch = life.touches[i];
            const bool buys = life.conversion && life.conversion->within == i;
            begin_visit(touch.at, touch.channel);
            browse(touch.at, buys ? life.conversion->at - 90 * second : 1e9);
            if (buys) buy(*life.conversion);
        }
        if (!life.conversion) return;
        if (!life.conversion->within) {  // they come back for it by themselves
            const double at = life.conversion->at - 2.5 * minute;
            begin_visit(at, static_cast<std::uint32_t>(direct_channel(world_.scenario)));
            browse(at, life.conversion->at - 90 * second);
            buy(*life.conversion);
        }
        const std::uint32_t cause = life.conversion->cause;
        traffic_.truth.push_back(
            {.visitor = token(world_, "v", visitor_),
             .transaction_id = transaction_of(world_, visitor_),
             .cause = cause == baseline_cause ? "baseline" : world_.scenario.channels[cause].name,
             .converted = instant(life.conversion->at),
             .revenue = life.conversion->revenue});
    }

  private:
    base::Instant instant(double days) const {
        return site_.start + std::chrono::milliseconds(static_cast<std::int64_t>(days * 86'400'000));
    }

    void begin_visit(double at, std::uint32_t channel) {
        ++visit_;
        ++traffic_.visits;
        channel_ = channel;
        add(at, Step::landing);
    }

    void add(double at, Step step, std::int64_t revenue = 0) {
        traffic_.hits.push_back({.at = instant(at),
                                 .visitor = visitor_,
                                 .visit = visit_,
                                 .number = number_++,
                                 .channel = static_cast<std::uint16_t>(channel_),
                                 .step = step,
                                 .revenue = revenue});
    }

    void browse(double at, double until) {
        Stream draws(world_.seed, visitor_, browsing_path + visit_ * 65536ull);
        for (int page = 0; page < 4 && draws.uniform() < 0.5; ++page) {
            at += (15 + 60 * draws.uniform()) * second;
            if (at >= until) return;
            add(at, Step::browse);
        }
    }

    void buy(const Conversion& conversion) {
        add(conversion.at - 80 * second, Step::basket);
        add(conversion.at - 40 * second, Step::checkout);
        add(conversion.at, Step::purchase, conversion.revenue);
    }

    const World& world_;
    const Site& site_;
    const std::uint32_t visitor_;
    Traffic& traffic_;
    std::uint16_t visit_ = 0, number_ = 0;
    std::uint32_t channel_ = 0;
};

void append_member(std::string& out, std::string_view name, std::string_view value) {
    out += out.back() == '{' ? "\"" : ",\"";
    out += name;
    out += "\":";
    base::append_json_string(out, value);
}

struct PageOf {
    std::string path, title;
};

PageOf page_of(const PlannedHit& hit, const Product& product) {
    switch (hit.step) {
        case Step::landing: return {"/", "Northwind Teas"};
        case Step::browse:
        case Step::basket: return {fmt::format("/product/{}", product.slug), std::string(product.name)};
        case Step::checkout: return {"/basket", "Basket"};
        case Step::purchase: return {"/thanks", "Thank you"};
    }
    __builtin_unreachable();
}

void append_events(std::string& out, const World& world, const PlannedHit& hit, const Product& product) {
    if (hit.step == Step::basket) out += R"(,"events":[{"name":"add to basket"}])";
    if (hit.step == Step::checkout) out += R"(,"events":[{"name":"start checkout"}])";
    if (hit.step != Step::purchase) return;
    out +=
        fmt::format(R"(,"events":[{{"name":"purchase","revenue":{0},"transaction_id":"{1}","currency":"GBP",)"
                    R"("details":[{{"sku":"{2}","name":"{3}","quantity":1,"unit_price":{0}}}]}}])",
                    hit.revenue, transaction_of(world, hit.visitor), product.sku, product.name);
}

}  // namespace

Traffic plan_traffic(const World& world, const Site& site, std::uint32_t visitors) {
    Traffic traffic;
    for (std::uint32_t visitor = 0; visitor < visitors; ++visitor) {
        Planner(world, site, visitor, traffic).plan(live(world, visitor));
    }
    std::stable_sort(traffic.hits.begin(), traffic.hits.end(),
                     [](const PlannedHit& a, const PlannedHit& b) { return a.at < b.at; });
    return traffic;
}

std::string render_hit(const World& world, const Site& site, const PlannedHit& hit) {
    const std::string shop = "https://www." + site.domain;
    const std::uint32_t draw = hit.visitor * 31 + hit.visit;
    const Product& product = products[(draw + hit.number) % std::size(products)];
    const PageOf page = page_of(hit, product);
    std::string url = shop + page.path;
    std::string referrer = shop + "/";
    if (hit.step == Step::landing) {
        const Origin origin = origin_of(world.scenario.channels[hit.channel].name, draw);
        referrer = origin.referrer;
        if (!origin.parameters.empty()) {
            url += "?" + origin.parameters;
            referrer += "?" + origin.parameters;
        }
    }
    std::string out = "{";
    append_member(out, "aid", site.account);
    append_member(out, "hid",
                  fmt::format("sim-{}-{}-{}-{}", world.scenario.id, world.seed, hit.visitor, hit.number));
    append_member(out, "vid", token(world, "v", hit.visitor));
    append_member(out, "sid", token(world, "s", hit.visitor, hit.visit));
    append_member(out, "kind", hit.step == Step::basket ? "event" : "page");
    append_member(out, "url", url);
    append_member(out, "ref", referrer);
    append_member(out, "title", page.title);
    append_member(out, "consent", "granted");
    const Browser& used = browser(browser_of(hit.visitor));
    append_member(out, "lang", used.language);
    append_member(out, "scr", used.screen);
    const auto millis =
        std::chrono::duration_cast<std::chrono::milliseconds>(hit.at.time_since_epoch()).count();
    out += fmt::format(R"(,"ct":{0},"st":{0},"tv":"simulate")", millis);
    append_events(out, world, hit, product);
    out += '}';
    return out;
}

}  // namespace cubed::simulate
