// A report as rows and columns, and its three renderings. Plain values, pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cubed::report {

/// One cell. A number keeps its text ("12.3400"), so that what is exact stays exact in every format.
struct Cell {
    enum class Kind { text, number, nothing };
    Kind kind = Kind::nothing;
    std::string text;

    static Cell of_text(std::string_view text) { return {Kind::text, std::string(text)}; }
    static Cell of_number(std::string_view digits) { return {Kind::number, std::string(digits)}; }
    static Cell of_number(std::int64_t number) { return {Kind::number, std::to_string(number)}; }
    /// With this many digits after the point; not a number or infinite: nothing.
    static Cell of_number(double number, int digits);
    static Cell none() { return {}; }
};

struct Table {
    std::string name;  ///< the section: JSON's member, the table's heading
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows;  ///< each as long as columns
};

enum class Format { table, json, csv };

base::Result<Format> format_of(std::string_view name);

/// table: aligned columns under a heading, for people. json: {"<name>": [{"<column>": value, ...}, ...],
/// ...}. csv: RFC 4180 with a header line, tables parted by an empty line; text that a spreadsheet would run
/// as a formula is led by an apostrophe.
std::string render(const std::vector<Table>& tables, Format format);

}  // namespace cubed::report
