// MD5 of several texts at once, in the lanes of one vector unit: S3's ETags are MD5s, and on small objects
// they are most of what a PUT costs. Not for security.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

/// The 16 raw bytes of each text's MD5, in order. Pure, thread-safe. One text, or a processor without AVX2,
/// goes through OpenSSL; eight of one length cost about two.
std::vector<std::string> md5_many(std::span<const std::string_view> texts);

}  // namespace base
