#include "stratus/services/s3/conditions.h"

#include <chrono>

namespace stratus::s3 {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool later(base::Instant a, base::Instant b) {
    return std::chrono::floor<std::chrono::seconds>(a) > std::chrono::floor<std::chrono::seconds>(b);
}

}  // namespace

std::string_view without_quotes(std::string_view etag) {
    etag = trimmed(etag);
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
    return etag;
}

bool etag_matches(std::string_view header, std::string_view etag) {
    if (trimmed(header) == "*") return true;
    while (!header.empty()) {
        const std::size_t comma = header.find(',');
        if (without_quotes(header.substr(0, comma)) == etag) return true;
        if (comma == std::string_view::npos) break;
        header.remove_prefix(comma + 1);
    }
    return false;
}

Verdict evaluate_read(const Conditions& conditions, const Validators& object) {
    if (conditions.if_match) {
        if (!etag_matches(*conditions.if_match, object.etag)) return Verdict::failed;
    } else if (conditions.if_unmodified_since && later(object.modified, *conditions.if_unmodified_since)) {
        return Verdict::failed;
    }
    if (conditions.if_none_match) {
        if (etag_matches(*conditions.if_none_match, object.etag)) return Verdict::not_modified;
    } else if (conditions.if_modified_since && !later(object.modified, *conditions.if_modified_since)) {
        return Verdict::not_modified;
    }
    return Verdict::proceed;
}

Verdict evaluate_copy_source(const Conditions& conditions, const Validators& source) {
    return evaluate_read(conditions, source) == Verdict::proceed ? Verdict::proceed : Verdict::failed;
}

}  // namespace stratus::s3
