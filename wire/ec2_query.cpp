// The ec2Query protocol: query with names of its own, and answers without wrappers.
#include <fmt/format.h>
#include <pugixml.hpp>

#include "wire/codecs.h"
#include "wire/common_errors.h"
#include "wire/query_value.h"
#include "wire/xml_error.h"
#include "wire/xml_value.h"

namespace wire {
namespace {

class Ec2Query final : public Codec {
  public:
    Outcome<base::Unit> decode_request(const Service&, const Operation& operation, const HttpRequest& request,
                                       void* input, Problems& problems) const override {
        auto form = Form::parse(request.query);
        if (form.ok()) {
            const auto added = form->add(request.body);
            if (!added.ok()) form = added.error();
        }
        if (!form.ok())
            return malformed_query_string("The query string contains a syntax error: " + form.error().what);
        if (!read_query(QueryStyle::ec2, *operation.input, *form, Path{}, input, problems)) {
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
        xml.element("requestId", request_id);
        // The model has operations without output; AWS answers <return>true</return> there.
        if (operation.output->members.empty())
            xml.element("return", "true");
        else
            write_xml_members(*operation.output, output, xml);
        xml.close(root);
        HttpResponse response;
        head(request_id, response);
        response.body = std::move(body);
        return response;
    }

    HttpResponse encode_error(const Service&, const Error& error,
                              const ErrorDetails& details) const override {
        std::string body;
        XmlWriter xml(body);
        xml.declaration();
        xml.open("Response");
        xml.open("Errors");
        xml.open("Error");
        write_error_members(error, xml);
        xml.close("Error");
        xml.close("Errors");
        xml.element("RequestID", details.request_id);
        xml.close("Response");
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
        write_query(QueryStyle::ec2, *operation.input, input, request.body);
        return request;
    }

    Outcome<base::Unit> decode_response(const Service&, const Operation& operation, int status,
                                        const net::Headers&, std::string body, void* output) const override {
        if (status >= 300) return read_xml_error(status, body);
        const auto document = parse_xml(body);
        if (!document.ok()) {
            return Error("InvalidResponse", "The server's answer is not XML.", 502)
                .because(document.error().what);
        }
        Problems ignored;
        read_xml(*operation.output, root_of(**document), Path{}, output, ignored);
        return base::Unit{};
    }

  private:
    static void head(std::string_view request_id, HttpResponse& response) {
        response.headers.set("Content-Type", "text/xml;charset=UTF-8");
        response.headers.set("x-amzn-RequestId", request_id);
    }
};

}  // namespace

const Codec& ec2_query_codec() {
    static const Ec2Query codec;
    return codec;
}

}  // namespace wire
