// What travels outside the body in the REST protocols: labels, query, headers, status. Both directions.
#pragma once

#include "base/result.h"
#include "wire/codec.h"

namespace wire {

/// Server: members from the URI, the query and the headers.
Outcome<base::Unit> read_request_bindings(const Operation& operation, const HttpRequest& request, void* input,
                                          Problems& problems);
/// Server: headers and the status of an answer.
void write_response_bindings(const Shape& shape, const void* output, HttpResponse& response);

/// Client: fills path, query and headers.
Outcome<base::Unit> write_request_bindings(const Operation& operation, const void* input,
                                           OutgoingRequest& request);
/// Client: members from an answer's headers and status.
void read_response_bindings(const Shape& shape, int status, const net::Headers& headers, void* output);

/// The member that is the whole body, or null.
const Member* payload_of(const Shape& shape);
/// True when some member travels in a document in the body.
bool has_document(const Shape& shape);

}  // namespace wire
