#include "cubed/dps/labels.h"

#include <fmt/format.h>

namespace cubed::dps {

using base::Result;
using base::Unit;

static std::string text_of(const Label& label) {
    switch (label.type()) {
        case LabelType::integer: return std::to_string(std::get<std::int64_t>(label.value));
        case LabelType::floating: return fmt::format("{}", std::get<double>(label.value));
        case LabelType::string: return column_text(std::get<std::string>(label.value), 2000);
        case LabelType::date_time: return database::format_instant(std::get<Instant>(label.value));
        case LabelType::boolean: return std::get<bool>(label.value) ? "true" : "false";
    }
    return "";
}

static const char* type_of(LabelType type) {
    switch (type) {
        case LabelType::integer: return "integer";
        case LabelType::floating: return "float";
        case LabelType::string: return "string";
        case LabelType::date_time: return "datetime";
        case LabelType::boolean: return "boolean";
    }
    return "";
}

void put_label(database::CopyRows& rows, const BatchHit& hit, std::optional<std::int64_t> event_item,
               const Label& label) {
    rows.row(8).uuid(hit.id).int64(hit.visit).maybe_int64(event_item).instant(hit.hit->occurred);
    rows.text(column_text(label.name, 200)).text(type_of(label.type())).text(text_of(label));
    if (const auto* integer = std::get_if<std::int64_t>(&label.value)) {
        rows.float64(double(*integer));
    } else if (const auto* real = std::get_if<double>(&label.value)) {
        rows.float64(*real);
    } else if (const auto* flag = std::get_if<bool>(&label.value)) {
        rows.float64(*flag ? 1 : 0);
    } else {
        rows.null();
    }
}

Result<Unit> copy_labels(Batch& batch, const database::CopyRows& rows) {
    if (rows.empty()) return Unit{};
    TRY(batch.connection.copy_in(
        "COPY attrib_label (hit_id, visit_id, event_item_id, time, name, type, value, number) "
        "FROM STDIN (FORMAT binary)",
        rows));
    return Unit{};
}

}  // namespace cubed::dps
