// Replicas in other regions. All regions share this store, so a replica is a name in its region for its
// primary's record: always in sync, and read-only.
#include "aws/secretsmanager/errors.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
using namespace aws::secretsmanager;
using wire::Context;

wire::Outcome<base::Unit> SecretsManager::add_replicas(Transaction& tx, Secret& secret,
                                                       const std::vector<ReplicaRegionType>& regions,
                                                       bool overwrite) const {
    for (const ReplicaRegionType& replica : regions) {
        const std::string region = replica.region.value_or("");
        TRY(check_kms_key(replica.kms_key_id));
        if (region.empty()) return errors::invalid_parameter_exception("A replica must have a Region.");
        if (region == secret.home) {
            return errors::invalid_parameter_exception("Invalid replica region: " + region +
                                                       " is the region of the primary secret.");
        }
        if (secret.record.replicas.contains(region)) continue;
        const std::string key = key_of(secret.account, region, secret.record.name);
        const auto there = TRY(secrets.get(tx, key));
        if (there && (!overwrite || there->primary_region || !there->replicas.empty())) {
            return errors::invalid_request_exception(
                "Replication failed: Secret name simple conflict with a secret in region " + region + ".");
        }
        if (there) {
            TRY(erase(tx,
                      Secret{.account = secret.account, .region = region, .home = region, .record = *there}));
        }
        TRY(secrets.put(tx, key,
                        SecretRecord{.name = secret.record.name,
                                     .suffix = secret.record.suffix,
                                     .created = clock_.now(),
                                     .changed = clock_.now(),
                                     .primary_region = secret.home}));
        secret.record.replicas.insert(region);
    }
    return base::Unit{};
}

wire::Outcome<ReplicateSecretToRegionsResponse> SecretsManager::replicate_secret_to_regions(
    const Context& ctx, const ReplicateSecretToRegionsRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<ReplicateSecretToRegionsResponse> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        TRY(add_replicas(tx, secret, in.add_replica_regions,
                         in.force_overwrite_replica_secret.value_or(false)));
        TRY(save(tx, secret));
        return ReplicateSecretToRegionsResponse{.arn = secret.arn(),
                                                .replication_status = replication_of(secret.record)};
    });
}

wire::Outcome<RemoveRegionsFromReplicationResponse> SecretsManager::remove_regions_from_replication(
    const Context& ctx, const RemoveRegionsFromReplicationRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<RemoveRegionsFromReplicationResponse> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        for (const std::string& region : in.remove_replica_regions) {
            if (secret.record.replicas.erase(region) == 0) {
                return errors::invalid_parameter_exception("The secret has no replica in region " + region +
                                                           ".");
            }
            TRY(secrets.erase(tx, key_of(secret.account, region, secret.record.name)));
        }
        TRY(save(tx, secret));
        return RemoveRegionsFromReplicationResponse{.arn = secret.arn(),
                                                    .replication_status = replication_of(secret.record)};
    });
}

/// Values are sealed for the ARN they belong to: a secret of its own needs them sealed anew.
wire::Outcome<base::Unit> SecretsManager::reseal(Transaction& tx, const Secret& from,
                                                 const Secret& to) const {
    for (const auto& [version, ignored] : from.record.versions) {
        const Value value = TRY(read_value(tx, from, version));
        TRY(values.put(tx, to.value_key(version), sealer_.seal(value, to.home_arn(), version)));
    }
    return base::Unit{};
}

wire::Outcome<StopReplicationToReplicaResponse> SecretsManager::stop_replication_to_replica(
    const Context& ctx, const StopReplicationToReplicaRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<StopReplicationToReplicaResponse> {
        const Secret replica = TRY(find_active(tx, ctx, in.secret_id));
        if (!replica.is_replica()) {
            return errors::invalid_request_exception("You can only stop replication on a replica secret.");
        }
        Secret primary = replica;
        primary.region = primary.home;
        primary.record.replicas.erase(ctx.region);
        Secret own = replica;
        own.home = own.region;
        own.record.replicas.clear();
        TRY(reseal(tx, primary, own));
        TRY(save(tx, primary));
        TRY(save(tx, own));
        return StopReplicationToReplicaResponse{.arn = own.arn()};
    });
}

}  // namespace stratus::secretsmanager
