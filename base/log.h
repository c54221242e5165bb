// Logging: one logfmt line per call to standard error, written whole, control characters escaped.
//     log_info("sqs", "queue created", {{"queue", name}, {"messages", 5}});
// Thread-safe. Never fails: a line that cannot be written is lost. Secrets never go in.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace base {

enum class LogLevel { debug, info, warning, error };

/// A key with its value as text.
struct LogField {
    LogField(std::string_view key, std::string_view value) : key(key), value(value) {}
    LogField(std::string_view key, const char* value) : key(key), value(value) {}
    LogField(std::string_view key, const std::string& value) : key(key), value(value) {}
    LogField(std::string_view key, bool value) : key(key), value(value ? "true" : "false") {}
    template <std::integral T>
    LogField(std::string_view key, T value) : key(key), value(std::to_string(value)) {}
    template <std::floating_point T>
    LogField(std::string_view key, T value) : key(key), value(std::to_string(value)) {}

    std::string_view key;
    std::string value;
};
using LogFields = std::initializer_list<LogField>;

void log(LogLevel level, std::string_view module, std::string_view message, LogFields fields = {});
inline void log_debug(std::string_view module, std::string_view message, LogFields fields = {}) {
    log(LogLevel::debug, module, message, fields);
}
inline void log_info(std::string_view module, std::string_view message, LogFields fields = {}) {
    log(LogLevel::info, module, message, fields);
}
inline void log_warning(std::string_view module, std::string_view message, LogFields fields = {}) {
    log(LogLevel::warning, module, message, fields);
}
inline void log_error(std::string_view module, std::string_view message, LogFields fields = {}) {
    log(LogLevel::error, module, message, fields);
}

/// Lines below this level are dropped; info at first.
void set_log_level(LogLevel level);
/// For lines that are costly to make.
bool is_logged(LogLevel level);
/// Where lines go (file descriptor, borrowed); standard error at first. For tests and daemons.
void set_log_descriptor(int descriptor);
/// The line without its time stamp and newline, as log() writes it.
std::string format_log_line(LogLevel level, std::string_view module, std::string_view message,
                            LogFields fields);

}  // namespace base
