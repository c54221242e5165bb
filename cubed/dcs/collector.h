// Collector: the HTTP face of the DCS. What it answers is in docs/contracts/hit.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/clock.h"
#include "base/metrics.h"
#include "cubed/dcs/accounts.h"
#include "cubed/dcs/exchange.h"
#include "cubed/dcs/network.h"
#include "cubed/dcs/spool.h"
#include "cubed/dcs/tokens.h"
#include "cubed/schema/validate.h"
#include "net/http_server.h"

namespace cubed::dcs {

struct CollectorOptions {
    std::vector<Network> trusted_proxies;  ///< whose X-Forwarded-For is believed
    std::vector<Network> metrics_from;     ///< who may read /metrics
};

/// What a request says beside its hits. Views into the request.
struct Visit {
    base::Instant now;
    std::string address;
    std::string_view user_agent, accept_language, cookies, origin;
    std::string host;          ///< the collector's own name in this request
    bool first_party = false;  ///< the page and the collector belong to one site
    bool secure = false;
};

/// Runs on the server's loop threads: nothing in it blocks. An answer to an accepted hit leaves from the
/// spool's writer thread, when the hit is on disk. Borrows everything; thread-safe.
class Collector final : public net::Handler {
  public:
    Collector(const Accounts& accounts, Spool& spool, const base::Clock& clock, base::Random& random,
              base::MetricsRegistry& metrics, CollectorOptions options);

    net::Admission admit(const net::RequestHead& head) override;
    void handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) override;

  private:
    Visit visit_of(const net::RequestHead& head) const;
    void take_hits(const net::Request& request, std::string_view query,
                   std::shared_ptr<net::ResponseSink> sink);
    void take_impression(const net::RequestHead& head, std::string_view account, std::string_view query,
                         std::shared_ptr<net::ResponseSink> sink);
    void take_subscription(const net::Request& request, std::string_view query,
                           std::shared_ptr<net::ResponseSink> sink);

    void take_hit(const boost::json::object& fields, const Visit& visit,
                  const std::shared_ptr<Exchange>& exchange, HitAnswer& answer);
    /// The account if it takes hits now; else the answer says why, or the exchange fails (503).
    std::shared_ptr<const Account> open_account(std::string_view token, Exchange& exchange,
                                                HitAnswer& answer);
    bool is_blocked(const Account& account, const Hit& hit, const Visit& visit, HitAnswer& answer);
    void complete(Hit& hit, const boost::json::object& fields, const Visit& visit);
    void store(Hit& hit, const std::shared_ptr<Exchange>& exchange, HitAnswer& answer);
    net::Response static_page(const net::RequestHead& head, std::string_view path) const;

    const Accounts& accounts_;
    Spool& spool_;
    const base::Clock& clock_;
    TokenIssuer tokens_;
    base::MetricsRegistry& metrics_;
    const CollectorOptions options_;
    base::Counter& accepted_;
    base::Counter& reduced_;
    base::Counter& refused_;
    base::Counter& blocked_;
    base::Counter& shed_;
};

}  // namespace cubed::dcs
