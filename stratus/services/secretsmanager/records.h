// What Secrets Manager stores: one record per secret, one per version's value, and an index of deletions to
// come.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "stratus/store/table.h"

namespace stratus::secretsmanager {

struct TagRecord {
    std::string key;
    std::string value;
    friend bool operator==(const TagRecord&, const TagRecord&) = default;
};
BOOST_DESCRIBE_STRUCT(TagRecord, (), (key, value))

struct VersionRecord {
    base::Instant created;
    std::optional<base::Instant> accessed;  ///< the day only, as AWS keeps it
    std::vector<std::string> stages;        ///< none: deprecated
};
BOOST_DESCRIBE_STRUCT(VersionRecord, (), (created, accessed, stages))

/// Keyed by account, region and name. A replica's record only says where its primary is: it is always in
/// sync.
struct SecretRecord {
    std::string name;
    std::string suffix;  ///< the six random characters that end its ARN
    std::optional<std::string> description;
    base::Instant created;
    base::Instant changed;
    std::optional<base::Instant> accessed;
    std::optional<base::Instant> deletion;  ///< when it goes for good; it can be restored until then
    std::vector<TagRecord> tags;
    std::map<std::string, VersionRecord> versions;
    std::optional<std::string> policy;
    std::set<std::string> replicas;             ///< regions
    std::optional<std::string> primary_region;  ///< set in a replica's record
};
BOOST_DESCRIBE_STRUCT(SecretRecord, (),
                      (name, suffix, description, created, changed, accessed, deletion, tags, versions,
                       policy, replicas, primary_region))

/// Keyed by account, region, name and version. See Sealer for the two boxes.
struct ValueRecord {
    std::string wrapped_key;
    std::string sealed;
    bool is_binary = false;
};
BOOST_DESCRIBE_STRUCT(ValueRecord, (), (wrapped_key, sealed, is_binary))

/// Keyed by the time it is due, account, region and name.
struct DeletionRecord {
    std::string account;
    std::string region;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(DeletionRecord, (), (account, region, name))

inline constexpr Table<SecretRecord> secrets{"secretsmanager.secrets"};
inline constexpr Table<ValueRecord> values{"secretsmanager.values"};
inline constexpr Table<DeletionRecord> deletions{"secretsmanager.deletions"};

}  // namespace stratus::secretsmanager
