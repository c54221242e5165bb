#include "stratus/gateway/credentials.h"

#include <algorithm>
#include <sys/stat.h>

#include "base/encoding.h"
#include "base/files.h"
#include "base/log.h"

namespace stratus {
namespace {

using base::Failure;
using base::FailureKind;
using base::Result;

constexpr std::string_view key_id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Names as AWS's SDKs know them; others are left alone.
void set_member(RootCredential& credential, std::string_view name, std::string_view value) {
    if (name == "aws_access_key_id") credential.access_key_id = value;
    if (name == "aws_secret_access_key") credential.secret_access_key = value;
    if (name == "aws_account_id") credential.account = value;
    if (name == "region") credential.region = value;
}

}  // namespace

Result<std::vector<RootCredential>> parse_credentials(std::string_view text) {
    std::vector<RootCredential> credentials;
    for (int line_number = 1; !text.empty(); ++line_number) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        const auto equals = line.find('=');
        if (line.front() == '[' && line.back() == ']') {
            credentials.push_back({.profile = std::string(trimmed(line.substr(1, line.size() - 2)))});
        } else if (equals != std::string_view::npos && !credentials.empty()) {
            set_member(credentials.back(), trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
        } else {
            return Failure{FailureKind::invalid,
                           "line " + std::to_string(line_number) + " is not a credentials line"};
        }
    }
    std::erase_if(credentials, [](const RootCredential& one) {
        return one.access_key_id.empty() || one.secret_access_key.empty() || one.account.empty();
    });
    return credentials;
}

std::string render_credentials(const std::vector<RootCredential>& credentials) {
    std::string text =
        "# Root credentials of the accounts of this Stratus. Whoever can read this file owns them.\n";
    for (const RootCredential& one : credentials) {
        text += "\n[" + one.profile + "]\naws_access_key_id = " + one.access_key_id +
                "\naws_secret_access_key = " + one.secret_access_key + "\naws_account_id = " + one.account +
                "\nregion = " + one.region + "\n";
    }
    return text;
}

Result<std::vector<RootCredential>> read_credentials(const std::filesystem::path& file) {
    auto text = base::read_file(file, 1 << 20);
    if (!text.ok() && text.error().kind == FailureKind::not_found) return std::vector<RootCredential>();
    if (!text.ok()) return text.take_error();
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) return base::failure_from_errno(errno, "stat " + file.string());
    if ((about.st_mode & 077) != 0) {
        return Failure{FailureKind::denied, file.string() + " can be read by others; chmod 600 it"};
    }
    auto parsed = parse_credentials(*text);
    if (!parsed.ok()) return Failure{FailureKind::invalid, file.string() + ": " + parsed.error().what};
    return parsed;
}

Result<RootCredential> ensure_credential(const std::filesystem::path& file, std::string_view profile,
                                         std::string_view account, std::string_view region,
                                         base::Random& random) {
    auto credentials = TRY(read_credentials(file));
    for (const RootCredential& one : credentials) {
        if (one.account == account) return one;
    }
    const bool taken = std::any_of(credentials.begin(), credentials.end(),
                                   [&](const RootCredential& one) { return one.profile == profile; });
    credentials.push_back({
        .profile = std::string(taken ? account : profile),
        .account = std::string(account),
        .region = std::string(region),
        .access_key_id = "AKIA" + random.characters(key_id_alphabet, 16),
        .secret_access_key = base::base64_encode(random.bytes(30)),
    });
    TRY(base::write_file_durably(file, render_credentials(credentials), 0600));
    return credentials.back();
}

std::optional<RootCredential> CredentialTable::find(std::string_view access_key_id) {
    const std::lock_guard lock(mutex_);
    auto found = by_key_id_.find(access_key_id);
    if (found == by_key_id_.end()) {
        reload_if_changed();
        found = by_key_id_.find(access_key_id);
    }
    return found == by_key_id_.end() ? std::nullopt : std::optional(found->second);
}

void CredentialTable::reload_if_changed() {
    std::error_code ignored;
    const auto changed_at = std::filesystem::last_write_time(file_, ignored);
    if (changed_at == read_at_) return;
    read_at_ = changed_at;
    const auto credentials = read_credentials(file_);
    if (!credentials.ok()) {
        base::log_error("gateway", "cannot read the credentials", {{"why", credentials.error().what}});
        return;
    }
    by_key_id_.clear();
    for (const RootCredential& one : *credentials) by_key_id_.emplace(one.access_key_id, one);
}

}  // namespace stratus
