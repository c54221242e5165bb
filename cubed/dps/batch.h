// One batch of hits on its way into the database: the state that the steps of the transaction share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cubed/database/connection.h"
#include "cubed/dps/client_configuration.h"
#include "cubed/dps/geography.h"
#include "cubed/dps/user_agent.h"
#include "cubed/schema/hit.h"

namespace cubed::dps {

/// A hit with what the steps find out about it. Borrows the hit.
struct BatchHit {
    const Hit* hit = nullptr;
    database::Uuid id{};
    std::int64_t visitor = 0;  ///< attrib_visitor.id
    std::int64_t visit = 0;    ///< attrib_visit.id
};

/// What a committed batch did.
struct BatchCounts {
    std::int64_t hits = 0;        ///< taken now
    std::int64_t duplicates = 0;  ///< taken before
    std::int64_t late = 0;        ///< older than the account accepts
    std::int64_t visits = 0;      ///< new ones
    std::int64_t visitors = 0;    ///< touched
    std::int64_t events = 0;
};

/// A complaint for attrib_validation.
struct Complaint {
    database::Uuid hit;
    Instant time;
    std::string_view stage;  ///< dcs or dps
    std::string field, reason, value;
};

/// Borrowed by the steps of one transaction.
struct Batch {
    database::Connection& connection;
    const ClientConfiguration& configuration;
    UserAgentParser& user_agents;
    const Geography& geography;
    std::vector<BatchHit> hits;  ///< by id, each once, none taken before
    std::vector<Complaint> complaints;
    BatchCounts counts;
};

/// Text as a column takes it: valid UTF-8, no NUL, at most `characters_max` characters.
std::string column_text(std::string_view text, std::size_t characters_max);

/// `count` new ids of a sequence.
base::Result<std::vector<std::int64_t>> take_ids(database::Connection& connection, database::Sql sequence,
                                                 std::size_t count);

/// COPY under a savepoint: `conflict` leaves the transaction as it was before, so that the step can find out
/// with what it collided. Collisions are rare, and a COPY is far cheaper than rows that each ask first.
base::Result<base::Unit> try_copy(database::Connection& connection, database::Sql copy,
                                  const database::CopyRows& rows);

// The steps, in order. Each needs what the ones before it found out.
base::Result<base::Unit> drop_taken_hits(Batch& batch);    // ledger.cpp
base::Result<base::Unit> write_visitors(Batch& batch);     // visitors.cpp
base::Result<base::Unit> write_visits(Batch& batch);       // visits.cpp
base::Result<base::Unit> write_pages(Batch& batch);        // pages.cpp
base::Result<base::Unit> write_events(Batch& batch);       // events.cpp
base::Result<base::Unit> write_sync_ids(Batch& batch);     // visitors.cpp
base::Result<base::Unit> write_impressions(Batch& batch);  // pages.cpp
base::Result<base::Unit> write_subscriptions(Batch& batch);
base::Result<base::Unit> write_complaints(Batch& batch);

/// True for hits that belong to a visit.
inline bool in_visit(const BatchHit& hit) {
    return hit.hit->kind == HitKind::page || hit.hit->kind == HitKind::event;
}

/// Writes the hits in one transaction: all of them or none. Hits that were taken before change nothing.
/// Failures: `unavailable`, `timed_out` (the outcome is unknown) and `conflict` are worth the same call
/// again; any other says that the data or the schema is at fault.
base::Result<BatchCounts> write_batch(database::Connection& connection,
                                      const ClientConfiguration& configuration, UserAgentParser& user_agents,
                                      const Geography& geography, std::span<const Hit> hits);

}  // namespace cubed::dps
