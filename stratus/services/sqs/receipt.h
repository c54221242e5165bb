// Receipt handles: opaque text that names one delivery of one message and cannot be made up.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stratus/services/sqs/message.h"

namespace stratus::sqs {

/// Which delivery a handle stands for.
struct Receipt {
    QueueId queue = 0;
    MessageNumber number = 0;
    std::uint64_t stamp = 0;  ///< Delivery::receipt
    friend bool operator==(const Receipt&, const Receipt&) = default;
};

/// SipHash-2-4 of `text`: a keyed 64-bit tag, cheap enough for every message.
std::uint64_t siphash(const std::array<std::uint64_t, 2>& key, std::string_view text);

/// Seals and opens handles with one key, which must survive restarts for handles to do so. Thread-safe.
class ReceiptSealer {
  public:
    explicit ReceiptSealer(std::array<std::uint64_t, 2> key) : key_(key) {}
    std::string seal(const Receipt& receipt) const;
    /// Nothing for text that seal() did not make.
    std::optional<Receipt> open(std::string_view handle) const;

  private:
    std::array<std::uint64_t, 2> key_;
};

}  // namespace stratus::sqs
