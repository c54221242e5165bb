// FaultyDisk: a SQLite VFS that can lose power and run full, for tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace stratus {

/// Passes everything to the real file system while it remembers, per file, what was not yet synced.
/// Thread-safe. Registered under name() while it lives; must outlive the stores that use it.
class FaultyDisk {
  public:
    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    const std::string& name() const;

    /// The power goes: of all writes since each file's last sync, some (chosen by the seed, in pieces of 512
    /// bytes, in any order) reach the disk and the others do not. From now on every access through this disk
    /// fails; close the store, then open the same file on another disk to see what a restarted machine sees.
    void lose_power(std::uint64_t seed);
    /// Writes fail with "disk full" once this many more bytes were written; UINT64_MAX: never.
    void set_bytes_left(std::uint64_t bytes);
    std::uint64_t syncs() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stratus
