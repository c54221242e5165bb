#include "cubed/dcs/network.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <string>

namespace cubed::dcs {

namespace {

using Bytes = std::array<std::uint8_t, 16>;
constexpr unsigned mapped_bits = 96;

std::optional<Bytes> bytes_of(std::string_view address) {
    if (address.size() >= INET6_ADDRSTRLEN) return std::nullopt;
    const std::string text(address);
    Bytes bytes{};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
    bytes[10] = bytes[11] = 0xff;
    if (inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1) return bytes;
    return std::nullopt;
}

bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
    const unsigned whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
    const size_t slash = std::min(text.find('/'), text.size());
    const std::string_view address = text.substr(0, slash);
    const auto bytes = bytes_of(address);
    if (!bytes) return std::nullopt;
    const unsigned offset = address.find(':') == std::string_view::npos ? mapped_bits : 0;
    unsigned bits = 128 - offset;
    if (slash < text.size()) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        if (error != std::errc{} || end != digits.data() + digits.size() || bits > 128 - offset)
            return std::nullopt;
    }
    Network network;
    network.prefix_ = *bytes;
    network.bits_ = bits + offset;
    return network;
}

bool Network::contains(std::string_view address) const {
    const auto bytes = bytes_of(address);
    return bytes && same_prefix(prefix_, *bytes, bits_);
}

}  // namespace cubed::dcs
