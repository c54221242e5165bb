// Which operation a request asks for, and in which protocol.
#pragma once

#include <string_view>

#include "wire/codec.h"
#include "wire/error.h"
#include "wire/service.h"

namespace wire {

struct Selection {
    Protocol protocol;
    const Operation* operation;
};

/// The protocol a request to this service speaks: by X-Amz-Target or the content type where the service has
/// several.
Protocol protocol_of(const Service& service, const HttpRequest& request);

/// The operation, or AWS's refusal: unknown actions, operations that AWS has and we have not (501), methods
/// that a path does not know. For query protocols the body must be there already.
Outcome<Selection> select_operation(const Service& service, const HttpRequest& request);

/// The REST half alone, from the head, before any body: null when no operation fits.
const Route* find_route(const Service& service, std::string_view method, std::string_view path,
                        std::string_view query, const net::Headers& headers);

}  // namespace wire
