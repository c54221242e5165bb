// What the durable log asks of the disk, as an interface: tests put a full or a forgetful disk in its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/durable_log.h"
#include "base/files.h"

namespace base {

/// Called by one thread at a time per file.
class LogFiles {
  public:
    virtual ~LogFiles() = default;
    virtual Result<Fd> create(const std::filesystem::path& path);
    virtual Result<Unit> write_at(int descriptor, std::string_view bytes, std::uint64_t offset);
    virtual Result<Unit> sync(int descriptor);
    virtual Result<Unit> truncate(int descriptor, std::uint64_t size);
};

/// DurableLog::open() on another disk.
Result<std::unique_ptr<DurableLog>> open_durable_log(DurableLog::Options options, DurableLog::Replay replay,
                                                     std::unique_ptr<LogFiles> files);

}  // namespace base
