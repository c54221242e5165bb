// The built visscore.tag.min.js, compiled in.
#pragma once

#include <string_view>

namespace cubed::dcs {

std::string_view tag_script();

}  // namespace cubed::dcs
