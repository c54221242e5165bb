// Codec: one AWS protocol, both directions, interpreting the schema tables. Servers decode requests and
// encode answers; clients the other way round. Stateless, thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/message.h"
#include "wire/error.h"
#include "wire/problems.h"
#include "wire/service.h"
#include "wire/stream.h"

namespace wire {

/// A request as it came, signature aside. Views must outlive the decoding only.
struct HttpRequest {
    std::string_view method;
    std::string_view
        path;  ///< as sent, percent-encoded; S3's virtual-host style already turned into path style
    std::string_view query;  ///< as sent, without '?'
    const net::Headers& headers;
    std::string_view body;
    std::shared_ptr<BodyReader> stream;  ///< in place of the body, for operations whose input streams
};

struct HttpResponse {
    int status = 200;
    net::Headers headers;
    BodySource body;
};

/// What an error answer tells besides the error.
struct ErrorDetails {
    std::string_view request_id;
    std::string_view host_id;   ///< S3
    std::string_view resource;  ///< S3: the path that was asked for
};

/// A client's request, before it is signed. `path` and `query` are encoded.
struct OutgoingRequest {
    std::string method;
    std::string path = "/";
    std::string query;
    net::Headers headers;
    std::string body;
    std::shared_ptr<BodyReader> stream;  ///< in place of the body
};

class Codec {
  public:
    virtual ~Codec() = default;

    /// Fills `input`, of the operation's input shape. What is missing or malformed but can be named goes to
    /// `problems` (for validate()); what is not the protocol at all is the error.
    virtual Outcome<base::Unit> decode_request(const Service& service, const Operation& operation,
                                               const HttpRequest& request, void* input,
                                               Problems& problems) const = 0;
    virtual HttpResponse encode_response(const Service& service, const Operation& operation,
                                         const void* output, std::string_view request_id) const = 0;
    virtual HttpResponse encode_error(const Service& service, const Error& error,
                                      const ErrorDetails& details) const = 0;

    virtual Outcome<OutgoingRequest> encode_request(const Service& service, const Operation& operation,
                                                    const void* input) const = 0;
    /// Fills `output`, or gives the error the server answered. A streaming body is taken as `response.body`'s
    /// bytes.
    virtual Outcome<base::Unit> decode_response(const Service& service, const Operation& operation,
                                                int status, const net::Headers& headers, std::string body,
                                                void* output) const = 0;
};

const Codec& codec_of(Protocol protocol);

}  // namespace wire
