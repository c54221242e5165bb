// Addresses and referrers are whatever a stranger sent: any bytes must give a traffic source, in linear time.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "cubed/dps/batch.h"
#include "cubed/dps/traffic.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find('\n');
    const std::string_view url = text.substr(0, line);
    const std::string_view referrer = line == std::string_view::npos ? "" : text.substr(line + 1);
    static const std::vector<std::string> own = {"shop.example"};
    const auto traffic = cubed::dps::traffic_of(url, referrer, own);
    CHECK(!traffic.source.empty() && !traffic.medium.empty(), "every visit came from somewhere");
    for (const auto& part : {traffic.source, traffic.medium, traffic.campaign, traffic.referrer}) {
        const std::string column = cubed::dps::column_text(part, 50);
        CHECK(base::is_utf8(column), "a column takes UTF-8");
        CHECK(base::utf8_length(column).value_or(99) <= 50, "a column takes so many characters");
        CHECK(column.find('\0') == std::string::npos, "a column takes no NUL");
    }
    return 0;
}
