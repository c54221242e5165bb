// An address range in CIDR form, and whether an address is in it. Values; thread-safe as const.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cubed::dcs {

class Network {
  public:
    /// "203.0.113.0/24", "2001:db8::/32", or one address. IPv4 in IPv6's mapped form is IPv4.
    static std::optional<Network> parse(std::string_view text);
    bool contains(std::string_view address) const;
    friend bool operator==(const Network&, const Network&) = default;

  private:
    std::array<std::uint8_t, 16> prefix_{};  ///< IPv4 as mapped
    unsigned bits_ = 0;                      ///< of the 128
};

}  // namespace cubed::dcs
