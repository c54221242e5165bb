// CHECK: a broken invariant ends the process, in release builds too. Never for user input.
#pragma once

namespace base {

[[noreturn]] void check_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace base

#define CHECK(condition, why) \
    (static_cast<bool>(condition) ? void() : ::base::check_failed(#condition, why, __FILE__, __LINE__))
