// Secrets Manager: every operation of its API but for what would need Lambda to rotate.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/secretsmanager/api.h"
#include "base/clock.h"
#include "base/random.h"
#include "stratus/runtime/master_key.h"
#include "stratus/services/secretsmanager/sealer.h"
#include "stratus/services/secretsmanager/secret.h"
#include "stratus/store/store.h"
#include "wire/context.h"

namespace stratus::secretsmanager {

/// All state is in the store; values are in it only sealed. Thread-safe. Borrows its dependencies.
class SecretsManager final : public aws::secretsmanager::Api {
  public:
    SecretsManager(Store& store, const MasterKey& master, const base::Clock& clock, base::Random& random)
        : store_(store), sealer_(master, random), clock_(clock), random_(random) {}

#include "aws/secretsmanager/overrides.inc"

    /// Erases, for good, what has passed its recovery window. Also done along with other writes; call it now
    /// and then so that it happens on a quiet server too.
    base::Result<base::Unit> erase_due_secrets();

  private:
    template <class T>
    using Outcome = wire::Outcome<T>;

    /// Finds by name, ARN, or ARN without its random suffix. ResourceNotFoundException also for what is past
    /// its recovery window.
    Outcome<Secret> find(const Snapshot& at, const wire::Context& ctx, std::string_view id) const;
    /// As find(); InvalidRequestException when marked for deletion.
    Outcome<Secret> find_active(const Snapshot& at, const wire::Context& ctx, std::string_view id) const;
    /// As find_active(); InvalidRequestException for a replica.
    Outcome<Secret> find_writable(const Snapshot& at, const wire::Context& ctx, std::string_view id) const;
    Outcome<std::optional<Secret>> find_named(const Snapshot& at, const wire::Context& ctx,
                                              const std::string& name) const;
    Outcome<std::vector<Secret>> all_secrets(const Snapshot& at, const wire::Context& ctx) const;

    Outcome<base::Unit> save(Transaction& tx, const Secret& secret) const;
    Outcome<base::Unit> erase(Transaction& tx, const Secret& secret) const;
    base::Result<base::Unit> erase_due(Transaction& tx) const;
    base::Result<base::Unit> erase_if_due(Transaction& tx, const DeletionRecord& entry) const;

    /// Creates a version, or finds that it is there already with the same value. Labels are the caller's.
    Outcome<base::Unit> put_version(Transaction& tx, Secret& secret, const std::string& version,
                                    const Value& value) const;
    Outcome<base::Unit> make_room_for_version(Transaction& tx, Secret& secret) const;
    Outcome<Value> read_value(const Snapshot& at, const Secret& secret, const std::string& version) const;
    Outcome<std::string> pick_version(const Secret& secret, const std::optional<std::string>& version,
                                      const std::optional<std::string>& stage) const;
    Outcome<aws::secretsmanager::CreateSecretResponse> existing_secret(
        const Snapshot& at, const Secret& secret, const aws::secretsmanager::CreateSecretRequest& in,
        const std::optional<Value>& value) const;
    void note_access(const Secret& secret, const std::string& version);
    Outcome<base::Unit> add_replicas(Transaction& tx, Secret& secret,
                                     const std::vector<aws::secretsmanager::ReplicaRegionType>& regions,
                                     bool overwrite) const;
    Outcome<base::Unit> reseal(Transaction& tx, const Secret& from, const Secret& to) const;
    base::Instant today() const;

    Store& store_;
    const Sealer sealer_;
    const base::Clock& clock_;
    base::Random& random_;
};

/// The value that a request gives, if it gives one. InvalidParameterException for two, ValidationException
/// for too long.
wire::Outcome<std::optional<Value>> value_in(const std::optional<std::string>& text,
                                             const std::optional<std::string>& binary);
/// There is no KMS: only the service's own key may be asked for. EncryptionFailure otherwise.
wire::Outcome<base::Unit> check_kms_key(const std::optional<std::string>& key);

}  // namespace stratus::secretsmanager
