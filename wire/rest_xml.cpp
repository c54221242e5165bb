// The restXml protocol, with S3's error documents.
#include <fmt/format.h>
#include <pugixml.hpp>

#include "wire/codecs.h"
#include "wire/common_errors.h"
#include "wire/rest_bindings.h"
#include "wire/rest_payload.h"
#include "wire/scalars.h"
#include "wire/xml_error.h"
#include "wire/xml_value.h"

namespace wire {
namespace {

Error malformed_xml() {
    return {"MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema", 400};
}

Outcome<base::Unit> read_document(const Shape& shape, std::string_view body, const Path& path, void* into,
                                  Problems& problems) {
    const auto document = parse_xml(body);
    if (!document.ok()) return malformed_xml().because(document.error().what);
    if (!read_xml(shape, root_of(**document), path, into, problems)) return malformed_xml();
    return base::Unit{};
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

std::string_view root_name(const Shape& shape, std::string_view otherwise) {
    return shape.xml_name.empty() ? otherwise : shape.xml_name;
}

std::string document_of(const Service& service, const Shape& shape, std::string_view name,
                        const void* value) {
    std::string body;
    XmlWriter xml(body);
    xml.declaration();
    xml.open(name);
    if (!service.xml_namespace.empty()) xml.attribute("xmlns", service.xml_namespace);
    write_xml_members(shape, value, xml);
    xml.close(name);
    return body;
}

/// GetBucketLocation: the one member is the root.
std::string unwrapped(const Service& service, const Shape& shape, const void* output) {
    const Member& member = shape.members.front();
    const void* held = member.in(output);
    std::string body;
    XmlWriter xml(body);
    xml.declaration();
    xml.open(member.wire_name);
    xml.attribute("xmlns", service.xml_namespace);
    if (held) xml.text(format_scalar(*member.shape, TimestampFormat::iso8601, held));
    xml.close(member.wire_name);
    return body;
}

bool is_s3(const Service& service) {
    return service.validation == ValidationStyle::s3;
}

/// The shared errors under the names S3 has for them.
std::string s3_code(const std::string& code) {
    if (code == "InternalFailure") return "InternalError";
    if (code == "InvalidClientTokenId") return "InvalidAccessKeyId";
    if (code == "ServiceUnavailable" || code == "Throttling") return "SlowDown";
    if (code == "RequestEntityTooLarge") return "EntityTooLarge";
    return code;
}

class RestXml final : public Codec {
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

    HttpResponse encode_response(const Service& service, const Operation& operation, const void* output,
                                 std::string_view request_id) const override {
        HttpResponse response;
        response.status = operation.http_status;
        const Shape& shape = *operation.output;
        write_response_bindings(shape, output, response);
        response.headers.set(is_s3(service) ? "x-amz-request-id" : "x-amzn-RequestId", request_id);
        const Member* payload = payload_of(shape);
        if (payload && is_raw(*payload)) {
            write_raw_response(*payload, output, response);
            return response;
        }
        const void* held = payload ? payload->in(output) : output;
        if (!held || !(payload || has_document(shape))) return response;
        response.headers.set("Content-Type", is_s3(service) ? "application/xml" : "text/xml");
        if (operation.unwrapped)
            response.body = unwrapped(service, shape, output);
        else if (payload) {
            response.body =
                document_of(service, *payload->shape, root_name(*payload->shape, payload->wire_name), held);
        } else {
            response.body = document_of(service, shape,
                                        root_name(shape, fmt::format("{}Response", operation.name)), held);
        }
        return response;
    }

    HttpResponse encode_error(const Service& service, const Error& error,
                              const ErrorDetails& details) const override {
        HttpResponse response;
        response.status = error.http_status;
        std::string body;
        XmlWriter xml(body);
        xml.declaration();
        if (is_s3(service))
            s3_error(error, details, xml, response);
        else
            common_error(service, error, details, xml, response);
        for (const auto& [name, value] : error.headers) response.headers.set(name, value);
        // 304 and 412-on-HEAD carry no body; the server strips what HTTP forbids for HEAD.
        if (error.http_status != 304) response.body = std::move(body);
        return response;
    }

    Outcome<OutgoingRequest> encode_request(const Service& service, const Operation& operation,
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
        if (!held || !(payload || has_document(shape))) return request;
        request.headers.set("Content-Type", "application/xml");
        const Shape& root = payload ? *payload->shape : shape;
        const std::string fallback = fmt::format("{}Request", operation.name);
        request.body =
            document_of(service, root, payload ? payload->wire_name : root_name(root, fallback), held);
        return request;
    }

    Outcome<base::Unit> decode_response(const Service&, const Operation& operation, int status,
                                        const net::Headers& headers, std::string body,
                                        void* output) const override {
        if (status >= 300) return read_xml_error(status, body);
        const Shape& shape = *operation.output;
        read_response_bindings(shape, status, headers, output);
        Problems ignored;
        if (operation.unwrapped) {
            const auto document = parse_xml(body);
            if (!document.ok()) return malformed_xml();
            const Member& member = shape.members.front();
            read_xml(*member.shape, root_of(**document), Path{}, member.make_in(output), ignored);
            return base::Unit{};
        }
        if (const Member* payload = payload_of(shape)) {
            if (!is_raw(*payload)) return read_payload(*payload, body, output, ignored);
            read_raw_response(*payload, std::move(body), output);
            return base::Unit{};
        }
        if (!has_document(shape) || body.empty()) return base::Unit{};
        return read_document(shape, body, Path{}, output, ignored);
    }

  private:
    static void s3_error(const Error& error, const ErrorDetails& details, XmlWriter& xml,
                         HttpResponse& response) {
        Error renamed = error;
        renamed.code = s3_code(error.code);
        xml.open("Error");
        write_error_members(renamed, xml);
        if (!details.resource.empty()) xml.element("Resource", details.resource);
        xml.element("RequestId", details.request_id);
        xml.element("HostId", details.host_id);
        xml.close("Error");
        response.headers.set("Content-Type", "application/xml");
        response.headers.set("x-amz-request-id", details.request_id);
        response.headers.set("x-amz-id-2", details.host_id);
    }

    static void common_error(const Service& service, const Error& error, const ErrorDetails& details,
                             XmlWriter& xml, HttpResponse& response) {
        xml.open("ErrorResponse");
        if (!service.xml_namespace.empty()) xml.attribute("xmlns", service.xml_namespace);
        xml.open("Error");
        xml.element("Type", error.fault == Fault::sender ? "Sender" : "Receiver");
        write_error_members(error, xml);
        xml.close("Error");
        xml.element("RequestId", details.request_id);
        xml.close("ErrorResponse");
        response.headers.set("Content-Type", "text/xml");
        response.headers.set("x-amzn-RequestId", details.request_id);
    }
};

}  // namespace

const Codec& rest_xml_codec() {
    static const RestXml codec;
    return codec;
}

}  // namespace wire
