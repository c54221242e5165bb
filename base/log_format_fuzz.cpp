// Any bytes may be found in a log's directory after a crash: the reader must neither fault nor accept a
// record that does not check out.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/log_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::uint32_t last = 0;
    const auto visit = [&](std::uint32_t offset, std::string_view payload) -> base::Result<base::Unit> {
        if (offset <= last && last != 0) std::abort();
        last = offset;
        const auto again = base::log_format::record_at(1, offset, bytes.substr(offset));
        if (!again.ok() || again.value() != payload) std::abort();
        return base::Unit{};
    };
    const auto end = base::log_format::scan_segment(1, bytes, visit);
    if (!end.ok() || end.value().good_bytes > size) std::abort();
    return 0;
}
