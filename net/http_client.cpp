#include "net/http_client.h"

#include <mutex>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/check.h"

namespace net {

namespace {

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

struct Receiving {
    ClientResponse response;
    std::size_t bytes_max = 0;
    bool over_limit = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
    auto& receiving = *static_cast<Receiving*>(context);
    if (receiving.response.body.size() + size > receiving.bytes_max) {
        receiving.over_limit = true;
        return 0;
    }
    receiving.response.body.append(data, size);
    return size;
}

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
    auto& receiving = *static_cast<Receiving*>(context);
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) {  // the head of a "100 Continue" came before: start again
        receiving.response.headers.clear();
        return size;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        receiving.response.headers.add(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    }
    return size;
}

base::Result<List> header_list(const Headers& headers) {
    curl_slist* list = nullptr;
    const auto append = [&](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
    append("Expect:");  // no waiting for "100 Continue"
    if (!headers.contains("accept")) append("Accept:");
    if (!headers.contains("content-type")) append("Content-Type:");
    List owned(list);
    for (const Headers::Field field : headers) {
        if (!is_header_name(field.name) || !is_header_value(field.value)) {
            return base::Failure{base::FailureKind::invalid, "a request header that cannot be sent"};
        }
        std::string line(field.name);
        if (field.value.empty()) {
            line += ';';  // curl's way to say "with an empty value"
        } else {
            line += ": ";
            line += field.value;
        }
        curl_slist_append(owned.get(), line.c_str());
    }
    return owned;
}

base::FailureKind kind_of(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT: return base::FailureKind::timed_out;
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL: return base::FailureKind::invalid;
        case CURLE_PEER_FAILED_VERIFICATION: return base::FailureKind::denied;
        default: return base::FailureKind::unavailable;
    }
}

}  // namespace

/// Easy handles that are not in use; each keeps its connection alive.
class HttpClient::Pool {
  public:
    explicit Pool(Options options) : options_(std::move(options)) {}

    Easy take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                Easy easy = std::move(idle_.back());
                idle_.pop_back();
                return easy;
            }
        }
        static const CURLcode initialised = curl_global_init(CURL_GLOBAL_ALL);
        CHECK(initialised == CURLE_OK, "libcurl must start");
        Easy easy(curl_easy_init());
        CHECK(easy != nullptr, "libcurl must give a handle");
        return easy;
    }

    void give_back(Easy easy) {
        curl_easy_reset(easy.get());  // keeps the connection
        const std::lock_guard lock(mutex_);
        if (idle_.size() < options_.connections_max) idle_.push_back(std::move(easy));
    }

    const Options& options() const { return options_; }

  private:
    const Options options_;
    std::mutex mutex_;
    std::vector<Easy> idle_;  // protected by mutex_
};

HttpClient::HttpClient(Options options) : pool_(std::make_unique<Pool>(std::move(options))) {}
HttpClient::~HttpClient() = default;

base::Result<ClientResponse> HttpClient::send(const ClientRequest& request) {
    const List headers = TRY(header_list(request.headers));
    Easy easy = pool_->take();
    Receiving receiving{.bytes_max = pool_->options().response_bytes_max};
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy.get(), option, value); };
    char problem[CURL_ERROR_SIZE] = "";
    set(CURLOPT_ERRORBUFFER, problem);
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_USERAGENT, pool_->options().user_agent.c_str());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
    if (!pool_->options().ca_file.empty()) set(CURLOPT_CAINFO, pool_->options().ca_file.c_str());
    if (request.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (!request.body.empty() || (request.method != "GET" && request.method != "DELETE")) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, request.body.data());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    set(CURLOPT_CUSTOMREQUEST, request.method == "HEAD" ? nullptr : request.method.c_str());
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&receiving));
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&receiving));

    const CURLcode code = curl_easy_perform(easy.get());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    pool_->give_back(std::move(easy));
    if (receiving.over_limit)
        return base::Failure{base::FailureKind::no_space, "the answer is over the limit"};
    if (code != CURLE_OK) {
        const std::string_view why = problem[0] != '\0' ? problem : curl_easy_strerror(code);
        return base::Failure{kind_of(code), request.method + " " + request.url + ": " + std::string(why)};
    }
    receiving.response.status = static_cast<int>(status);
    return std::move(receiving.response);
}

}  // namespace net
