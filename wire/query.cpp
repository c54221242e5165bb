// The awsQuery protocol: form parameters in, XML out.
#include <fmt/format.h>
#include <pugixml.hpp>

#include "base/encoding.h"
#include "wire/codecs.h"
#include "wire/common_errors.h"
#include "wire/query_value.h"
#include "wire/xml_error.h"
#include "wire/xml_value.h"

namespace wire {
namespace {

Error malformed_xml_answer(const base::Failure& failure) {
    return Error("InvalidResponse", "The server's answer is not the XML that was expected.", 502)
        .because(failure.what);
}

/// "Action=SendMessage" sent to https://host/account/queue means that queue.
Outcome<base::Unit> add_queue_url(const HttpRequest& request, Form& form) {
    if (request.path.size() <= 1 || form.find("QueueUrl")) return base::Unit{};
    const auto host = request.headers.get_or("host", "localhost");
    const std::string url = fmt::format("http://{}{}", host, request.path);
    const auto added = form.add("QueueUrl=" + base::percent_encode(url));
    if (!added.ok()) return malformed_query_string(added.error().what);
    return base::Unit{};
}

class Query final : public Codec {
  public:
    Outcome<base::Unit> decode_request(const Service& service, const Operation& operation,
                                       const HttpRequest& request, void* input,
                                       Problems& problems) const override {
        auto form = Form::parse(request.query);
        if (form.ok()) {
            const auto added = form->add(request.body);
            if (!added.ok()) form = added.error();
        }
        if (!form.ok())
            return malformed_query_string("The query string contains a syntax error: " + form.error().what);
        if (service.queue_url_in_path) TRY(add_queue_url(request, *form));
        if (!read_query(QueryStyle::query, *operation.input, *form, Path{}, input, problems)) {
            return Error("MalformedInput", "The input is nested too deep.", 400);
        }
        return base::Unit{};
    }

    HttpResponse encode_response(const Service& service, const Operation& operation, const void* output,
                                 std::string_view request_id) const override {
        std::string body;
        XmlWriter xml(body);
        const std::string root = fmt::format("{}Response", operation.name);
        xml.declaration();
        xml.open(root);
        xml.attribute("xmlns", service.xml_namespace);
        if (!operation.result_wrapper.empty()) {
            xml.open(operation.result_wrapper);
            write_xml_members(*operation.output, output, xml);
            xml.close(operation.result_wrapper);
        }
        xml.open("ResponseMetadata");
        xml.element("RequestId", request_id);
        xml.close("ResponseMetadata");
        xml.close(root);
        HttpResponse response;
        head(request_id, response);
        response.body = std::move(body);
        return response;
    }

    HttpResponse encode_error(const Service& service, const Error& error,
                              const ErrorDetails& details) const override {
        std::string body;
        XmlWriter xml(body);
        xml.declaration();
        xml.open("ErrorResponse");
        xml.attribute("xmlns", service.xml_namespace);
        xml.open("Error");
        xml.element("Type", error.fault == Fault::sender ? "Sender" : "Receiver");
        write_error_members(error, xml);
        xml.element("Detail", "");
        xml.close("Error");
        xml.element("RequestId", details.request_id);
        xml.close("ErrorResponse");
        HttpResponse response;
        response.status = error.http_status;
        head(details.request_id, response);
        response.body = std::move(body);
        return response;
    }

    Outcome<OutgoingRequest> encode_request(const Service& service, const Operation& operation,
                                            const void* input) const override {
        OutgoingRequest request{.method = "POST"};
        request.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        request.body = fmt::format("Action={}&Version={}", operation.name, service.api_version);
        write_query(QueryStyle::query, *operation.input, input, request.body);
        return request;
    }

    Outcome<base::Unit> decode_response(const Service&, const Operation& operation, int status,
                                        const net::Headers&, std::string body, void* output) const override {
        if (status >= 300) return read_xml_error(status, body);
        if (operation.output->members.empty()) return base::Unit{};
        const auto document = parse_xml(body);
        if (!document.ok()) return malformed_xml_answer(document.error());
        pugi::xml_node node = root_of(**document);
        if (!operation.result_wrapper.empty()) node = child_named(node, operation.result_wrapper);
        Problems ignored;
        read_xml(*operation.output, node, Path{}, output, ignored);
        return base::Unit{};
    }

  private:
    static void head(std::string_view request_id, HttpResponse& response) {
        response.headers.set("Content-Type", "text/xml");
        response.headers.set("x-amzn-RequestId", request_id);
    }
};

}  // namespace

const Codec& query_codec() {
    static const Query codec;
    return codec;
}

}  // namespace wire
