#include "cubed/report/table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/check.h"

namespace cubed::report {

namespace {

/// Code points, close enough to columns of a terminal.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
    return out;
}

std::string shown(const Cell& cell) {
    return cell.kind == Cell::Kind::nothing ? "-" : printable(cell.text);
}

void pad(std::string& line, const std::string& text, std::size_t width, bool to_the_right) {
    const std::string space(width - std::min(width, width_of(text)), ' ');
    line += to_the_right ? space + text : text + space;
}

std::string render_table(const Table& table) {
    std::vector<std::size_t> widths;
    for (const auto& column : table.columns) widths.push_back(width_of(column));
    std::vector<char> numeric(table.columns.size(), 0);
    for (const auto& row : table.rows) {
        for (std::size_t c = 0; c < row.size(); ++c) {
            widths[c] = std::max(widths[c], width_of(shown(row[c])));
            if (row[c].kind == Cell::Kind::number) numeric[c] = 1;
        }
    }
    std::string out = table.name + "\n";
    const auto line = [&](const auto& text_of) {
        std::string text;
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            if (c > 0) text += "  ";
            pad(text, text_of(c), widths[c], numeric[c]);
        }
        while (text.ends_with(' ')) text.pop_back();
        out += text + "\n";
    };
    line([&](std::size_t c) { return table.columns[c]; });
    line([&](std::size_t c) { return std::string(widths[c], '-'); });
    for (const auto& row : table.rows) {
        line([&](std::size_t c) { return shown(row[c]); });
    }
    if (table.rows.empty()) out += "(none)\n";
    return out;
}

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string json_cell(const Cell& cell) {
    if (cell.kind == Cell::Kind::nothing) return "null";
    return cell.kind == Cell::Kind::number ? cell.text : json_text(cell.text);
}

std::string render_json(const std::vector<Table>& tables) {
    std::string out = "{";
    for (std::size_t t = 0; t < tables.size(); ++t) {
        out += fmt::format("{}\n  {}: [", t > 0 ? "," : "", json_text(tables[t].name));
        for (std::size_t r = 0; r < tables[t].rows.size(); ++r) {
            out += r > 0 ? ",\n    {" : "\n    {";
            for (std::size_t c = 0; c < tables[t].columns.size(); ++c) {
                out += fmt::format("{}{}: {}", c > 0 ? ", " : "", json_text(tables[t].columns[c]),
                                   json_cell(tables[t].rows[r][c]));
            }
            out += '}';
        }
        out += tables[t].rows.empty() ? "]" : "\n  ]";
    }
    return out + "\n}\n";
}

std::string csv_cell(const Cell& cell) {
    if (cell.kind == Cell::Kind::nothing) return "";
    std::string text = cell.text;
    const bool formula =
        !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
    if (cell.kind == Cell::Kind::text && formula) text.insert(0, 1, '\'');
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string render_csv(const Table& table) {
    std::string out;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        out += (c > 0 ? "," : "") + csv_cell(Cell::of_text(table.columns[c]));
    }
    out += "\r\n";
    for (const auto& row : table.rows) {
        for (std::size_t c = 0; c < row.size(); ++c) out += (c > 0 ? "," : "") + csv_cell(row[c]);
        out += "\r\n";
    }
    return out;
}

}  // namespace

Cell Cell::of_number(double number, int digits) {
    if (!std::isfinite(number)) return none();
    std::string text = fmt::format("{:.{}f}", number, digits);
    // No "-0.0000": it is neither pretty nor equal to what another run prints.
    if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
    return {Kind::number, std::move(text)};
}

base::Result<Format> format_of(std::string_view name) {
    if (name == "table") return Format::table;
    if (name == "json") return Format::json;
    if (name == "csv") return Format::csv;
    return base::Failure{base::FailureKind::invalid, "a format is table, json or csv"};
}

std::string render(const std::vector<Table>& tables, Format format) {
    for (const Table& table : tables) {
        for (const auto& row : table.rows)
            CHECK(row.size() == table.columns.size(), "a cell for every column");
    }
    if (format == Format::json) return render_json(tables);
    std::string out;
    for (const Table& table : tables) {
        if (!out.empty()) out += format == Format::csv ? "\r\n" : "\n";
        out += format == Format::csv ? render_csv(table) : render_table(table);
    }
    return out;
}

}  // namespace cubed::report
