// Values and their versions: put, get, batch, staging labels.
#include <algorithm>

#include "aws/secretsmanager/errors.h"
#include "stratus/services/secretsmanager/filters.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
using namespace aws::secretsmanager;
using wire::Context;

wire::Outcome<Value> SecretsManager::read_value(const Snapshot& at, const Secret& secret,
                                                const std::string& version) const {
    const auto record = TRY(values.get(at, secret.value_key(version)));
    if (!record) return base::Failure{base::FailureKind::corrupt, "a version without its value"};
    auto value = sealer_.open(*record, secret.home_arn(), version);
    if (!value.ok()) {
        return errors::decryption_failure(
                   "Secrets Manager can't decrypt the protected secret text using the provided KMS key.")
            .because(value.error().what);
    }
    return value.take();
}

/// About a hundred versions are kept: the oldest without a label go, but none of the last day, as on AWS.
wire::Outcome<base::Unit> SecretsManager::make_room_for_version(Transaction& tx, Secret& secret) const {
    auto& versions = secret.record.versions;
    while (versions.size() >= versions_max) {
        auto oldest = versions.end();
        for (auto at = versions.begin(); at != versions.end(); ++at) {
            if (!at->second.stages.empty()) continue;
            if (oldest == versions.end() || at->second.created < oldest->second.created) oldest = at;
        }
        if (oldest == versions.end() || oldest->second.created > clock_.now() - std::chrono::days{1}) {
            return errors::limit_exceeded_exception("The secret has too many versions: 100 within 24 hours.");
        }
        TRY(values.erase(tx, secret.value_key(oldest->first)));
        versions.erase(oldest);
    }
    return base::Unit{};
}

wire::Outcome<base::Unit> SecretsManager::put_version(Transaction& tx, Secret& secret,
                                                      const std::string& version, const Value& value) const {
    if (secret.record.versions.contains(version)) {
        if (TRY(read_value(tx, secret, version)) == value) return base::Unit{};
        return errors::resource_exists_exception(
            "You can't use ClientRequestToken " + version +
            " because that value is already in use for a version of secret " + secret.arn() + ".");
    }
    TRY(make_room_for_version(tx, secret));
    secret.record.versions[version].created = clock_.now();
    TRY(values.put(tx, secret.value_key(version), sealer_.seal(value, secret.home_arn(), version)));
    return base::Unit{};
}

wire::Outcome<PutSecretValueResponse> SecretsManager::put_secret_value(const Context& ctx,
                                                                       const PutSecretValueRequest& in) {
    const std::optional<Value> value = TRY(value_in(in.secret_string, in.secret_binary));
    if (!value) {
        return errors::invalid_request_exception("You must provide either SecretString or SecretBinary.");
    }
    if (in.version_stages.size() > stages_per_version_max) {
        return errors::limit_exceeded_exception("A version can have at most 20 staging labels.");
    }
    return store_.write([&](Transaction& tx) -> wire::Outcome<PutSecretValueResponse> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        const std::string version = in.client_request_token.value_or(random_.uuid4());
        const bool is_first = secret.record.versions.empty();
        const bool is_new = !secret.record.versions.contains(version);
        TRY(put_version(tx, secret, version, *value));
        if (is_new) {
            for (const std::string& stage : in.version_stages) attach_stage(secret.record, stage, version);
            if (in.version_stages.empty() || is_first) attach_stage(secret.record, current, version);
            secret.record.changed = clock_.now();
            TRY(save(tx, secret));
        }
        return PutSecretValueResponse{.arn = secret.arn(),
                                      .name = secret.record.name,
                                      .version_id = version,
                                      .version_stages = secret.record.versions[version].stages};
    });
}

wire::Outcome<std::string> SecretsManager::pick_version(const Secret& secret,
                                                        const std::optional<std::string>& version,
                                                        const std::optional<std::string>& stage) const {
    if (version) {
        const auto found = secret.record.versions.find(*version);
        if (found == secret.record.versions.end()) {
            return errors::resource_not_found_exception(
                "Secrets Manager can't find the specified secret value for VersionId: " + *version);
        }
        const auto& stages = found->second.stages;
        if (stage && std::find(stages.begin(), stages.end(), *stage) == stages.end()) {
            return errors::invalid_request_exception(
                "You provided a VersionStage that is not associated to the provided VersionId.");
        }
        return *version;
    }
    const std::string wanted = stage.value_or(std::string(current));
    const auto found = version_with(secret.record, wanted);
    if (!found) {
        return errors::resource_not_found_exception(
            "Secrets Manager can't find the specified secret value for staging label: " + wanted);
    }
    return *found;
}

