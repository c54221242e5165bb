#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/random.h"
#include "stratus/apps/stratus/commands.h"
#include "stratus/gateway/credentials.h"

namespace stratus {
namespace {

bool is_account(const std::string& text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

base::Result<base::Unit> show_credentials(const CredentialsOptions& options) {
    const auto file = std::filesystem::path(options.data_dir) / "credentials";
    if (!std::filesystem::exists(file)) {
        return base::Failure{base::FailureKind::not_found, "no credentials in " + options.data_dir +
                                                               "; stratusd makes them on its first start"};
    }
    if (!options.account.empty()) {
        if (!is_account(options.account)) {
            return base::Failure{base::FailureKind::invalid, "--account must be twelve digits"};
        }
        base::SystemRandom random;
        TRY(ensure_credential(file, options.account, options.account, options.region, random));
    }
    std::printf("%-16s %-14s %-22s %s\n", "profile", "account", "access key id", "region");
    for (const RootCredential& one : TRY(read_credentials(file))) {
        std::printf("%-16s %-14s %-22s %s\n", one.profile.c_str(), one.account.c_str(),
                    one.access_key_id.c_str(), one.region.c_str());
    }
    std::printf("\nThe secrets are in the file. To use it:\n  export AWS_SHARED_CREDENTIALS_FILE=%s\n",
                file.c_str());
    return base::Unit{};
}

}  // namespace stratus
