// The exactly-once ledger: which of the batch's hits are new.
#include <algorithm>
#include <unordered_set>

#include "cubed/dps/batch.h"

namespace cubed::dps {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using database::CopyRows;
using database::Uuid;

/// 32 lower-case hex digits as 16 bytes.
static Result<Uuid> parse_id(const std::string& text) {
    Uuid id{};
    bool legal = text.size() == 32;
    for (std::size_t i = 0; i < 32 && legal; ++i) {
        const char c = text[i];
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        legal = digit >= 0;
        id[i / 2] = std::uint8_t(id[i / 2] << 4 | (digit & 15));
    }
    if (!legal) return Failure{FailureKind::invalid, "a hit's id is not 32 hex digits"};
    return id;
}

static std::string uuid_text(const Uuid& id) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : id) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

/// Some hits are there already, or another worker is writing them this moment: ask row by row.
static Result<Unit> insert_new_ones(Batch& batch) {
    std::vector<std::string> ids;
    for (const BatchHit& hit : batch.hits) ids.push_back(hit.hit->id);
    const auto rows =
        TRY(batch.connection.query("INSERT INTO attrib_hit SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING "
                                   "RETURNING replace(id::text, '-', '')",
                                   ids));
    std::unordered_set<std::string_view> fresh;
    for (std::size_t row = 0; row < rows.size(); ++row) fresh.insert(rows.text(row, 0));
    const auto before = batch.hits.size();
    std::erase_if(batch.hits, [&](const BatchHit& hit) { return !fresh.contains(uuid_text(hit.id)); });
    batch.counts.duplicates += std::int64_t(before - batch.hits.size());
    return Unit{};
}

Result<Unit> drop_taken_hits(Batch& batch) {
    for (BatchHit& hit : batch.hits) hit.id = TRY(parse_id(hit.hit->id));
    // In one order for every worker, so that two with the same hits wait for each other and never in a
    // circle.
    std::ranges::stable_sort(batch.hits, {}, &BatchHit::id);
    const auto before = batch.hits.size();
    const auto repeats = std::ranges::unique(batch.hits, {}, &BatchHit::id);
    batch.hits.erase(repeats.begin(), repeats.end());
    batch.counts.duplicates += std::int64_t(before - batch.hits.size());

    CopyRows rows;
    for (const BatchHit& hit : batch.hits) rows.row(1).uuid(hit.id);
    auto copied = try_copy(batch.connection, "COPY attrib_hit (id) FROM STDIN (FORMAT binary)", rows);
    if (!copied.ok() && copied.error().kind != FailureKind::conflict) return copied;
    if (!copied.ok()) TRY(insert_new_ones(batch));

    // What came too late stays in the ledger, so that it is complained about once.
    const auto latest = std::chrono::days(batch.configuration.account.late_days);
    batch.counts.late = std::int64_t(std::erase_if(batch.hits, [&](const BatchHit& hit) {
        if (hit.hit->simulated || hit.hit->occurred >= hit.hit->collector_time - latest) return false;
        batch.complaints.push_back(
            {hit.id, hit.hit->occurred, "dps", "occurred", "Older than the account accepts", ""});
        return true;
    }));
    batch.counts.hits = std::int64_t(batch.hits.size());
    return Unit{};
}

}  // namespace cubed::dps