/// LastAccessedDate is a day, so reading costs a write once a day. What cannot be noted is no reason not to
/// answer.
void SecretsManager::note_access(const Secret& secret, const std::string& version) {
    const base::Instant day = today();
    const auto known = secret.record.versions.find(version);
    if (secret.record.accessed == day && known != secret.record.versions.end() &&
        known->second.accessed == day)
        return;
    const auto noted = store_.write([&](Transaction& tx) -> base::Result<base::Unit> {
        auto record = TRY(secrets.get(tx, secret.key()));
        if (!record || record->suffix != secret.record.suffix) return base::Unit{};
        record->accessed = day;
        const auto at = record->versions.find(version);
        if (at != record->versions.end()) at->second.accessed = day;
        return secrets.put(tx, secret.key(), *record);
    });
    (void)noted.ok();
}

wire::Outcome<GetSecretValueResponse> SecretsManager::get_secret_value(const Context& ctx,
                                                                       const GetSecretValueRequest& in) {
    std::optional<Secret> read;
    auto answer = store_.read([&](const Snapshot& at) -> wire::Outcome<GetSecretValueResponse> {
        const Secret secret = TRY(find_active(at, ctx, in.secret_id));
        const std::string version = TRY(pick_version(secret, in.version_id, in.version_stage));
        Value value = TRY(read_value(at, secret, version));
        const VersionRecord& record = secret.record.versions.at(version);
        GetSecretValueResponse out{.arn = secret.arn(),
                                   .name = secret.record.name,
                                   .version_id = version,
                                   .version_stages = record.stages,
                                   .created_date = record.created};
        (value.is_binary ? out.secret_binary : out.secret_string) = std::move(value.bytes);
        read = secret;
        return out;
    });
    if (answer.ok()) note_access(*read, *answer->version_id);
    return answer;
}

namespace {

SecretValueEntry entry_of(GetSecretValueResponse&& value) {
    return SecretValueEntry{.arn = std::move(value.arn),
                            .name = std::move(value.name),
                            .version_id = std::move(value.version_id),
                            .secret_binary = std::move(value.secret_binary),
                            .secret_string = std::move(value.secret_string),
                            .version_stages = std::move(value.version_stages),
                            .created_date = value.created_date};
}

}  // namespace

wire::Outcome<BatchGetSecretValueResponse> SecretsManager::batch_get_secret_value(
    const Context& ctx, const BatchGetSecretValueRequest& in) {
    constexpr std::size_t batch_default = 20;
    if (in.secret_id_list.empty() == in.filters.empty()) {
        return errors::invalid_parameter_exception(
            "Either SecretIdList or Filters must be provided, but not both.");
    }
    if (!in.secret_id_list.empty() && (in.max_results || in.next_token)) {
        return errors::invalid_parameter_exception("MaxResults and NextToken can only be used with Filters.");
    }
    BatchGetSecretValueResponse out;
    std::vector<std::string> ids = in.secret_id_list;
    if (ids.empty()) {
        TRY(check_filters(in.filters));
        const auto all = TRY(store_.read([&](const Snapshot& at) { return all_secrets(at, ctx); }));
        const std::size_t count = in.max_results ? static_cast<std::size_t>(*in.max_results) : batch_default;
        auto listed = TRY(select(all, in.filters, {}, in.next_token, count));
        for (const Secret& secret : listed.secrets) ids.push_back(secret.arn());
        out.next_token = std::move(listed.next_token);
    }
    for (const std::string& id : ids) {
        auto value = get_secret_value(ctx, GetSecretValueRequest{.secret_id = id});
        if (value.ok()) {
            out.secret_values.push_back(entry_of(value.take()));
        } else if (value.error().http_status >= 500) {
            return value.take_error();
        } else {
            out.errors.push_back(APIErrorType{
                .secret_id = id, .error_code = value.error().type(), .message = value.error().message});
        }
    }
    return out;
}

