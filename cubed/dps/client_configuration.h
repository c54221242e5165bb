// What the DPS needs to know of one account: patterns, events, domains.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cubed/control/account.h"
#include "cubed/database/connection.h"
#include "cubed/dps/channels.h"

namespace cubed::dps {

/// One reading of an account's configuration. Immutable.
struct ClientConfiguration {
    control::Account account;
    ChannelRules channels{{}};
    std::map<std::string, int, std::less<>> events;  ///< name -> id, also those not set up or switched off
    int unknown_events = 0;                          ///< events that hits brought and nobody set up
};

/// Reads the configuration; patterns that cannot be used are marked with the reason in
/// attrib_pattern.rejected.
base::Result<std::shared_ptr<const ClientConfiguration>> load_configuration(database::Connection& client,
                                                                            const control::Account& account);

}  // namespace cubed::dps
