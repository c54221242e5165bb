// Errors as the JSON protocols carry them.
#pragma once

#include <string>
#include <string_view>

#include "net/message.h"
#include "wire/codec.h"
#include "wire/error.h"
#include "wire/service.h"

namespace wire {

/// The body: __type where the protocol has it, the message, and the error's own members.
std::string json_error_body(const Error& error, std::string_view type);

/// Reads either protocol's error answer. A body that is no JSON gives the bare status.
Error read_json_error(int status, const net::Headers& headers, std::string_view body);

}  // namespace wire
