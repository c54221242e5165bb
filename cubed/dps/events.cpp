// Fired events, their basket lines and labels. A sale counts once: it is known by its transaction id.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "cubed/dps/batch.h"
#include "cubed/dps/labels.h"

namespace cubed::dps {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using database::CopyRows;

// Names that hits bring and nobody set up are kept, to be switched on later; a flood of made-up names is not.
static constexpr int unknown_events_max = 1000;

namespace {

struct Item {
    const BatchHit* hit;
    const Event* event;
    int event_id;
    std::string transaction;
    std::int64_t id = 0;
};
using Sale = std::pair<int, std::string>;

}  // namespace

/// Event names of the batch with their ids; unknown ones are stored, switched off.
static Result<std::map<std::string, int>> event_ids(Batch& batch) {
    std::map<std::string, int> ids;
    std::set<std::string> unknown;
    for (const BatchHit& hit : batch.hits) {
        if (!in_visit(hit)) continue;
        for (const Event& event : hit.hit->events) {
            const auto known = batch.configuration.events.find(event.name);
            if (known != batch.configuration.events.end()) {
                ids[event.name] = known->second;
                continue;
            }
            if (std::string name = column_text(event.name, 200); !name.empty())
                unknown.insert(std::move(name));
            batch.complaints.push_back(
                {hit.id, hit.hit->occurred, "dps", "events", "This event is not set up", event.name});
        }
    }
    for (const std::string& name : unknown) {
        if (batch.configuration.unknown_events + int(ids.size()) > unknown_events_max) break;
        const auto rows = TRY(batch.connection.query(
            "INSERT INTO attrib_event (name, display_name, configured, active) VALUES ($1, $1, false, false) "
            "ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id",
            name));
        ids[name] = int(rows.integer(0, 0));
    }
    return ids;
}

static void complain_about_repeat(Batch& batch, const Item& item) {
    batch.complaints.push_back({item.hit->id, item.hit->hit->occurred, "dps", "events.transaction_id",
                                "This sale was counted before", item.transaction});
}

/// The batch's items in order of time, each sale once.
static Result<std::vector<Item>> collect_items(Batch& batch) {
    const auto ids = TRY(event_ids(batch));
    std::vector<Item> items;
    for (const BatchHit& hit : batch.hits) {
        if (!in_visit(hit)) continue;
        for (const Event& event : hit.hit->events) {
            const auto found = ids.find(column_text(event.name, 200));
            if (found == ids.end()) continue;
            items.push_back({&hit, &event, found->second, column_text(event.transaction_id, 200)});
        }
    }
    std::ranges::stable_sort(items, {}, [](const Item& item) { return item.hit->hit->occurred; });
    std::set<Sale> sales;
    std::erase_if(items, [&](const Item& item) {
        if (item.transaction.empty() || sales.emplace(item.event_id, item.transaction).second) return false;
        complain_about_repeat(batch, item);
        return true;
    });
    return items;
}

/// Takes out the sales that are stored already.
static Result<Unit> drop_stored_sales(Batch& batch, std::vector<Item>& items) {
    std::vector<std::int32_t> events;
    std::vector<std::string> transactions;
    for (const Item& item : items) {
        if (item.transaction.empty()) continue;
        events.push_back(item.event_id);
        transactions.push_back(item.transaction);
    }
    const auto rows = TRY(batch.connection.query(
        "SELECT i.event_id, i.transaction_id FROM attrib_event_item i JOIN unnest($1::integer[], $2::text[]) "
        "AS w(event_id, transaction_id) ON i.event_id = w.event_id AND i.transaction_id = w.transaction_id",
        events, transactions));
    std::set<Sale> stored;
    for (std::size_t row = 0; row < rows.size(); ++row)
        stored.emplace(rows.integer(row, 0), rows.string(row, 1));
    std::erase_if(items, [&](const Item& item) {
        if (item.transaction.empty() || !stored.contains({item.event_id, item.transaction})) return false;
        complain_about_repeat(batch, item);
        return true;
    });
    return Unit{};
}

static void put_item(CopyRows& rows, const Item& item) {
    const Event& event = *item.event;
    rows.row(13).int64(item.id).uuid(item.hit->id).int32(item.event_id).int64(item.hit->visit);
    rows.int64(item.hit->visitor).instant(item.hit->hit->occurred).maybe_int64(event.revenue);
    rows.maybe_int64(event.discount ? std::optional(event.discount->amount) : std::nullopt);
    rows.maybe_text(event.discount ? column_text(event.discount->code, 200) : "");
    rows.maybe_int64(event.shipping ? std::optional(event.shipping->amount) : std::nullopt);
    rows.maybe_text(event.shipping ? column_text(event.shipping->method, 200) : "");
    rows.text(event.currency.empty() ? "GBP" : column_text(event.currency, 3)).maybe_text(item.transaction);
}

static Result<Unit> copy_items(Batch& batch, std::vector<Item>& items) {
    for (int attempt = 0; attempt < 3; ++attempt) {
        CopyRows rows;
        for (const Item& item : items) put_item(rows, item);
        auto copied =
            try_copy(batch.connection,
                     "COPY attrib_event_item (id, hit_id, event_id, visit_id, visitor_id, time, revenue, "
                     "discount, discount_code, shipping, shipping_method, currency, transaction_id) "
                     "FROM STDIN (FORMAT binary)",
                     rows);
        if (copied.ok() || copied.error().kind != FailureKind::conflict) return copied;
        TRY(drop_stored_sales(batch, items));
    }
    return Failure{FailureKind::conflict, "events: their sales keep being taken"};
}

static Result<Unit> copy_details(Batch& batch, const std::vector<Item>& items) {
    CopyRows details, labels;
    for (const Item& item : items) {
        std::int32_t position = 0;
        for (const EventDetail& line : item.event->details) {
            const auto quantity =
                std::clamp<std::int64_t>(line.quantity, std::numeric_limits<std::int32_t>::min(),
                                         std::numeric_limits<std::int32_t>::max());
            details.row(6).int64(item.id).int32(position++).maybe_text(column_text(line.sku, 200));
            details.maybe_text(column_text(line.name, 500))
                .int32(std::int32_t(quantity))
                .int64(line.unit_price);
        }
        for (const Label& label : item.event->labels) put_label(labels, *item.hit, item.id, label);
    }
    if (!details.empty()) {
        TRY(batch.connection.copy_in(
            "COPY attrib_event_item_details (event_item_id, position, sku, name, quantity, "
            "unit_price) FROM STDIN (FORMAT binary)",
            details));
    }
    return copy_labels(batch, labels);
}

Result<Unit> write_events(Batch& batch) {
    auto items = TRY(collect_items(batch));
    if (items.empty()) return Unit{};
    const auto ids = TRY(take_ids(batch.connection, "attrib_event_item_id_seq", items.size()));
    for (std::size_t i = 0; i < items.size(); ++i) items[i].id = ids[i];
    TRY(copy_items(batch, items));
    TRY(copy_details(batch, items));
    batch.counts.events = std::int64_t(items.size());
    return Unit{};
}

}  // namespace cubed::dps
