// The digests a request declares of a body that is read whole. Pure, thread-safe.
#pragma once

#include <string_view>

#include "net/message.h"
#include "wire/error.h"
#include "wire/service.h"

namespace wire {

/// Content-MD5 and x-amz-checksum-* must be those of the body (BadDigest, InvalidDigest), and operations that
/// the model marks so must come with one (InvalidRequest). S3's; streamed bodies are checked by their
/// handlers.
Outcome<base::Unit> check_body_digests(const Operation& operation, const net::Headers& headers,
                                       std::string_view body);

}  // namespace wire
