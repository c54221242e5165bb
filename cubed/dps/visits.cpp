// Visits: sessions found by event time, their landing hit's channel, and what the visitor used.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/crypto.h"
#include "base/encoding.h"
#include "cubed/dps/batch.h"
#include "cubed/dps/sessions.h"

namespace cubed::dps {

using base::FailureKind;
using base::Result;
using base::Unit;
using database::CopyRows;
using database::Uuid;

namespace {

struct StoredVisit {
    std::int64_t id;
    Instant first, last;
    std::string landing_hit;
};

/// The hits of one visitor under one session token, with the visits stored for them.
struct Group {
    std::vector<std::size_t> hits;  ///< indices into batch.hits
    std::vector<StoredVisit> stored;
};
using GroupKey = std::pair<std::int64_t, std::string_view>;

struct NewVisit {
    VisitSpan span;
    std::size_t landing;  ///< index into batch.hits
    std::int64_t visitor;
    std::string token;
    std::int64_t views;
    std::int64_t id = 0;
};

}  // namespace

static std::map<GroupKey, Group> group_hits(const Batch& batch) {
    std::map<GroupKey, Group> groups;
    for (std::size_t i = 0; i < batch.hits.size(); ++i) {
        const BatchHit& hit = batch.hits[i];
        if (in_visit(hit)) groups[{hit.visitor, hit.hit->session}].hits.push_back(i);
    }
    return groups;
}

/// Reads the stored visits that these hits could belong to.
static Result<Unit> find_stored(Batch& batch, std::map<GroupKey, Group>& groups, std::chrono::seconds idle) {
    std::map<std::int64_t, std::pair<Instant, Instant>> windows;
    for (const BatchHit& hit : batch.hits) {
        if (!in_visit(hit)) continue;
        auto& [early, late] =
            windows.try_emplace(hit.visitor, hit.hit->occurred, hit.hit->occurred).first->second;
        early = std::min(early, hit.hit->occurred);
        late = std::max(late, hit.hit->occurred);
    }
    std::vector<std::int64_t> visitors;
    std::vector<database::Instant> early, late;
    for (const auto& [visitor, window] : windows) {
        visitors.push_back(visitor);
        early.push_back(window.first - idle);
        late.push_back(window.second + idle);
    }
    const auto rows = TRY(batch.connection.query_prepared(
        "SELECT v.id, v.visitor_id, v.session_token, v.first_visit, v.last_visit, "
        "replace(v.landing_hit::text, '-', '') "
        "FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS w(visitor, early, late) "
        "JOIN attrib_visit v ON v.visitor_id = w.visitor AND v.first_visit <= w.late AND v.last_visit >= "
        "w.early",
        {visitors, early, late}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto found = groups.find(GroupKey(rows.integer(row, 1), rows.text(row, 2)));
        if (found == groups.end()) continue;  // another session of the same visitor
        found->second.stored.push_back({.id = rows.integer(row, 0),
                                        .first = rows.instant(row, 3),
                                        .last = rows.instant(row, 4),
                                        .landing_hit = rows.string(row, 5)});
    }
    return Unit{};
}

/// A token for a visit that cannot have the session's own: another visit has it. Always the same for the same
/// hits.
static std::string derived_token(const BatchHit& landing) {
    return base::hex_encode(
               base::sha256(landing.hit->session + ":" + landing.hit->visitor + ":" + landing.hit->id))
        .substr(0, 32);
}

/// What a visit's row says about where it came from, from its landing hit.
static void put_origin(CopyRows& rows, const Batch& batch, const BatchHit& landing, std::string_view bot) {
    const Hit& hit = *landing.hit;
    const Traffic traffic = traffic_of(hit.url, hit.referrer, batch.configuration.account.domains);
    const auto match = batch.configuration.channels.match(traffic);
    rows.uuid(landing.id).maybe_text(column_text(hit.url, 2000)).text(column_text(hit.referrer, 2000));
    if (match) {
        rows.int32(match->pattern).int32(match->channel);
    } else {
        rows.null().null();
    }
    rows.text(name_of(traffic.evidence));
    for (const std::string* text : {&traffic.source, &traffic.medium, &traffic.campaign, &traffic.content,
                                    &traffic.term, &traffic.click_id}) {
        rows.maybe_text(column_text(*text, 200));
    }
    rows.text(name_of(hit.consent)).boolean(!bot.empty());
}

static void put_visit(CopyRows& rows, const Batch& batch, const NewVisit& visit) {
    const BatchHit& landing = batch.hits[visit.landing];
    const auto agent = batch.user_agents.parse(landing.hit->user_agent);
    rows.row(21).int64(visit.id).int64(visit.visitor).text(visit.token).text(landing.hit->session);
    rows.instant(visit.span.first).instant(visit.span.last).int32(std::int32_t(visit.views));
    put_origin(rows, batch, landing, agent->bot_name);
}

static void put_details(CopyRows& rows, const Batch& batch, const NewVisit& visit) {
    const Hit& hit = *batch.hits[visit.landing].hit;
    const auto agent = batch.user_agents.parse(hit.user_agent);
    const Place place = batch.geography.find(hit.ip);
    rows.row(14).int64(visit.id);
    for (const std::string* text : {&agent->browser, &agent->browser_version, &agent->os, &agent->os_version,
                                    &agent->device, &agent->bot_name, &place.country, &place.region,
                                    &place.city, &hit.language, &hit.screen, &hit.tag_version, &hit.ip}) {
        rows.maybe_text(column_text(*text, 200));
    }
}

/// Copies the visits in; tokens that are taken (a session token that somebody else sent, or used before) are
/// replaced by derived ones.
static Result<Unit> copy_visits(Batch& batch, std::vector<NewVisit>& visits) {
    for (int attempt = 0; attempt < 3; ++attempt) {
        CopyRows rows;
        for (const NewVisit& visit : visits) put_visit(rows, batch, visit);
        auto copied = try_copy(
            batch.connection,
            "COPY attrib_visit (id, visitor_id, token, session_token, first_visit, last_visit, views, "
            "landing_hit, landing_url, referrer, pattern_id, referer_id, reason, source, medium, "
            "campaign, content, term, click_id, consent, bot) FROM STDIN (FORMAT binary)",
            rows);
        if (copied.ok() || copied.error().kind != FailureKind::conflict) return copied;
        std::vector<std::string> tokens;
        for (const NewVisit& visit : visits) tokens.push_back(visit.token);
        const auto taken = TRY(
            batch.connection.query("SELECT token FROM attrib_visit WHERE token = ANY($1::text[])", tokens));
        std::set<std::string_view> names;
        for (std::size_t row = 0; row < taken.size(); ++row) names.insert(taken.text(row, 0));
        for (NewVisit& visit : visits) {
            if (names.contains(visit.token)) visit.token = derived_token(batch.hits[visit.landing]);
        }
    }
    return base::Failure{FailureKind::conflict, "visits: their tokens keep being taken"};
}

/// A late hit came before the stored landing hit: the visit came from where that hit did.
static Result<Unit> replace_landing(Batch& batch, std::int64_t visit, const BatchHit& landing) {
    const Hit& hit = *landing.hit;
    const Traffic traffic = traffic_of(hit.url, hit.referrer, batch.configuration.account.domains);
    const auto match = batch.configuration.channels.match(traffic);
    const auto text = [](const std::string& value) -> database::Value {
        return value.empty() ? database::Value(nullptr) : database::Value(column_text(value, 200));
    };
    TRY(batch.connection.query_prepared(
        "UPDATE attrib_visit SET landing_hit = $2::uuid, landing_url = $3, referrer = $4, pattern_id = $5, "
        "referer_id = $6, reason = $7, source = $8, medium = $9, campaign = $10, content = $11, term = $12, "
        "click_id = $13 WHERE id = $1",
        {visit, hit.id, column_text(hit.url, 2000), column_text(hit.referrer, 2000),
         match ? database::Value(match->pattern) : database::Value(nullptr),
         match ? database::Value(match->channel) : database::Value(nullptr), name_of(traffic.evidence),
         text(traffic.source), text(traffic.medium), text(traffic.campaign), text(traffic.content),
         text(traffic.term), text(traffic.click_id)}));
    return Unit{};
}

/// A late hit closed the gap between stored visits: what the later ones hold moves to the earliest.
static Result<Unit> merge_stored(Batch& batch, std::int64_t visitor,
                                 const std::vector<std::int64_t>& visits) {
    const std::int64_t kept = visits.front();
    const std::vector<std::int64_t> gone(visits.begin() + 1, visits.end());
    auto& connection = batch.connection;
    TRY(connection.query("UPDATE attrib_page SET visit_id = $1 WHERE visit_id = ANY($2::bigint[])", kept,
                         gone));
    TRY(connection.query("UPDATE attrib_label SET visit_id = $1 WHERE visit_id = ANY($2::bigint[])", kept,
                         gone));
    TRY(
        connection.query("UPDATE attrib_event_item SET visit_id = $1 WHERE visitor_id = $3 AND "
                         "visit_id = ANY($2::bigint[])",
                         kept, gone, visitor));
    TRY(
        connection.query("UPDATE attrib_visit SET views = views + (SELECT sum(views) FROM attrib_visit WHERE "
                         "id = ANY($2::bigint[])) WHERE id = $1",
                         kept, gone));
    TRY(connection.query("DELETE FROM attrib_visit_details WHERE visit_id = ANY($1::bigint[])", gone));
    TRY(connection.query("DELETE FROM attrib_visit WHERE id = ANY($1::bigint[])", gone));
    return Unit{};
}

namespace {

/// The stored visits that this batch moves, as arrays for one statement.
struct Extensions {
    std::vector<std::int64_t> ids, views;
    std::vector<database::Instant> first, last;
};

}  // namespace

static std::int64_t page_views(const Batch& batch, const Group& group, const VisitSpan& span) {
    return std::ranges::count_if(
        span.hits, [&](std::size_t hit) { return batch.hits[group.hits[hit]].hit->kind == HitKind::page; });
}

/// The earliest hit of a span; ties go to the smaller id, so that the order of arrival plays no part.
static std::size_t landing_of(const Batch& batch, const Group& group, const VisitSpan& span) {
    return group.hits[*std::ranges::min_element(span.hits, {}, [&](std::size_t hit) {
        const BatchHit& candidate = batch.hits[group.hits[hit]];
        return std::pair(candidate.hit->occurred, candidate.id);
    })];
}

static Result<Unit> extend(Batch& batch, const GroupKey& key, const Group& group, const VisitSpan& span,
                           Extensions& extensions) {
    const std::int64_t id = span.known.front();
    if (span.known.size() > 1) TRY(merge_stored(batch, key.first, span.known));
    const auto stored = std::ranges::find(group.stored, id, &StoredVisit::id);
    const BatchHit& landing = batch.hits[landing_of(batch, group, span)];
    if (std::tie(landing.hit->occurred, landing.hit->id) < std::tie(stored->first, stored->landing_hit)) {
        TRY(replace_landing(batch, id, landing));
    }
    extensions.ids.push_back(id);
    extensions.views.push_back(page_views(batch, group, span));
    extensions.first.push_back(span.first);
    extensions.last.push_back(span.last);
    for (const std::size_t hit : span.hits) batch.hits[group.hits[hit]].visit = id;
    return Unit{};
}

static Result<Unit> write_extensions(Batch& batch, const Extensions& extensions) {
    if (extensions.ids.empty()) return Unit{};
    TRY(batch.connection.query_prepared(
        "UPDATE attrib_visit v SET views = v.views + w.views, first_visit = least(v.first_visit, w.first), "
        "last_visit = greatest(v.last_visit, w.last) FROM unnest($1::bigint[], $2::bigint[], "
        "$3::timestamptz[], "
        "$4::timestamptz[]) AS w(id, views, first, last) WHERE v.id = w.id",
        {extensions.ids, extensions.views, extensions.first, extensions.last}));
    return Unit{};
}

static Result<Unit> write_new(Batch& batch, std::vector<NewVisit>& visits,
                              const std::vector<std::vector<std::size_t>>& members) {
    if (visits.empty()) return Unit{};
    const auto ids = TRY(take_ids(batch.connection, "attrib_visit_id_seq", visits.size()));
    CopyRows details;
    for (std::size_t i = 0; i < visits.size(); ++i) {
        visits[i].id = ids[i];
        for (const std::size_t hit : members[i]) batch.hits[hit].visit = ids[i];
        put_details(details, batch, visits[i]);
    }
    TRY(copy_visits(batch, visits));
    TRY(batch.connection.copy_in(
        "COPY attrib_visit_details (visit_id, browser, browser_version, os, os_version, device, "
        "bot_name, country, region, city, language, screen, tag_version, ip) FROM STDIN "
        "(FORMAT binary)",
        details));
    batch.counts.visits = std::int64_t(visits.size());
    return Unit{};
}

Result<Unit> write_visits(Batch& batch) {
    const std::chrono::seconds idle(batch.configuration.account.session_idle_seconds);
    auto groups = group_hits(batch);
    if (groups.empty()) return Unit{};
    TRY(find_stored(batch, groups, idle));
    std::vector<NewVisit> visits;
    std::vector<std::vector<std::size_t>> members;
    std::set<std::string_view> tokens;
    Extensions extensions;
    for (const auto& [key, group] : groups) {
        std::vector<KnownVisit> known;
        for (const StoredVisit& stored : group.stored)
            known.push_back({stored.id, stored.first, stored.last});
        std::vector<Instant> times;
        for (const std::size_t hit : group.hits) times.push_back(batch.hits[hit].hit->occurred);
        for (VisitSpan& span : build_visits(known, times, idle)) {
            if (!span.known.empty()) {
                TRY(extend(batch, key, group, span, extensions));
                continue;
            }
            const std::size_t landing = landing_of(batch, group, span);
            const bool first_of_token = group.stored.empty() && tokens.insert(key.second).second;
            std::vector<std::size_t>& hits = members.emplace_back();
            for (const std::size_t hit : span.hits) hits.push_back(group.hits[hit]);
            visits.push_back(
                {.span = std::move(span),
                 .landing = landing,
                 .visitor = key.first,
                 .token = first_of_token ? std::string(key.second) : derived_token(batch.hits[landing]),
                 .views = 0});
            visits.back().views = page_views(batch, group, visits.back().span);
        }
    }
    TRY(write_extensions(batch, extensions));
    return write_new(batch, visits, members);
}

}  // namespace cubed::dps
