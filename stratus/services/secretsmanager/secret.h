// A secret as its operations see it: where it is, its record, and the rules of its versions and labels.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/secretsmanager/types.h"
#include "stratus/services/secretsmanager/records.h"
#include "wire/error.h"

namespace stratus::secretsmanager {

inline constexpr std::string_view current = "AWSCURRENT";
inline constexpr std::string_view previous = "AWSPREVIOUS";
inline constexpr std::size_t versions_max = 100;
inline constexpr std::size_t stages_per_version_max = 20;
inline constexpr std::size_t tags_max = 50;
inline constexpr std::size_t value_bytes_max = 65'536;

/// A plain value. For a replica `record` is its primary's.
struct Secret {
    std::string account;
    std::string region;  ///< where it was asked for
    std::string home;    ///< where its record and values are: its own region, or its primary's
    SecretRecord record;

    bool is_replica() const { return region != home; }
    std::string arn() const { return arn_in(region); }
    /// What its values are sealed for, whichever region they are read from.
    std::string home_arn() const { return arn_in(home); }
    std::string arn_in(std::string_view some_region) const;
    std::string key() const { return key_of(account, home, record.name); }
    std::string value_key(std::string_view version) const {
        return key_of(account, home, record.name, version);
    }
};

/// The version that carries a label; nothing when none does.
std::optional<std::string> version_with(const SecretRecord& record, std::string_view stage);

/// Moves a label to a version. AWSCURRENT leaves AWSPREVIOUS behind on the version it is taken from.
void attach_stage(SecretRecord& record, std::string_view stage, const std::string& version);
void detach_stage(SecretRecord& record, std::string_view stage);

/// Versions with labels, as DescribeSecret and ListSecrets show them.
std::map<std::string, std::vector<std::string>> staged_versions(const SecretRecord& record);

std::vector<aws::secretsmanager::Tag> tags_of(const SecretRecord& record);

/// Adds or replaces tags. InvalidParameterException for reserved keys, duplicates and too many.
wire::Outcome<base::Unit> merge_tags(SecretRecord& record, const std::vector<aws::secretsmanager::Tag>& tags);

std::vector<aws::secretsmanager::ReplicationStatusType> replication_of(const SecretRecord& record);

}  // namespace stratus::secretsmanager
