// The rule files, as they were fetched, compiled in.
#pragma once

#include <string_view>

namespace cubed::dps {

std::string_view uap_core_rules();       ///< uap-core's regexes.yaml (Apache-2.0)
std::string_view crawler_user_agents();  ///< crawler-user-agents' JSON (MIT)

}  // namespace cubed::dps
