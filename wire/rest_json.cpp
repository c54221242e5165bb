// The restJson1 protocol.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/json.h"
#include "wire/codecs.h"
#include "wire/common_errors.h"
#include "wire/json_error.h"
#include "wire/json_value.h"
#include "wire/rest_bindings.h"
#include "wire/rest_payload.h"

namespace wire {
namespace {

constexpr JsonStyle style{.wire_names = true};

Outcome<base::Unit> read_document(const Shape& shape, std::string_view body, const Path& path, void* into,
                                  Problems& problems) {
    const auto json = base::parse_json(body.empty() ? "{}" : body);
    if (!json.ok()) return serialization_exception("The body is not valid JSON.").because(json.error().what);
    return read_json(style, shape, *json, path, into, problems);
}

Outcome<base::Unit> read_payload(const Member& payload, std::string_view body, void* into,
                                 Problems& problems) {
    const Path path{.member = &payload};
    if (body.empty()) {
        if (payload.required) problems.add(ProblemKind::missing, path, payload.shape);
        return base::Unit{};
    }
    return read_document(*payload.shape, body, path, payload.make_in(into), problems);
}

class RestJson final : public Codec {
  public:
    Outcome<base::Unit> decode_request(const Service&, const Operation& operation, const HttpRequest& request,
                                       void* input, Problems& problems) const override {
        TRY(read_request_bindings(operation, request, input, problems));
        const Shape& shape = *operation.input;
        if (const Member* payload = payload_of(shape)) {
            if (!is_raw(*payload)) return read_payload(*payload, request.body, input, problems);
            read_raw_request(*payload, request, input);
            return base::Unit{};
        }
        if (!has_document(shape)) return base::Unit{};
        return read_document(shape, request.body, Path{}, input, problems);
    }

    HttpResponse encode_response(const Service&, const Operation& operation, const void* output,
                                 std::string_view request_id) const override {
        HttpResponse response;
        response.status = operation.http_status;
        const Shape& shape = *operation.output;
        write_response_bindings(shape, output, response);
        response.headers.set("x-amzn-RequestId", request_id);
        const Member* payload = payload_of(shape);
        if (payload && is_raw(*payload)) {
            write_raw_response(*payload, output, response);
            return response;
        }
        const void* held = payload ? payload->in(output) : output;
        response.headers.set("Content-Type", "application/json");
        std::string body;
        if (held) write_json(style, payload ? *payload->shape : shape, held, body);
        response.body = std::move(body);
        return response;
    }

    HttpResponse encode_error(const Service&, const Error& error,
                              const ErrorDetails& details) const override {
        HttpResponse response;
        response.status = error.http_status;
        response.headers.set("Content-Type", "application/json");
        response.headers.set("x-amzn-RequestId", details.request_id);
        response.headers.set("x-amzn-errortype", error.type());
        response.body = json_error_body(error, {});
        return response;
    }

    Outcome<OutgoingRequest> encode_request(const Service&, const Operation& operation,
                                            const void* input) const override {
        OutgoingRequest request;
        TRY(write_request_bindings(operation, input, request));
        const Shape& shape = *operation.input;
        const Member* payload = payload_of(shape);
        if (payload && is_raw(*payload)) {
            write_raw_request(*payload, input, request);
            return request;
        }
        const void* held = payload ? payload->in(input) : input;
        if (held && (payload || has_document(shape))) {
            request.headers.set("Content-Type", "application/json");
            write_json(style, payload ? *payload->shape : shape, held, request.body);
        }
        return request;
    }

    Outcome<base::Unit> decode_response(const Service&, const Operation& operation, int status,
                                        const net::Headers& headers, std::string body,
                                        void* output) const override {
        if (status >= 300) return read_json_error(status, headers, body);
        const Shape& shape = *operation.output;
        read_response_bindings(shape, status, headers, output);
        Problems ignored;
        if (const Member* payload = payload_of(shape)) {
            if (!is_raw(*payload)) return read_payload(*payload, body, output, ignored);
            read_raw_response(*payload, std::move(body), output);
            return base::Unit{};
        }
        if (!has_document(shape)) return base::Unit{};
        return read_document(shape, body, Path{}, output, ignored);
    }
};

}  // namespace

const Codec& rest_json_codec() {
    static const RestJson codec;
    return codec;
}

}  // namespace wire
