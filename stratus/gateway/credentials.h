// Credentials: the long-lived keys of a data directory, in AWS's shared-credentials format.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace stratus {

/// The root credentials of one account.
struct RootCredential {
    std::string profile;  ///< "default" for the account stratusd was started with, else the account
    std::string account;
    std::string region;
    std::string access_key_id;
    std::string secret_access_key;
};

/// `invalid` with the line's number for what is not the format.
base::Result<std::vector<RootCredential>> parse_credentials(std::string_view text);
std::string render_credentials(const std::vector<RootCredential>& credentials);

/// Reads the file; an absent one is empty. `denied` when others may read it.
base::Result<std::vector<RootCredential>> read_credentials(const std::filesystem::path& file);

/// The account's credential, made and written (0600, durably) when it has none yet.
base::Result<RootCredential> ensure_credential(const std::filesystem::path& file, std::string_view profile,
                                               std::string_view account, std::string_view region,
                                               base::Random& random);

/// What the gateway looks access keys up in. Thread-safe. An unknown key id makes it look whether the file
/// changed, so that `stratus credentials --account ...` works beside a running stratusd.
class CredentialTable {
  public:
    explicit CredentialTable(std::filesystem::path file) : file_(std::move(file)) {}
    std::optional<RootCredential> find(std::string_view access_key_id);

  private:
    void reload_if_changed();  // REQUIRES: mutex_ held

    const std::filesystem::path file_;
    std::mutex mutex_;
    std::filesystem::file_time_type read_at_{};
    std::map<std::string, RootCredential, std::less<>> by_key_id_;
};

}  // namespace stratus
