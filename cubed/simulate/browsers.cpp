#include <array>

#include "cubed/simulate/traffic.h"

namespace cubed::simulate {

namespace {

constexpr std::array<Browser, 10> browsers{{
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
     "Safari/537.36",
     "en-GB", "1920x1080"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/18.6 "
     "Mobile/15E148 Safari/604.1",
     "en-GB", "393x852"},
    {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
     "Safari/537.36",
     "en-GB", "412x915"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
     "Safari/605.1.15",
     "en-GB", "1440x900"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
     "Safari/537.36 "
     "Edg/142.0.0.0",
     "en-US", "1536x864"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0", "de-DE",
     "1920x1080"},
    {"Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
     "Chrome/130.0.0.0 Mobile Safari/537.36",
     "en-GB", "360x780"},
    {"Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
     "Mobile/15E148 Safari/604.1",
     "fr-FR", "820x1180"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/142.0.0.0 "
     "Safari/537.36",
     "en-GB", "1728x1117"},
    {"Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "en-GB", "2560x1440"},
}};

}  // namespace

std::size_t browser_count() {
    return browsers.size();
}
const Browser& browser(std::size_t index) {
    return browsers[index % browsers.size()];
}
/// The first ones are met most often.
std::size_t browser_of(std::uint32_t visitor) {
    const std::uint32_t spread = (visitor * 2654435761u) >> 24;  // 0 to 255
    return spread * spread * browsers.size() / (256 * 256);
}

}  // namespace cubed::simulate
