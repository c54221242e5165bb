// The awsJson1_0 and awsJson1_1 protocols.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/json.h"
#include "wire/codecs.h"
#include "wire/common_errors.h"
#include "wire/json_error.h"
#include "wire/json_value.h"

namespace wire {
namespace {

constexpr JsonStyle style{};

class AwsJson final : public Codec {
  public:
    Outcome<base::Unit> decode_request(const Service&, const Operation& operation, const HttpRequest& request,
                                       void* input, Problems& problems) const override {
        return read(*operation.input, request.body, input, problems);
    }

    HttpResponse encode_response(const Service& service, const Operation& operation, const void* output,
                                 std::string_view request_id) const override {
        HttpResponse response;
        std::string body;
        // An operation without output answers an empty body in SQS, "{}" elsewhere; clients take both.
        if (!(service.query_compatible && operation.output->members.empty())) {
            write_json(style, *operation.output, output, body);
        }
        head(service, request_id, response);
        response.body = std::move(body);
        return response;
    }

    HttpResponse encode_error(const Service& service, const Error& error,
                              const ErrorDetails& details) const override {
        HttpResponse response;
        response.status = error.http_status;
        head(service, details.request_id, response);
        std::string type = error.type();
        if (!service.error_namespace.empty()) type = fmt::format("{}#{}", service.error_namespace, type);
        if (service.query_compatible) {
            const char* who = error.fault == Fault::sender ? "Sender" : "Receiver";
            response.headers.set("x-amzn-query-error", fmt::format("{};{}", error.code, who));
        }
        response.headers.set("x-amzn-errortype", error.type());
        response.body = json_error_body(error, type);
        return response;
    }

    Outcome<OutgoingRequest> encode_request(const Service& service, const Operation& operation,
                                            const void* input) const override {
        OutgoingRequest request{.method = "POST"};
        request.headers.set("Content-Type", content_type(service));
        request.headers.set("X-Amz-Target", fmt::format("{}.{}", service.target_prefix, operation.name));
        write_json(style, *operation.input, input, request.body);
        return request;
    }

    Outcome<base::Unit> decode_response(const Service&, const Operation& operation, int status,
                                        const net::Headers& headers, std::string body,
                                        void* output) const override {
        if (status >= 300) return read_json_error(status, headers, body);
        Problems ignored;  // a server's answer is taken as far as it goes
        return read(*operation.output, body, output, ignored);
    }

  private:
    static Outcome<base::Unit> read(const Shape& shape, std::string_view body, void* into,
                                    Problems& problems) {
        const auto json = base::parse_json(body.empty() ? "{}" : body);
        if (!json.ok())
            return serialization_exception("The body is not valid JSON.").because(json.error().what);
        return read_json(style, shape, *json, Path{}, into, problems);
    }

    static std::string content_type(const Service& service) {
        return fmt::format("application/x-amz-json-{}", service.json_version);
    }

    static void head(const Service& service, std::string_view request_id, HttpResponse& response) {
        response.headers.set("Content-Type", content_type(service));
        response.headers.set("x-amzn-RequestId", request_id);
    }
};

}  // namespace

const Codec& aws_json_codec() {
    static const AwsJson codec;
    return codec;
}

}  // namespace wire
