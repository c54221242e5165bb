// XmlWriter: XML out, in order, straight into a string.
#pragma once

#include <string>
#include <string_view>

namespace wire {

/// Appends `text` escaped for element content and attributes. Control characters become character references,
/// as S3 writes them.
void append_xml_text(std::string& out, std::string_view text);

/// Writes what it is told; whoever calls keeps elements balanced.
class XmlWriter {
  public:
    explicit XmlWriter(std::string& out) : out_(out) {}
    void declaration() { out_ += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"; }
    /// open() may be followed by attribute()s, then by content.
    void open(std::string_view name);
    void attribute(std::string_view name, std::string_view value);
    void close(std::string_view name);
    void text(std::string_view content);
    void element(std::string_view name, std::string_view content);

  private:
    void end_tag();
    std::string& out_;
    bool in_tag_ = false;
};

}  // namespace wire
