#include "stratus/apps/stratusd/options.h"

#include <algorithm>
#include <charconv>

#include <CLI/CLI.hpp>

#include "stratus/gateway/router.h"

namespace stratus {
namespace {

/// "127.0.0.1:4566", "[::1]:4566", ":4566" is refused: what is listened on is always said.
bool parse_listen(const std::string& text, Options& options) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return false;
    options.address = text.substr(0, colon);
    if (options.address.front() == '[' && options.address.back() == ']') {
        options.address = options.address.substr(1, options.address.size() - 2);
    }
    const char* begin = text.data() + colon + 1;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(begin, end, options.port);
    return begin != end && error == std::errc() && rest == end;
}

bool is_account(const std::string& text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string what_is_wrong(const Options& options) {
    if (!is_account(options.account)) return "--account must be twelve digits, not '" + options.account + "'";
    if (!is_region_name(options.region))
        return "--region must be a region name, not '" + options.region + "'";
    if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
        return "--tls-cert and --tls-key go together";
    }
    return {};
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& exit_code) {
    Options options;
    std::string listen = "127.0.0.1:4566";
    std::string data_dir;
    CLI::App app("stratusd: an AWS-compatible cloud on one machine", "stratusd");
    app.add_option("--data-dir", data_dir, "where everything is kept; made (0700) on first start")
        ->required();
    app.add_option("--listen", listen, "address:port; port 0 lets the system choose")->capture_default_str();
    app.add_option("--region", options.region, "the region of requests that name none")
        ->capture_default_str();
    app.add_option("--account", options.account, "the account of the root credentials")
        ->capture_default_str();
    app.add_option("--tls-cert", options.tls_certificate_file, "PEM chain; serves HTTPS instead of HTTP");
    app.add_option("--tls-key", options.tls_key_file, "PEM private key");
    app.add_flag("--accept-any-credentials", options.accept_any_credentials,
                 "verify no signature; a 12-digit access key id is the account. For test suites only");
    app.add_flag("--test-endpoints", options.test_endpoints,
                 "serve POST /_stratus/reset and /_stratus/clock. For test suites only");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const bool is_help = error.get_exit_code() == 0;
        if (is_help) {
            std::fputs(app.help().c_str(), stdout);
        } else {
            std::fprintf(stderr, "stratusd: %s (--help lists the options)\n", error.what());
        }
        exit_code = is_help ? 0 : 2;
        return std::nullopt;
    }
    options.data_dir = data_dir;
    std::string wrong = what_is_wrong(options);
    if (!parse_listen(listen, options)) wrong = "--listen must be address:port, not '" + listen + "'";
    if (!wrong.empty()) {
        std::fprintf(stderr, "stratusd: %s\n", wrong.c_str());
        exit_code = 2;
        return std::nullopt;
    }
    return options;
}

}  // namespace stratus
