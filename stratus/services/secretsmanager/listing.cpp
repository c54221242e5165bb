// ListSecrets and the tags.
#include <algorithm>

#include "aws/secretsmanager/errors.h"
#include "stratus/services/secretsmanager/filters.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
using namespace aws::secretsmanager;
using wire::Context;

namespace {

SecretListEntry entry_of(const Secret& secret) {
    const SecretRecord& record = secret.record;
    SecretListEntry entry{.arn = secret.arn(),
                          .name = record.name,
                          .description = record.description,
                          .last_changed_date = record.changed,
                          .last_accessed_date = record.accessed,
                          .deleted_date = record.deletion,
                          .tags = tags_of(record),
                          .secret_versions_to_stages = staged_versions(record),
                          .created_date = record.created};
    if (!record.replicas.empty()) entry.primary_region = secret.home;
    return entry;
}

}  // namespace

wire::Outcome<ListSecretsResponse> SecretsManager::list_secrets(const Context& ctx,
                                                                const ListSecretsRequest& in) {
    constexpr std::size_t count_default = 100;
    TRY(check_filters(in.filters));
    auto all = TRY(store_.read([&](const Snapshot& at) { return all_secrets(at, ctx); }));
    const Order order{.ascending = in.sort_order == sort_order_type::asc,
                      .include_planned_deletion = in.include_planned_deletion.value_or(false)};
    const std::size_t count = in.max_results ? static_cast<std::size_t>(*in.max_results) : count_default;
    auto selected = TRY(select(std::move(all), in.filters, order, in.next_token, count));
    ListSecretsResponse out{.next_token = std::move(selected.next_token)};
    for (const Secret& secret : selected.secrets) out.secret_list.push_back(entry_of(secret));
    return out;
}

wire::Outcome<base::Unit> SecretsManager::tag_resource(const Context& ctx, const TagResourceRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        TRY(merge_tags(secret.record, in.tags));
        secret.record.changed = clock_.now();
        return save(tx, secret);
    });
}

wire::Outcome<base::Unit> SecretsManager::untag_resource(const Context& ctx, const UntagResourceRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        std::erase_if(secret.record.tags, [&](const TagRecord& tag) {
            return std::find(in.tag_keys.begin(), in.tag_keys.end(), tag.key) != in.tag_keys.end();
        });
        secret.record.changed = clock_.now();
        return save(tx, secret);
    });
}

}  // namespace stratus::secretsmanager
