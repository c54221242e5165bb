#include "wire/xml_writer.h"

#include <fmt/format.h>

namespace wire {

void append_xml_text(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\t':
            case '\n': out += c; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20)
                    out += fmt::format("&#x{:x};", static_cast<int>(c));
                else
                    out += c;
        }
    }
}

void XmlWriter::end_tag() {
    if (in_tag_) out_ += '>';
    in_tag_ = false;
}

void XmlWriter::open(std::string_view name) {
    end_tag();
    out_ += '<';
    out_ += name;
    in_tag_ = true;
}

void XmlWriter::attribute(std::string_view name, std::string_view value) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    for (const char c : value) {
        // As references: a parser makes plain ones in an attribute spaces.
        if (c == '\t' || c == '\n')
            out_ += c == '\t' ? "&#x9;" : "&#xa;";
        else
            append_xml_text(out_, {&c, 1});
    }
    out_ += '"';
}

void XmlWriter::close(std::string_view name) {
    if (in_tag_) {
        out_ += "/>";
        in_tag_ = false;
        return;
    }
    out_ += "</";
    out_ += name;
    out_ += '>';
}

void XmlWriter::text(std::string_view content) {
    if (content.empty()) return;
    end_tag();
    append_xml_text(out_, content);
}

void XmlWriter::element(std::string_view name, std::string_view content) {
    open(name);
    text(content);
    close(name);
}

}  // namespace wire
