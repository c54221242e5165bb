#include "cubed/dcs/site.h"

#include <algorithm>
#include <cctype>

#include <libpsl.h>

namespace cubed::dcs {

std::string host_of(std::string_view text) {
    if (const size_t scheme = text.find("://"); scheme != std::string_view::npos)
        text.remove_prefix(scheme + 3);
    text = text.substr(0, text.find_first_of("/?#"));
    if (const size_t user = text.rfind('@'); user != std::string_view::npos) text.remove_prefix(user + 1);
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else {
        text = text.substr(0, text.find(':'));
    }
    std::string host(text.substr(0, 255));
    std::transform(host.begin(), host.end(), host.begin(), [](unsigned char c) { return std::tolower(c); });
    return host;
}

std::string registrable_domain(std::string_view host) {
    // An address: its last label is a number or it has colons.
    const size_t last = host.rfind('.');
    if (last == std::string_view::npos || host.find(':') != std::string_view::npos) return {};
    if (last + 1 < host.size() && std::isdigit(static_cast<unsigned char>(host[last + 1]))) return {};
    static const psl_ctx_t* const list = psl_latest(nullptr);
    if (list == nullptr) return {};
    const std::string name(host);
    const char* domain = psl_registrable_domain(list, name.c_str());  // points into `name`
    return domain == nullptr ? std::string() : std::string(domain);
}

bool same_site(std::string_view host, std::string_view other_host) {
    if (host.empty() || other_host.empty()) return false;
    if (host == other_host) return true;
    const std::string domain = registrable_domain(host);
    return !domain.empty() && domain == registrable_domain(other_host);
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const size_t end = std::min(header.find(';'), header.size());
        std::string_view pair = header.substr(0, end);
        header.remove_prefix(std::min(header.size(), end + 1));
        while (pair.starts_with(' ')) pair.remove_prefix(1);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return pair.substr(name.size() + 1);
        }
    }
    return {};
}

}  // namespace cubed::dcs
