// Envelope: the body of one SQS message: many hits, compressed, versioned, as text.
//
//   body    = base64( "VE" version:1 raw_size:4 (little-endian) zstd( item* ) ), the frame with its checksum
//   item    = size:varint bytes of encode_hit()
//
// Free functions, thread-safe. Opening is safe on hostile input: sizes are checked before memory is taken.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cubed/schema/hit.h"

namespace cubed {

inline constexpr int envelope_version = 1;
/// What SQS takes in one message, and in one batch of messages.
inline constexpr size_t sqs_bytes_max = 1024 * 1024;
/// The items of one envelope before compression: what a packer fills and what an opener accepts. Base64 of
/// even incompressible items stays below sqs_bytes_max.
inline constexpr size_t envelope_raw_bytes_max = 720 * 1024;
inline constexpr size_t envelope_hits_max = 10'000;

/// Collects encoded hits until an envelope is full. Not thread-safe.
class EnvelopePacker {
  public:
    /// False, and nothing added, when this hit has no room any more. A hit alone always fits: the DCS refuses
    /// larger ones (hit_bytes_max).
    bool add(std::string_view encoded_hit);
    size_t hits() const { return hits_; }
    size_t raw_bytes() const { return raw_.size(); }
    /// The message body; the packer is empty afterwards.
    std::string seal();

  private:
    std::string raw_;
    size_t hits_ = 0;
};

/// The body for these hits. REQUIRES: they fit one envelope.
std::string seal_envelope(std::span<const Hit> hits);

/// The hits in a message body. `corrupt` when it is no whole envelope: quarantine it, it will never open.
base::Result<std::vector<Hit>> open_envelope(std::string_view body);

/// Like open_envelope, but items stay encoded, so that one bad hit can be quarantined alone.
base::Result<std::vector<std::string>> open_envelope_items(std::string_view body);

}  // namespace cubed
