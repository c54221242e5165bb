// The read API: what each resource of cubed/dash/web/src/api.ts answers. Functions of one account's database;
// safe to call from any thread. A failure of kind `invalid` is the caller's (400), any other the server's.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/result.h"
#include "cubed/dash/accounts.h"
#include "cubed/dash/web_request.h"

namespace cubed::dash {

base::Result<boost::json::value> goals(Account& account);
base::Result<boost::json::value> channel_report(Account& account, const WebRequest& request);
/// The same report as CSV: what the screen shows, row by row.
base::Result<std::string> channel_report_csv(Account& account, const WebRequest& request);
base::Result<boost::json::value> find_journeys(Account& account, const WebRequest& request);
base::Result<boost::json::value> journey_of(Account& account, std::string_view visitor);
base::Result<boost::json::value> live_visitors(Account& account);

}  // namespace cubed::dash
