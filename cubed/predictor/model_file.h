// The customer attribution model of one goal as one file: what training writes and every scorer reads.
//
// Layout, all little-endian: a 64-byte header (magic "CUBEDMDL", schema version, section count, length of the
// file, CRC-32C of everything but itself), a table of sections (kind, element size, offset, bytes), then the
// sections, each starting at a multiple of 64 so that a mapped file can be read in place. Equal models give
// equal bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace cubed::predictor {

inline constexpr std::uint32_t model_schema_version = 1;

/// States of a Markov chain (packed as attribution::Chain packs them), strictly ascending, and for each the
/// probability that a journey standing there will convert.
struct StateTable {
    std::vector<std::uint64_t> states;
    std::vector<double> reach;
    friend bool operator==(const StateTable&, const StateTable&) = default;
};

/// Everything a scorer needs and everything a person needs to know where it came from. A value.
struct CustomerModel {
    std::string account;
    std::int32_t goal = 0;
    std::string model;  ///< markov_1 .. markov_4
    std::int32_t order = 1;
    base::Instant window_from{};
    base::Instant window_to{};
    base::Instant watermark{};
    std::int32_t lookback_days = 30;
    double conversion_rate = 0;    ///< of a journey with no known touch
    double value_per_journey = 0;  ///< pence
    std::map<std::string, double> metrics;

    std::vector<std::string> channels;      ///< by channel index
    std::vector<std::int32_t> referer_ids;  ///< by channel index: the account's key of the channel
    std::vector<double> effect;             ///< by channel index: removal effect on conversions, 0..1
    std::vector<double> value_effect;       ///< by channel index: removal effect on value, 0..1
    StateTable states;                      ///< of the chosen order
    StateTable first_order;                 ///< for histories the chosen order never saw

    friend bool operator==(const CustomerModel&, const CustomerModel&) = default;
};

/// The file's bytes.
std::string encode_model(const CustomerModel& model);

/// Reads a file. `corrupt` for anything unknown, damaged, inconsistent or out of range: a model is whole or
/// refused.
base::Result<CustomerModel> decode_model(std::string_view bytes);

/// "<watermark>-<digest>": names the file; equal bytes have equal versions.
std::string version_of(const CustomerModel& model, std::string_view bytes);

/// Keys in the model bucket: "<account>/customer/<goal>/<version>.model", and the object that names the
/// newest.
std::string object_key(const CustomerModel& model, std::string_view version);
std::string latest_key(std::string_view account, std::int32_t goal);

inline constexpr const char* model_bucket = "predict.s3.withcubed.com";

}  // namespace cubed::predictor
