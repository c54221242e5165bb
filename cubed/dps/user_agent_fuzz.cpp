// A User-Agent header is whatever a stranger sent.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "cubed/dps/user_agent.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto parser = cubed::dps::UserAgentParser::create();
    CHECK(parser.ok(), "the rules that are compiled in can be read");
    const auto agent = (*parser)->parse({reinterpret_cast<const char*>(data), size});
    CHECK(agent->bot == !agent->bot_name.empty(), "a bot has a name");
    return 0;
}
