// BlobPack: one file that many small blobs share. Private to blob_store.
#pragma once

#include <cstdint>
#include <utility>

#include "base/files.h"

namespace stratus {

/// Blobs begin at multiples of `alignment` (a file system block), so that the space of a dead one can be
/// given back by punching a hole. Space is handed out by the owner under its own lock.
struct BlobPack {
    static constexpr std::uint64_t alignment = 4096;
    static constexpr std::uint64_t round_up(std::uint64_t bytes) {
        return (bytes + alignment - 1) / alignment * alignment;
    }

    BlobPack(std::uint64_t pack_number, base::Fd pack_file)
        : number(pack_number), file(std::move(pack_file)) {}

    const std::uint64_t number;
    base::Fd file;
    std::uint64_t reserved = 0;
};

}  // namespace stratus
