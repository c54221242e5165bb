// What lies in a queue may be anybody's: opening must refuse or decode, never crash or take memory without
// limit.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/check.h"
#include "cubed/schema/envelope.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::ignore = cubed::open_envelope(bytes);
    const auto hit = cubed::decode_hit(bytes);
    if (hit.ok()) {
        const auto again = cubed::decode_hit(cubed::encode_hit(*hit));
        CHECK(again.ok(), "what was decoded can be encoded and decoded again");
    }
    return 0;
}
