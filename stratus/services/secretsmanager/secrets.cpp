// The life of a secret: create, describe, update, delete, restore.
#include <algorithm>

#include "aws/secretsmanager/errors.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
using namespace aws::secretsmanager;
using wire::Context;

namespace {

constexpr std::string_view suffix_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::int64_t recovery_days_default = 30;

wire::Outcome<base::Unit> check_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-/_+=.@!").find(c) != std::string_view::npos;
    };
    if (name.empty() || !std::all_of(name.begin(), name.end(), allowed)) {
        return errors::validation_exception(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
            "-/_+=.@!");
    }
    return base::Unit{};
}

}  // namespace

wire::Outcome<std::optional<Value>> value_in(const std::optional<std::string>& text,
                                             const std::optional<std::string>& binary) {
    if (text && binary) {
        return errors::invalid_parameter_exception(
            "You can't specify both a SecretString and a SecretBinary: a version has one of them.");
    }
    if (!text && !binary) return std::optional<Value>{};
    const Value value{.bytes = text ? *text : *binary, .is_binary = binary.has_value()};
    if (value.bytes.size() > value_bytes_max) {
        return errors::validation_exception("The secret value is longer than 65536 bytes.");
    }
    return std::optional<Value>(value);
}

wire::Outcome<base::Unit> check_kms_key(const std::optional<std::string>& key) {
    if (!key || key->empty() || *key == "alias/aws/secretsmanager" ||
        (key->starts_with("arn:aws:kms:") && key->ends_with(":alias/aws/secretsmanager"))) {
        return base::Unit{};
    }
    return errors::encryption_failure(
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the "
        "key is "
        "available, enabled, and not in an invalid state.");
}

/// CreateSecret is idempotent by its token: the same token with the same value is the same request again.
wire::Outcome<CreateSecretResponse> SecretsManager::existing_secret(const Snapshot& at, const Secret& secret,
                                                                    const CreateSecretRequest& in,
                                                                    const std::optional<Value>& value) const {
    if (secret.record.deletion) {
        return errors::invalid_request_exception(
            "You can't create this secret because a secret with this name is already scheduled for "
            "deletion.");
    }
    const std::string token = in.client_request_token.value_or("");
    const bool is_retry = value && !secret.is_replica() && secret.record.versions.contains(token);
    if (is_retry && TRY(read_value(at, secret, token)) == *value) {
        return CreateSecretResponse{.arn = secret.arn(),
                                    .name = secret.record.name,
                                    .version_id = token,
                                    .replication_status = replication_of(secret.record)};
    }
    return errors::resource_exists_exception("The operation failed because the secret " + in.name +
                                             " already exists.");
}

wire::Outcome<CreateSecretResponse> SecretsManager::create_secret(const Context& ctx,
                                                                  const CreateSecretRequest& in) {
    TRY(check_name(in.name));
    TRY(check_kms_key(in.kms_key_id));
    const std::optional<Value> value = TRY(value_in(in.secret_string, in.secret_binary));
    return store_.write([&](Transaction& tx) -> wire::Outcome<CreateSecretResponse> {
        TRY(erase_due(tx));
        const auto existing = TRY(find_named(tx, ctx, in.name));
        if (existing) return existing_secret(tx, *existing, in, value);
        Secret secret{.account = ctx.caller.account, .region = ctx.region, .home = ctx.region};
        secret.record.name = in.name;
        secret.record.suffix = random_.characters(suffix_alphabet, 6);
        secret.record.description = in.description;
        secret.record.created = secret.record.changed = clock_.now();
        TRY(merge_tags(secret.record, in.tags));
        CreateSecretResponse out{.arn = secret.arn(), .name = in.name};
        if (value) {
            out.version_id = in.client_request_token.value_or(random_.uuid4());
            TRY(put_version(tx, secret, *out.version_id, *value));
            attach_stage(secret.record, current, *out.version_id);
        }
        TRY(add_replicas(tx, secret, in.add_replica_regions,
                         in.force_overwrite_replica_secret.value_or(false)));
        TRY(save(tx, secret));
        out.replication_status = replication_of(secret.record);
        return out;
    });
}

