#include "cubed/dps/sessions.h"

#include <algorithm>

namespace cubed::dps {

std::vector<VisitSpan> build_visits(std::span<const KnownVisit> known, std::span<const Instant> times,
                                    std::chrono::seconds idle) {
    struct Piece {
        Instant first, last;
        bool stored;
        std::size_t index;
    };
    std::vector<Piece> pieces;
    pieces.reserve(known.size() + times.size());
    for (std::size_t i = 0; i < known.size(); ++i) pieces.push_back({known[i].first, known[i].last, true, i});
    for (std::size_t i = 0; i < times.size(); ++i) pieces.push_back({times[i], times[i], false, i});
    std::ranges::stable_sort(pieces, {}, &Piece::first);

    std::vector<VisitSpan> spans;
    for (const Piece& piece : pieces) {
        if (spans.empty() || piece.first - spans.back().last > idle) {
            spans.push_back({.first = piece.first, .last = piece.last, .known = {}, .hits = {}});
        }
        VisitSpan& span = spans.back();
        span.last = std::max(span.last, piece.last);
        if (piece.stored) {
            span.known.push_back(known[piece.index].id);
        } else {
            span.hits.push_back(piece.index);
        }
    }
    std::erase_if(spans, [](const VisitSpan& span) { return span.hits.empty(); });
    return spans;
}

}  // namespace cubed::dps
