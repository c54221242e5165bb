// Sessions: which hits make one visit.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "cubed/schema/hit.h"

namespace cubed::dps {

/// A visit of the same visitor and session token that is stored already.
struct KnownVisit {
    std::int64_t id;
    Instant first, last;
};

/// One visit as it should be now.
struct VisitSpan {
    Instant first, last;
    std::vector<std::int64_t> known;  ///< stored visits that belong to it, earliest first; more than one: a
                                      ///< late hit closed the gap between them
    std::vector<std::size_t> hits;    ///< indices into `times`, in order of time
};

/// Splits one visitor's hits under one session token at every gap longer than `idle`, together with the
/// stored visits. The result depends on event times only, never on the order in which hits arrive. Spans
/// without a new hit are left out.
std::vector<VisitSpan> build_visits(std::span<const KnownVisit> known, std::span<const Instant> times,
                                    std::chrono::seconds idle);

}  // namespace cubed::dps
