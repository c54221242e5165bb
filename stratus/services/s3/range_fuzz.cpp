// Whatever a client writes into Range: what is served lies inside the object and is not empty.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "stratus/services/s3/range.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace stratus::s3;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const std::uint64_t object : {0ull, 1ull, 10ull, ~0ull}) {
        const auto verdict = resolve_range(text, object);
        if (const auto* range = std::get_if<ByteRange>(&verdict)) {
            CHECK(range->length > 0, "an empty range");
            CHECK(range->offset < object && range->length <= object - range->offset, "outside the object");
        }
    }
    if (const auto range = parse_copy_range(text)) CHECK(range->length > 0, "an empty copy range");
    return 0;
}
