#include "stratus/services/s3/description.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/utf8.h"

namespace stratus::s3 {

namespace {

constexpr std::size_t metadata_bytes_max = 2048;

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

wire::Outcome<base::Unit> check_header_text(std::string_view name, std::string_view value) {
    if (std::none_of(value.begin(), value.end(), is_control)) return base::Unit{};
    return errors::invalid_argument(name, "", "Header value cannot contain control characters.");
}

wire::Outcome<std::map<std::string, std::string>> check_metadata(
    const std::map<std::string, std::string>& given) {
    std::map<std::string, std::string> metadata;
    std::size_t bytes = 0;
    for (const auto& [name, value] : given) {
        if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) {
            return errors::invalid_argument("x-amz-meta-", base::utf8_repaired(name),
                                            "Invalid metadata name.");
        }
        TRY(check_header_text("x-amz-meta-" + name, value));
        std::string lower = name;
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        bytes += lower.size() + value.size();
        metadata[lower] = value;
    }
    if (bytes > metadata_bytes_max) return errors::metadata_too_large(bytes);
    return metadata;
}

wire::Outcome<std::string> check_storage_class(const std::optional<std::string>& given) {
    static constexpr std::array<std::string_view, 6> online{
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"};
    static constexpr std::array<std::string_view, 4> archives{"GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW"};
    if (!given || given->empty()) return std::string("STANDARD");
    if (contains(online, *given)) return *given;
    if (contains(archives, *given)) {
        return errors::not_implemented("x-amz-storage-class", "Archive storage classes are not implemented.");
    }
    return errors::invalid_storage_class();
}

wire::Outcome<base::Unit> check_object_acl(const std::optional<std::string>& acl, bool grants) {
    if (grants) return errors::access_control_list_not_supported();
    if (!acl || *acl == "private" || *acl == "bucket-owner-full-control") return base::Unit{};
    static constexpr std::array<std::string_view, 5> known{
        "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read"};
    if (contains(known, *acl)) return errors::access_control_list_not_supported();
    return errors::invalid_argument("x-amz-acl", base::utf8_repaired(*acl), "");
}

wire::Outcome<base::Unit> check_no_encryption(const std::optional<std::string>& server_side,
                                              const std::optional<std::string>& customer_algorithm,
                                              const std::optional<std::string>& customer_key,
                                              const std::optional<std::string>& kms_key) {
    if (server_side && *server_side != "AES256" && !server_side->starts_with("aws:kms")) {
        return errors::invalid_encryption_algorithm(base::utf8_repaired(*server_side));
    }
    if (server_side || kms_key) {
        return errors::not_implemented(
            "x-amz-server-side-encryption",
            "Objects are stored as they come: server-side encryption is not implemented.");
    }
    if (customer_algorithm || customer_key) {
        return errors::not_implemented("x-amz-server-side-encryption-customer-algorithm",
                                       "Server-side encryption with customer keys is not implemented.");
    }
    return base::Unit{};
}

std::optional<std::string> without_aws_chunked(const std::optional<std::string>& content_encoding) {
    if (!content_encoding) return std::nullopt;
    std::string kept;
    std::string_view rest = *content_encoding;
    while (!rest.empty()) {
        std::string_view coding = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(coding.size() + 1, rest.size()));
        while (coding.starts_with(' ')) coding.remove_prefix(1);
        while (coding.ends_with(' ')) coding.remove_suffix(1);
        if (coding.empty() || coding == "aws-chunked") continue;
        if (!kept.empty()) kept += ',';
        kept += coding;
    }
    if (kept.empty()) return std::nullopt;
    return kept;
}

}  // namespace stratus::s3