wire::Outcome<ListSecretVersionIdsResponse> SecretsManager::list_secret_version_ids(
    const Context& ctx, const ListSecretVersionIdsRequest& in) {
    constexpr std::size_t count_default = 100;
    return store_.read([&](const Snapshot& at) -> wire::Outcome<ListSecretVersionIdsResponse> {
        const Secret secret = TRY(find(at, ctx, in.secret_id));
        const std::size_t count = in.max_results ? static_cast<std::size_t>(*in.max_results) : count_default;
        ListSecretVersionIdsResponse out{.arn = secret.arn(), .name = secret.record.name};
        std::optional<std::string> after;
        if (in.next_token) after = TRY(read_page_token(*in.next_token));
        for (const auto& [id, version] : secret.record.versions) {
            const bool wanted = !version.stages.empty() || in.include_deprecated.value_or(false);
            if (!wanted || (after && id <= *after)) continue;
            if (out.versions.size() == count) {
                out.next_token = page_token(*out.versions.back().version_id);
                break;
            }
            out.versions.push_back(SecretVersionsListEntry{.version_id = id,
                                                           .version_stages = version.stages,
                                                           .last_accessed_date = version.accessed,
                                                           .created_date = version.created,
                                                           .kms_key_ids = {"DefaultEncryptionKey"}});
        }
        return out;
    });
}

namespace {

wire::Outcome<base::Unit> check_version(const SecretRecord& record,
                                        const std::optional<std::string>& version) {
    if (!version || record.versions.contains(*version)) return base::Unit{};
    return errors::resource_not_found_exception(
        "Secrets Manager can't find the specified secret value for VersionId: " + *version);
}

/// The caller must say where the label is now: two callers that move it at once cannot both succeed.
wire::Outcome<base::Unit> check_holder(const std::optional<std::string>& holder,
                                       const UpdateSecretVersionStageRequest& in) {
    const std::string& stage = in.version_stage;
    if (holder == in.remove_from_version_id || (!holder && !in.remove_from_version_id)) return base::Unit{};
    if (!holder || *holder == in.move_to_version_id.value_or("")) {
        if (!in.remove_from_version_id) return base::Unit{};
        return errors::invalid_parameter_exception("Staging label " + stage +
                                                   " isn't currently attached to version " +
                                                   *in.remove_from_version_id + ".");
    }
    if (!in.remove_from_version_id) {
        return errors::invalid_parameter_exception(
            "The parameter RemoveFromVersionId can't be empty. Staging label " + stage +
            " is currently attached to version " + *holder +
            ", so you must explicitly reference that version in RemoveFromVersionId.");
    }
    return errors::invalid_parameter_exception(
        "The parameter RemoveFromVersionId is not correct. Staging label " + stage +
        " is currently attached to version " + *holder + ".");
}

}  // namespace

wire::Outcome<UpdateSecretVersionStageResponse> SecretsManager::update_secret_version_stage(
    const Context& ctx, const UpdateSecretVersionStageRequest& in) {
    if (!in.move_to_version_id && !in.remove_from_version_id) {
        return errors::invalid_parameter_exception(
            "You must provide MoveToVersionId, RemoveFromVersionId or both.");
    }
    return store_.write([&](Transaction& tx) -> wire::Outcome<UpdateSecretVersionStageResponse> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        SecretRecord& record = secret.record;
        TRY(check_version(record, in.move_to_version_id));
        TRY(check_version(record, in.remove_from_version_id));
        TRY(check_holder(version_with(record, in.version_stage), in));
        if (!in.move_to_version_id && in.version_stage == current) {
            return errors::invalid_parameter_exception(
                "You can only move staging label AWSCURRENT to a different secret version. It can't be "
                "completely "
                "removed.");
        }
        if (!in.move_to_version_id) {
            detach_stage(record, in.version_stage);
        } else {
            attach_stage(record, in.version_stage, *in.move_to_version_id);
            if (record.versions[*in.move_to_version_id].stages.size() > stages_per_version_max) {
                return errors::limit_exceeded_exception("A version can have at most 20 staging labels.");
            }
        }
        record.changed = clock_.now();
        TRY(save(tx, secret));
        return UpdateSecretVersionStageResponse{.arn = secret.arn(), .name = record.name};
    });
}

}  // namespace stratus::secretsmanager
