#include "base/log.h"

#include <atomic>
#include <unistd.h>

#include "base/clock.h"
#include "base/time.h"
#include "base/utf8.h"

namespace base {

namespace {

std::atomic<LogLevel> level_wanted{LogLevel::info};
std::atomic<int> descriptor_used{STDERR_FILENO};

std::string_view name_of_level(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "debug";
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        case LogLevel::error: return "error";
    }
    return "error";
}

bool needs_quotes(std::string_view value) {
    if (value.empty()) return true;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte >= 0x7f || c == '"' || c == '=' || c == '\\') return true;
    }
    return false;
}

void append_escaped(std::string& out, char32_t code) {
    static constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[code >> shift & 15];
}

/// Text inside quotes: nothing in it can end the line or move a terminal's cursor.
void append_quoted(std::string& out, std::string_view value) {
    const std::string text = utf8_repaired(value);
    out += '"';
    std::size_t position = 0;
    while (position < text.size()) {
        const std::size_t before = position;
        const char32_t code = utf8_next(text, position).value_or(0xfffd);
        const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
                             code == 0x2029 || (code >= 0x202a && code <= 0x202e);
        if (code == '"' || code == '\\') {
            out += '\\';
            out += static_cast<char>(code);
        } else if (code == '\n') {
            out += "\\n";
        } else if (control) {
            append_escaped(out, code);
        } else {
            out.append(text, before, position - before);
        }
    }
    out += '"';
}

void append_value(std::string& out, std::string_view value) {
    if (needs_quotes(value)) {
        append_quoted(out, value);
    } else {
        out += value;
    }
}

}  // namespace

std::string format_log_line(LogLevel level, std::string_view module, std::string_view message,
                            LogFields fields) {
    std::string out = "level=";
    out += name_of_level(level);
    out += " module=";
    append_value(out, module);
    out += " msg=";
    append_quoted(out, message);
    for (const LogField& field : fields) {
        out += ' ';
        out += field.key;
        out += '=';
        append_value(out, field.value);
    }
    return out;
}

void log(LogLevel level, std::string_view module, std::string_view message, LogFields fields) {
    if (level < level_wanted.load(std::memory_order_relaxed)) return;
    std::string line = "time=" + format_iso8601_millis(RealClock().now()) + " ";
    line += format_log_line(level, module, message, fields);
    line += '\n';
    // One write per line: lines of different threads never mix. What cannot be written is lost.
    [[maybe_unused]] const ssize_t written =
        ::write(descriptor_used.load(std::memory_order_relaxed), line.data(), line.size());
}

bool is_logged(LogLevel level) {
    return level >= level_wanted.load(std::memory_order_relaxed);
}

void set_log_level(LogLevel level) {
    level_wanted.store(level, std::memory_order_relaxed);
}

void set_log_descriptor(int descriptor) {
    descriptor_used.store(descriptor, std::memory_order_relaxed);
}

}  // namespace base
