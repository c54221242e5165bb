// Internal to this module: dense numbers for 64-bit keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cubed::attribution {

/// Open addressing from keys that are never 0 to 0, 1, 2, ... in order of insertion. Not thread-safe.
class IndexMap {
  public:
    static constexpr std::uint32_t absent = ~0u;

    IndexMap() : slots_(1024) {}

    /// The key's index, new or known.
    std::uint32_t index_of(std::uint64_t key) {
        std::size_t slot = slot_of(key);
        while (slots_[slot].key != 0) {
            if (slots_[slot].key == key) return slots_[slot].index;
            slot = (slot + 1) & (slots_.size() - 1);
        }
        slots_[slot] = {key, static_cast<std::uint32_t>(count_)};
        ++count_;
        if (count_ * 2 > slots_.size()) grow();
        return static_cast<std::uint32_t>(count_ - 1);
    }
    /// The key's index, or absent.
    std::uint32_t find(std::uint64_t key) const {
        std::size_t slot = slot_of(key);
        while (slots_[slot].key != 0) {
            if (slots_[slot].key == key) return slots_[slot].index;
            slot = (slot + 1) & (slots_.size() - 1);
        }
        return absent;
    }
    std::size_t size() const { return count_; }

  private:
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t index = 0;
    };
    std::size_t slot_of(std::uint64_t key) const {
        key ^= key >> 32;
        key *= 0xd6e8feb86659fd93ULL;
        key ^= key >> 32;
        return key & (slots_.size() - 1);
    }
    void grow() {
        std::vector<Slot> old(slots_.size() * 2);
        old.swap(slots_);
        for (const Slot& entry : old) {
            if (entry.key == 0) continue;
            std::size_t slot = slot_of(entry.key);
            while (slots_[slot].key != 0) slot = (slot + 1) & (slots_.size() - 1);
            slots_[slot] = entry;
        }
    }
    std::vector<Slot> slots_;
    std::size_t count_ = 0;
};

}  // namespace cubed::attribution
