// The text of a response's status line and header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/message.h"

namespace net {

enum class BodyFraming {
    length,       ///< Content-Length
    chunked,      ///< Transfer-Encoding: chunked
    until_close,  ///< HTTP/1.0 without a length
    none,         ///< no body and no framing of ours: HEAD, 204, 304
};

struct ResponseHeadContext {
    BodyFraming framing = BodyFraming::length;
    std::uint64_t length = 0;
    bool keep_alive = true;
    unsigned version = 11;         ///< of the request
    std::string_view date;         ///< HTTP date
    std::string_view server_name;  ///< may be empty
};

/// Whether a response to this method with this status has a body at all.
bool has_body(std::string_view method, int status);

/// Appends the head, its empty line included. Fields that cannot be sent are left out and logged; framing and
/// connection fields of the handler's are replaced by ours (Content-Length stays where `framing` is none).
void append_response_head(std::string& out, int status, const Headers& headers,
                          const ResponseHeadContext& context);

}  // namespace net
