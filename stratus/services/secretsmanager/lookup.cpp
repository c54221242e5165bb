// Finding, saving and erasing secrets.
#include <algorithm>

#include "aws/secretsmanager/errors.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;

namespace {

constexpr std::size_t suffix_size = 6;
constexpr std::size_t page = 500;

wire::Error not_found() {
    return errors::resource_not_found_exception("Secrets Manager can't find the specified secret.");
}

/// What follows "secret:" in an ARN of this account and region; nothing for any other.
std::optional<std::string> resource_of(const wire::Context& ctx, std::string_view arn) {
    const std::string here = ":secretsmanager:" + ctx.region + ":" + ctx.caller.account + ":secret:";
    const std::size_t at = arn.find(here);
    if (at == std::string_view::npos || arn.substr(4, at - 4).find(':') != std::string_view::npos)
        return std::nullopt;
    return std::string(arn.substr(at + here.size()));
}

}  // namespace

wire::Outcome<std::optional<Secret>> SecretsManager::find_named(const Snapshot& at, const wire::Context& ctx,
                                                                const std::string& name) const {
    const std::string& account = ctx.caller.account;
    auto record = TRY(secrets.get(at, key_of(account, ctx.region, name)));
    if (!record) return std::optional<Secret>{};
    Secret secret{.account = account, .region = ctx.region, .home = ctx.region, .record = std::move(*record)};
    if (secret.record.primary_region) {
        secret.home = *secret.record.primary_region;
        auto primary = TRY(secrets.get(at, secret.key()));
        if (!primary) return std::optional<Secret>{};
        secret.record = std::move(*primary);
    }
    if (secret.record.deletion && *secret.record.deletion <= clock_.now()) return std::optional<Secret>{};
    return std::optional<Secret>(std::move(secret));
}

wire::Outcome<Secret> SecretsManager::find(const Snapshot& at, const wire::Context& ctx,
                                           std::string_view id) const {
    if (!id.starts_with("arn:")) {
        auto named = TRY(find_named(at, ctx, std::string(id)));
        if (!named) return not_found();
        return std::move(*named);
    }
    const auto resource = resource_of(ctx, id);
    if (!resource) return not_found();
    if (resource->size() > suffix_size + 1 && (*resource)[resource->size() - suffix_size - 1] == '-') {
        const std::size_t name_size = resource->size() - suffix_size - 1;
        auto named = TRY(find_named(at, ctx, resource->substr(0, name_size)));
        if (named && named->record.suffix == resource->substr(name_size + 1)) return std::move(*named);
    }
    auto named = TRY(find_named(at, ctx, *resource));
    if (!named) return not_found();
    return std::move(*named);
}

wire::Outcome<Secret> SecretsManager::find_active(const Snapshot& at, const wire::Context& ctx,
                                                  std::string_view id) const {
    Secret secret = TRY(find(at, ctx, id));
    if (secret.record.deletion) {
        return errors::invalid_request_exception(
            "You can't perform this operation on the secret because it was marked for deletion.");
    }
    return secret;
}

wire::Outcome<Secret> SecretsManager::find_writable(const Snapshot& at, const wire::Context& ctx,
                                                    std::string_view id) const {
    Secret secret = TRY(find_active(at, ctx, id));
    if (secret.is_replica()) {
        return errors::invalid_request_exception(
            "You can't perform this operation on a replica secret. Make the change to its primary in " +
            secret.home + ".");
    }
    return secret;
}

wire::Outcome<std::vector<Secret>> SecretsManager::all_secrets(const Snapshot& at,
                                                               const wire::Context& ctx) const {
    std::vector<Secret> out;
    Range range = Range::prefix(key_of(ctx.caller.account, ctx.region));
    for (;;) {
        const auto rows = TRY(secrets.scan(at, range, page));
        for (const auto& row : rows) {
            auto secret = TRY(find_named(at, ctx, row.record.name));
            if (secret) out.push_back(std::move(*secret));
        }
        if (rows.size() < page) return out;
        range.after = rows.back().key;
    }
}

wire::Outcome<base::Unit> SecretsManager::save(Transaction& tx, const Secret& secret) const {
    TRY(secrets.put(tx, secret.key(), secret.record));
    return base::Unit{};
}

wire::Outcome<base::Unit> SecretsManager::erase(Transaction& tx, const Secret& secret) const {
    for (const auto& [version, record] : secret.record.versions) {
        TRY(values.erase(tx, secret.value_key(version)));
    }
    TRY(secrets.erase(tx, secret.key()));
    return base::Unit{};
}

base::Result<base::Unit> SecretsManager::erase_due(Transaction& tx) const {
    const auto now =
        static_cast<std::uint64_t>(std::max<std::int64_t>(clock_.now().time_since_epoch().count(), 0));
    const Range due{.from = "", .to = key_of(now + 1)};
    for (;;) {
        const auto rows = TRY(deletions.scan(tx, due, page));
        for (const auto& row : rows) {
            TRY(erase_if_due(tx, row.record));
            TRY(deletions.erase(tx, row.key));
        }
        if (rows.size() < page) return base::Unit{};
    }
}

/// The entry may be stale: the secret may have been restored, and made or marked again since.
base::Result<base::Unit> SecretsManager::erase_if_due(Transaction& tx, const DeletionRecord& entry) const {
    const std::string key = key_of(entry.account, entry.region, entry.name);
    const auto record = TRY(secrets.get(tx, key));
    if (!record || !record->deletion || *record->deletion > clock_.now()) return base::Unit{};
    const Secret secret{
        .account = entry.account, .region = entry.region, .home = entry.region, .record = *record};
    for (const auto& [version, ignored] : record->versions) TRY(values.erase(tx, secret.value_key(version)));
    return secrets.erase(tx, key);
}

base::Result<base::Unit> SecretsManager::erase_due_secrets() {
    return store_.write([&](Transaction& tx) { return erase_due(tx); });
}

base::Instant SecretsManager::today() const {
    return std::chrono::floor<std::chrono::days>(clock_.now());
}

}  // namespace stratus::secretsmanager
