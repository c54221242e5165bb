// What training leaves behind: the model file in its bucket and the report tables in the account's database.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "cubed/cloud/cloud.h"
#include "cubed/database/connection.h"
#include "cubed/predictor/fit.h"
#include "cubed/predictor/journey_source.h"

namespace cubed::predictor {

/// Makes the model bucket if it is not there.
base::Result<base::Unit> ensure_model_bucket(const Cloud& cloud, const std::string& region);

/// Puts the file under its version. Putting the same version again changes nothing, as its bytes are the
/// same.
base::Result<base::Unit> put_model(const Cloud& cloud, const Fit& fit);

/// Points "latest" at the version: JSON {"version", "key", "sha256"}.
base::Result<base::Unit> put_latest(const Cloud& cloud, const Fit& fit);

/// Reads the newest model of a goal: the pointer, then the file, whose digest must be the pointer's.
base::Result<CustomerModel> get_latest(const Cloud& cloud, std::string_view account, std::int32_t goal);

/// Replaces the goal's rows in all report tables, in one transaction; readers see the old or the new model,
/// whole. Two trainings of one goal at once wait for each other.
base::Result<base::Unit> write_reports(database::Connection& connection, const Goal& goal,
                                       const JourneyBook& book, const Fit& fit, const FitOptions& options,
                                       base::Instant trained);

}  // namespace cubed::predictor
