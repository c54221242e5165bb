// Between the bodies of net (sockets) and of wire (handlers).
#pragma once

#include <memory>

#include "net/message.h"
#include "wire/stream.h"

namespace stratus {

/// A request's body for a handler. A peer that goes away or stalls becomes RequestTimeout, too much
/// EntityTooLarge.
std::shared_ptr<wire::BodyReader> to_wire_reader(std::shared_ptr<net::BodyReader> body);
/// A handler's output for the socket.
net::Body to_net_body(wire::BodySource source);

}  // namespace stratus
