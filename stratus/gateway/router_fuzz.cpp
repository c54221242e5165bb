// Routing reads the head of every request before anything is proven: no bytes may bring it down.
#include <cstdint>
#include <string_view>

#include "stratus/gateway/router.h"

namespace {

constexpr wire::Protocol sqs_protocols[] = {wire::Protocol::aws_json, wire::Protocol::query};
constexpr wire::Protocol s3_protocols[] = {wire::Protocol::rest_xml};
constexpr wire::Service sqs{.name = "sqs",
                            .signing_name = "sqs",
                            .api_version = "2012-11-05",
                            .target_prefix = "AmazonSQS",
                            .protocols = sqs_protocols};
constexpr wire::Service s3{.name = "s3", .signing_name = "s3", .protocols = s3_protocols};

/// Takes the next line of the input.
std::string_view take_line(std::string_view& rest) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    return line;
}

}  // namespace

/// Lines: target, Host, Authorization, X-Amz-Target, Content-Type; the rest is the form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const stratus::HostedService services[] = {{.binding = {&sqs, nullptr}},
                                                      {.binding = {&s3, nullptr}}};
    static const stratus::Router router(services, "eu-west-1");
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    net::RequestHead head{.method = "POST", .target = std::string(take_line(rest))};
    for (const char* name : {"Host", "Authorization", "X-Amz-Target", "Content-Type"}) {
        const std::string_view value = take_line(rest);
        if (!value.empty()) head.headers.add(name, value);
    }
    stratus::Address address = router.address_of(head);
    if (address.service == nullptr) router.look_into_form(rest, address);
    stratus::parse_host(rest, services);
    return 0;
}