wire::Outcome<DescribeSecretResponse> SecretsManager::describe_secret(const Context& ctx,
                                                                      const DescribeSecretRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<DescribeSecretResponse> {
        const Secret secret = TRY(find(at, ctx, in.secret_id));
        const SecretRecord& record = secret.record;
        DescribeSecretResponse out{.arn = secret.arn(),
                                   .name = record.name,
                                   .description = record.description,
                                   .last_changed_date = record.changed,
                                   .last_accessed_date = record.accessed,
                                   .deleted_date = record.deletion,
                                   .tags = tags_of(record),
                                   .version_ids_to_stages = staged_versions(record),
                                   .created_date = record.created};
        if (!record.replicas.empty()) out.primary_region = secret.home;
        out.replication_status = replication_of(record);
        return out;
    });
}

wire::Outcome<UpdateSecretResponse> SecretsManager::update_secret(const Context& ctx,
                                                                  const UpdateSecretRequest& in) {
    TRY(check_kms_key(in.kms_key_id));
    const std::optional<Value> value = TRY(value_in(in.secret_string, in.secret_binary));
    return store_.write([&](Transaction& tx) -> wire::Outcome<UpdateSecretResponse> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        UpdateSecretResponse out{.arn = secret.arn(), .name = secret.record.name};
        if (in.description) secret.record.description = in.description;
        if (value) {
            out.version_id = in.client_request_token.value_or(random_.uuid4());
            TRY(put_version(tx, secret, *out.version_id, *value));
            attach_stage(secret.record, current, *out.version_id);
        }
        secret.record.changed = clock_.now();
        TRY(save(tx, secret));
        return out;
    });
}

namespace {

/// When the secret goes for good; now, when it is forced.
wire::Outcome<base::Instant> deletion_date(const DeleteSecretRequest& in, base::Instant now) {
    const bool force = in.force_delete_without_recovery.value_or(false);
    if (force && in.recovery_window_in_days) {
        return errors::invalid_parameter_exception(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    }
    if (force) return now;
    const std::int64_t days = in.recovery_window_in_days.value_or(recovery_days_default);
    if (days < 7 || days > 30) {
        return errors::invalid_parameter_exception(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    }
    return now + std::chrono::days{days};
}

}  // namespace

wire::Outcome<DeleteSecretResponse> SecretsManager::delete_secret(const Context& ctx,
                                                                  const DeleteSecretRequest& in) {
    const base::Instant date = TRY(deletion_date(in, clock_.now()));
    const bool force = in.force_delete_without_recovery.value_or(false);
    return store_.write([&](Transaction& tx) -> wire::Outcome<DeleteSecretResponse> {
        TRY(erase_due(tx));
        auto found = find(tx, ctx, in.secret_id);
        // Deleting by force what is not there succeeds, so that clean-up scripts can be run twice.
        const bool missing = !found.ok() && found.error().code == "ResourceNotFoundException";
        if (force && missing) return DeleteSecretResponse{.name = in.secret_id, .deletion_date = date};
        Secret secret = TRY(std::move(found));
        if (secret.is_replica()) {
            return errors::invalid_request_exception(
                "You can't delete a replica secret. Use RemoveRegionsFromReplication on its primary in " +
                secret.home + ".");
        }
        if (!secret.record.replicas.empty()) {
            return errors::invalid_request_exception("You can't delete secret " + secret.record.name +
                                                     " that still has replica regions.");
        }
        if (secret.record.deletion && !force) {
            return errors::invalid_request_exception(
                "You tried to perform the operation on a secret that's currently marked deleted.");
        }
        DeleteSecretResponse out{.arn = secret.arn(), .name = secret.record.name, .deletion_date = date};
        if (force) {
            TRY(erase(tx, secret));
            return out;
        }
        secret.record.deletion = date;
        const auto due = static_cast<std::uint64_t>(date.time_since_epoch().count());
        const DeletionRecord deletion{
            .account = secret.account, .region = secret.home, .name = secret.record.name};
        TRY(deletions.put(tx, key_of(due, deletion.account, deletion.region, deletion.name), deletion));
        TRY(save(tx, secret));
        return out;
    });
}

wire::Outcome<RestoreSecretResponse> SecretsManager::restore_secret(const Context& ctx,
                                                                    const RestoreSecretRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<RestoreSecretResponse> {
        Secret secret = TRY(find(tx, ctx, in.secret_id));
        secret.record.deletion.reset();  // its entry among the deletions then finds nothing to delete
        TRY(save(tx, secret));
        return RestoreSecretResponse{.arn = secret.arn(), .name = secret.record.name};
    });
}

}  // namespace stratus::secretsmanager
