#include "wire/client.h"

#include <algorithm>
#include <array>
#include <thread>

#include <fmt/format.h>

#include "net/http_client.h"
#include "wire/codec.h"
#include "wire/common_errors.h"

namespace wire {
namespace {

constexpr std::size_t upload_bytes_max = 256U << 20U;

struct Endpoint {
    std::string origin;  ///< http://host:port
    std::string host;    ///< as the Host header says it
    std::string prefix;  ///< of every path
};

base::Result<Endpoint> parse_endpoint(std::string_view url) {
    const bool secure = url.starts_with("https://");
    if (!secure && !url.starts_with("http://")) {
        return base::Failure{base::FailureKind::invalid, fmt::format("'{}' is no http or https URL", url)};
    }
    const std::size_t scheme = secure ? 8 : 7;
    const std::size_t slash = std::min(url.find('/', scheme), url.size());
    std::string_view host = url.substr(scheme, slash - scheme);
    std::string_view prefix = url.substr(slash);
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (host.empty() || host.find_first_of(" @?#\\") != std::string_view::npos) {
        return base::Failure{base::FailureKind::invalid, fmt::format("'{}' names no host", url)};
    }
    const std::string_view usual_port = secure ? ":443" : ":80";
    if (host.ends_with(usual_port)) host.remove_suffix(usual_port.size());
    return Endpoint{std::string(url.substr(0, slash)), std::string(host), std::string(prefix)};
}

std::string amazon_endpoint(const Service& service, std::string_view region) {
    return fmt::format("https://{}.{}.amazonaws.com", service.name, region);
}

Error transport_error(const base::Failure& failure) {
    Error error(failure.kind == base::FailureKind::timed_out ? "RequestTimeout" : "ConnectionError",
                "The service could not be reached.", 0);
    if (failure.kind == base::FailureKind::no_space) error.code = "ResponseTooLarge";
    error.fault = Fault::receiver;
    error.cause = failure.what;
    return error;
}

class HttpClientCore final : public ClientCore {
  public:
    HttpClientCore(ClientOptions options, std::optional<Endpoint> endpoint, const base::Clock& clock,
                   base::Random& random)
        : options_(std::move(options)), endpoint_(std::move(endpoint)), clock_(clock), random_(random) {}

    Outcome<base::Unit> call(const Service& service, const Operation& operation, const void* input,
                             void* output) override {
        const Codec& codec = codec_of(service.protocols.front());
        OutgoingRequest request = TRY(codec.encode_request(service, operation, input));
        if (request.stream) {
            request.body = TRY(read_all(*request.stream, upload_bytes_max));
            request.stream = nullptr;
        }
        for (int attempt = 1;; ++attempt) {
            auto outcome = try_once(codec, service, operation, request, output);
            if (outcome.ok() || attempt >= options_.attempts_max || !may_retry(outcome.error()))
                return outcome;
            wait_before(attempt);
        }
    }

    std::string new_token() override { return random_.uuid4(); }

  private:
    Outcome<base::Unit> try_once(const Codec& codec, const Service& service, const Operation& operation,
                                 OutgoingRequest request, void* output) {
        const Endpoint endpoint =
            endpoint_ ? *endpoint_ : TRY(parse_endpoint(amazon_endpoint(service, options_.region)));
        request.path = endpoint.prefix + request.path;
        request.headers.set("Host", endpoint.host);
        const SigningRules rules =
            service.validation == ValidationStyle::s3 ? SigningRules::s3 : SigningRules::common;
        sign(request, options_.credentials, options_.region, service.signing_name, rules, clock_.now());
        net::ClientRequest sent{.method = request.method,
                                .url = endpoint.origin + request.path,
                                .headers = std::move(request.headers),
                                .body = std::move(request.body),
                                .timeout = options_.timeout};
        if (!request.query.empty()) sent.url += "?" + request.query;
        auto answer = http_.send(sent);
        if (!answer.ok()) return transport_error(answer.error());
        return codec.decode_response(service, operation, answer->status, answer->headers,
                                     std::move(answer->body), output);
    }

    /// Full jitter: clients that failed together must not come back together.
    void wait_before(int attempt) {
        const auto longest = std::min<std::chrono::milliseconds>(
            options_.back_off * (1 << std::min(attempt - 1, 10)), options_.back_off_max);
        const auto drawn = random_.below(static_cast<std::uint64_t>(longest.count()) + 1);
        std::this_thread::sleep_for(std::chrono::milliseconds(drawn));  // tidy: allow, this is the back-off
    }

    const ClientOptions options_;
    const std::optional<Endpoint> endpoint_;  // absent: Amazon's
    const base::Clock& clock_;
    base::Random& random_;
    net::HttpClient http_;
};

}  // namespace

std::string ClientCore::new_token() {
    return base::SystemRandom().uuid4();
}

bool may_retry(const Error& error) {
    static constexpr std::array<std::string_view, 12> codes = {
        "Throttling",      "ThrottlingException",    "RequestThrottled",         "RequestThrottledException",
        "SlowDown",        "RequestLimitExceeded",   "TooManyRequestsException", "RequestTimeout",
        "ConnectionError", "BandwidthLimitExceeded", "PriorRequestNotComplete",  "RequestTimeoutException"};
    if (std::ranges::find(codes, error.code) != codes.end() ||
        std::ranges::find(codes, error.type()) != codes.end()) {
        return true;
    }
    const int status = error.http_status;
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

base::Result<std::shared_ptr<ClientCore>> connect_client(ClientOptions options, const base::Clock& clock,
                                                         base::Random& random) {
    if (options.credentials.access_key_id.empty() || options.credentials.secret_access_key.empty()) {
        return base::Failure{base::FailureKind::invalid, "no credentials for AWS's APIs"};
    }
    std::optional<Endpoint> endpoint;
    if (!options.endpoint_url.empty()) endpoint = TRY(parse_endpoint(options.endpoint_url));
    return std::shared_ptr<ClientCore>(
        std::make_shared<HttpClientCore>(std::move(options), std::move(endpoint), clock, random));
}

base::Result<std::shared_ptr<ClientCore>> connect_client(ClientOptions options) {
    static const base::RealClock clock;
    static base::SystemRandom random;
    return connect_client(std::move(options), clock, random);
}

}  // namespace wire
