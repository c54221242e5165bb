#include "wire/xml_error.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include "wire/xml_value.h"

namespace wire {
namespace {

/// The element that holds Code and Message, wherever the protocol nests it.
pugi::xml_node error_node(const pugi::xml_node& root) {
    if (child_named(root, "Code")) return root;
    if (const auto nested = child_named(root, "Error")) return nested;
    return child_named(child_named(root, "Errors"), "Error");
}

}  // namespace

void write_error_members(const Error& error, XmlWriter& xml) {
    xml.element("Code", error.code);
    xml.element("Message", error.message);
    for (const auto& [name, value] : error.members) xml.element(name, value);
}

Error read_xml_error(int status, std::string_view body) {
    Error error(fmt::format("HTTP{}", status),
                fmt::format("The server answered with HTTP status {}.", status), status);
    const auto document = parse_xml(body);
    if (!document.ok()) return error;
    for (const pugi::xml_node child : error_node(root_of(**document)).children()) {
        const std::string_view name = child.name();
        const std::string text = child.child_value();
        if (name == "Code")
            error.code = text;
        else if (name == "Message")
            error.message = text;
        else if (name == "Type")
            error.fault = text == "Receiver" ? Fault::receiver : Fault::sender;
        else if (!name.empty())
            error.members.insert_or_assign(std::string(name), text);
    }
    return error;
}

}  // namespace wire
