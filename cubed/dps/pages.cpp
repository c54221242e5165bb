// Pages, labels of visits, impressions, subscriptions and complaints: rows that nothing else waits for.
#include <map>

#include "cubed/dps/batch.h"
#include "cubed/dps/labels.h"

namespace cubed::dps {

using base::Result;
using base::Unit;
using database::CopyRows;

Result<Unit> write_pages(Batch& batch) {
    CopyRows pages, labels;
    for (const BatchHit& hit : batch.hits) {
        if (!in_visit(hit)) continue;
        if (hit.hit->kind == HitKind::page) {
            pages.row(7).uuid(hit.id).int64(hit.visit).int64(hit.visitor);
            pages.instant(hit.hit->occurred).instant(hit.hit->collector_time);
            pages.text(column_text(hit.hit->url, 2000)).maybe_text(column_text(hit.hit->title, 500));
        }
        for (const Label& label : hit.hit->labels) put_label(labels, hit, std::nullopt, label);
    }
    if (!pages.empty()) {
        TRY(batch.connection.copy_in(
            "COPY attrib_page (hit_id, visit_id, visitor_id, time, received, url, title) "
            "FROM STDIN (FORMAT binary)",
            pages));
    }
    return copy_labels(batch, labels);
}

Result<Unit> write_impressions(Batch& batch) {
    CopyRows rows;
    for (const BatchHit& hit : batch.hits) {
        if (hit.hit->kind != HitKind::impression) continue;
        const Impression campaign = hit.hit->impression.value_or(Impression{});
        const auto agent = batch.user_agents.parse(hit.hit->user_agent);
        rows.row(10).uuid(hit.id).instant(hit.hit->occurred);
        rows.maybe_text(column_text(hit.hit->visitor, 200));
        for (const std::string* text :
             {&campaign.source, &campaign.medium, &campaign.campaign, &campaign.content}) {
            rows.maybe_text(column_text(*text, 200));
        }
        rows.maybe_text(column_text(hit.hit->referrer, 2000));
        rows.maybe_text(batch.geography.find(hit.hit->ip).country).boolean(agent->bot);
    }
    if (rows.empty()) return Unit{};
    TRY(batch.connection.copy_in(
        "COPY attrib_impression (hit_id, time, sync_token, source, medium, campaign, content, "
        "referrer, country, bot) FROM STDIN (FORMAT binary)",
        rows));
    return Unit{};
}

Result<Unit> write_subscriptions(Batch& batch) {
    for (const BatchHit& hit : batch.hits) {
        if (hit.hit->kind != HitKind::subscription || !hit.hit->subscription) continue;
        const Subscription& sale = *hit.hit->subscription;
        const auto optional = [](const std::string& text) -> database::Value {
            return text.empty() ? database::Value(nullptr) : database::Value(column_text(text, 200));
        };
        const auto rows = TRY(batch.connection.query_prepared(
            "INSERT INTO attrib_subscription (hit_id, time, transaction_id, subscription_id, customer_id, "
            "revenue) "
            "VALUES ($1::uuid, $2, $3, $4, $5, $6) ON CONFLICT (transaction_id) DO NOTHING",
            {hit.hit->id, hit.hit->occurred, column_text(sale.transaction_id, 200),
             optional(sale.subscription_id), optional(sale.customer_id), sale.revenue}));
        if (rows.affected() == 0) {
            batch.complaints.push_back({hit.id, hit.hit->occurred, "dps", "tid",
                                        "This transaction was confirmed before", sale.transaction_id});
        }
    }
    return Unit{};
}

Result<Unit> write_complaints(Batch& batch) {
    CopyRows rows;
    const auto put = [&](const database::Uuid& hit, Instant time, std::string_view stage,
                         std::string_view field, std::string_view reason, std::string_view value) {
        rows.row(6)
            .uuid(hit)
            .instant(time)
            .text(stage)
            .text(column_text(field, 200))
            .text(column_text(reason, 500));
        rows.maybe_text(column_text(value, 500));
    };
    for (const BatchHit& hit : batch.hits) {
        for (const Reason& reason : hit.hit->reasons) {
            put(hit.id, hit.hit->occurred, "dcs", reason.field, reason.message, "");
        }
    }
    for (const Complaint& complaint : batch.complaints) {
        put(complaint.hit, complaint.time, complaint.stage, complaint.field, complaint.reason,
            complaint.value);
    }
    if (rows.empty()) return Unit{};
    TRY(batch.connection.copy_in(
        "COPY attrib_validation (hit_id, time, stage, field, reason, value) FROM STDIN (FORMAT binary)",
        rows));
    return Unit{};
}

}  // namespace cubed::dps
