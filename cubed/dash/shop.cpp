#include "cubed/dash/shop.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cubed::dash {

net::Admission Shop::admit(const net::RequestHead& head) {
    if (head.method != "GET" && head.method != "HEAD") {
        return net::Refuse{{405, {{"Allow", "GET, HEAD"}, {"Content-Type", "text/plain"}}, "Only GET\n"}};
    }
    return net::Buffer{0};
}

void Shop::handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) {
    const std::string_view path =
        std::string_view(request.head.target).substr(0, request.head.target.find('?'));
    if (path == "/config.js") {
        const boost::json::object config{{"collector", collector_}, {"account", account_}};
        sink->send({200,
                    {{"Content-Type", "text/javascript; charset=utf-8"}, {"Cache-Control", "no-store"}},
                    fmt::format("window.shopConfig = {};\n", boost::json::serialize(config))});
        return;
    }
    // Pages are drawn by shop.js from the path, so every page path answers the one page.
    const bool is_page =
        path == "/" || path == "/basket" || path == "/thanks" || path.starts_with("/product/");
    sink->send(files_.answer(is_page ? "/index.html" : path));
}

}  // namespace cubed::dash
