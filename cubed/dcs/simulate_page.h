// The @simulate page: pick an account and a hit's fields, send it, see the tokens.
#pragma once

#include <string_view>

namespace cubed::dcs {

std::string_view simulate_page();

}  // namespace cubed::dcs
