// What the pages' handlers need of HTTP: a decoded path and query, cookies, JSON answers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/result.h"
#include "net/message.h"

namespace cubed::dash {

/// A request with its address taken apart. A value; the request it was made of may go.
struct WebRequest {
    std::string method;
    std::string path;  ///< decoded; "/" at least
    std::map<std::string, std::string, std::less<>> query;
    std::map<std::string, std::string, std::less<>> cookies;
    std::string body;
    std::string peer;
    bool secure = false;
    std::string origin;  ///< the Origin header; empty when absent
    std::string host;

    /// The query parameter, or "".
    std::string_view parameter(std::string_view name) const;
};

/// `invalid` for bad percent escapes, NUL bytes or text that is not UTF-8.
base::Result<WebRequest> read_request(net::Request request);

net::Response json_response(int status, const boost::json::value& body);
/// {"message": ...}
net::Response problem(int status, std::string_view message);

}  // namespace cubed::dash
