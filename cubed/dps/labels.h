// Labels as rows.
#pragma once

#include <optional>

#include "cubed/dps/batch.h"

namespace cubed::dps {

/// One row for copy_labels().
void put_label(database::CopyRows& rows, const BatchHit& hit, std::optional<std::int64_t> event_item,
               const Label& label);
base::Result<base::Unit> copy_labels(Batch& batch, const database::CopyRows& rows);

}  // namespace cubed::dps
