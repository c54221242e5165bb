// The limits of the process in one place: every queue, pool, cache and body has one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace base::limits {

inline constexpr std::size_t json_depth_max = 64;

// HTTP server
inline constexpr std::size_t http_header_bytes_max = 32 * 1024;
inline constexpr std::size_t http_connections_max = 8192;
inline constexpr std::size_t http_stream_pipe_bytes = 256 * 1024;
inline constexpr std::size_t http_file_chunk_bytes = 256 * 1024;
inline constexpr std::chrono::seconds http_idle_timeout{75};
inline constexpr std::chrono::seconds http_header_timeout{15};
inline constexpr std::chrono::seconds http_body_stall_timeout{30};

// HTTP client
inline constexpr std::size_t http_client_response_bytes_max = 64 * 1024 * 1024;

// Durable log
inline constexpr std::size_t log_record_bytes_max = 16 * 1024 * 1024;
inline constexpr std::uint64_t log_segment_bytes_default = 64 * 1024 * 1024;
inline constexpr std::size_t log_pending_bytes_max = 64 * 1024 * 1024;

}  // namespace base::limits
