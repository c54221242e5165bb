#include "stratus/services/secretsmanager/secret.h"

#include <algorithm>
#include <set>

#include "aws/secretsmanager/errors.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
using aws::secretsmanager::Tag;

std::string Secret::arn_in(std::string_view some_region) const {
    std::string arn = "arn:aws:secretsmanager:";
    arn += some_region;
    arn += ":" + account + ":secret:" + record.name + "-" + record.suffix;
    return arn;
}

std::optional<std::string> version_with(const SecretRecord& record, std::string_view stage) {
    for (const auto& [id, version] : record.versions) {
        if (std::find(version.stages.begin(), version.stages.end(), stage) != version.stages.end()) return id;
    }
    return std::nullopt;
}

void detach_stage(SecretRecord& record, std::string_view stage) {
    for (auto& [id, version] : record.versions) std::erase(version.stages, stage);
}

void attach_stage(SecretRecord& record, std::string_view stage, const std::string& version) {
    const std::optional<std::string> holder = version_with(record, stage);
    if (holder == version) return;
    detach_stage(record, stage);
    record.versions[version].stages.emplace_back(stage);
    if (stage == current && holder) {
        detach_stage(record, previous);
        record.versions[*holder].stages.emplace_back(previous);
    }
}

std::map<std::string, std::vector<std::string>> staged_versions(const SecretRecord& record) {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& [id, version] : record.versions) {
        if (!version.stages.empty()) out.emplace(id, version.stages);
    }
    return out;
}

std::vector<Tag> tags_of(const SecretRecord& record) {
    std::vector<Tag> out;
    for (const TagRecord& tag : record.tags) out.push_back(Tag{.key = tag.key, .value = tag.value});
    return out;
}

wire::Outcome<base::Unit> merge_tags(SecretRecord& record, const std::vector<Tag>& tags) {
    std::set<std::string> given;
    for (const Tag& tag : tags) {
        const std::string key = tag.key.value_or("");
        if (key.empty()) return errors::invalid_parameter_exception("A tag must have a key.");
        if (key.starts_with("aws:")) {
            return errors::invalid_parameter_exception("Tag keys can't start with the reserved prefix aws:.");
        }
        if (!given.insert(key).second) {
            return errors::invalid_parameter_exception("The tag key " + key + " was given more than once.");
        }
        const auto same = [&](const TagRecord& known) { return known.key == key; };
        const auto found = std::find_if(record.tags.begin(), record.tags.end(), same);
        if (found != record.tags.end()) {
            found->value = tag.value.value_or("");
        } else {
            record.tags.push_back(TagRecord{.key = key, .value = tag.value.value_or("")});
        }
    }
    if (record.tags.size() > tags_max) {
        return errors::invalid_parameter_exception("A secret can have at most 50 tags.");
    }
    return base::Unit{};
}

std::vector<aws::secretsmanager::ReplicationStatusType> replication_of(const SecretRecord& record) {
    std::vector<aws::secretsmanager::ReplicationStatusType> out;
    for (const std::string& region : record.replicas) {
        out.push_back({.region = region,
                       .kms_key_id = "alias/aws/secretsmanager",
                       .status = std::string(aws::secretsmanager::status_type::in_sync),
                       .last_accessed_date = record.accessed});
    }
    return out;
}

}  // namespace stratus::secretsmanager
