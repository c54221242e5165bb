// Bodies that are one member as it is: streams, blobs and strings. Shared by rest_json and rest_xml.
#pragma once

#include "wire/codec.h"

namespace wire {

/// True when the payload member is taken byte for byte, not as a document.
bool is_raw(const Member& payload);

/// Server.
void read_raw_request(const Member& payload, const HttpRequest& request, void* input);
void write_raw_response(const Member& payload, const void* output, HttpResponse& response);

/// Client.
void write_raw_request(const Member& payload, const void* input, OutgoingRequest& request);
void read_raw_response(const Member& payload, std::string body, void* output);

}  // namespace wire
