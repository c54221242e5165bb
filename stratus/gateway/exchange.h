// Exchange: one request on its way through the gateway, and what the stages have found out so far.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "net/http_server.h"
#include "stratus/gateway/durability_hold.h"
#include "stratus/gateway/router.h"
#include "wire/context.h"
#include "wire/service.h"
#include "wire/stream.h"

namespace stratus {

/// Touched by one thread at a time: the loop's, then a worker's, then (parked) another worker's. Shared,
/// because a parked request and its wake-up both hold it.
struct Exchange {
    net::RequestHead head;
    std::string body;
    std::shared_ptr<wire::BodyReader> stream;  ///< in place of the body
    std::shared_ptr<net::ResponseSink> client;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();

    Address address;
    const wire::Operation* operation = nullptr;
    wire::Value input{nullptr, nullptr};
    wire::Context context;  ///< an empty caller.account means: nobody signed
    DurabilityHold hold;
    bool parked = false;
};

using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace stratus
