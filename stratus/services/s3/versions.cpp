#include "stratus/services/s3/versions.h"

#include <algorithm>

#include "base/time.h"
#include "stratus/services/s3/conditions.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/names.h"

namespace stratus::s3 {

namespace {

constexpr std::size_t page_rows = 100;

base::Result<FoundVersion> found(Table<VersionRecord>::Row row) {
    KeyReader reader(row.key);
    TRY(reader.text());
    TRY(reader.text());
    const std::uint64_t sequence = ~TRY(reader.number());
    return FoundVersion{std::move(row.key), sequence, std::move(row.record)};
}

base::Result<std::optional<FoundVersion>> find_null(const Snapshot& at, std::string_view bucket,
                                                    std::string_view key) {
    Range range = Range::prefix(key_of(bucket, key));
    for (;;) {
        auto rows = TRY(versions.scan(at, range, page_rows));
        for (auto& row : rows) {
            if (row.record.version_id.empty()) return std::optional(TRY(found(std::move(row))));
        }
        if (rows.size() < page_rows) return std::optional<FoundVersion>();
        range.after = rows.back().key;
    }
}

base::Result<std::optional<FoundVersion>> find_row(const Snapshot& at, std::string_view bucket,
                                                   std::string_view key, std::uint64_t sequence) {
    std::string row = version_key(bucket, key, sequence);
    auto record = TRY(versions.get(at, row));
    if (!record) return std::optional<FoundVersion>();
    return std::optional(FoundVersion{std::move(row), sequence, std::move(*record)});
}

}  // namespace

base::Result<std::optional<FoundVersion>> find_latest(const Snapshot& at, std::string_view bucket,
                                                      std::string_view key) {
    auto rows = TRY(versions.scan(at, Range::prefix(key_of(bucket, key)), 1));
    if (rows.empty()) return std::optional<FoundVersion>();
    return std::optional(TRY(found(std::move(rows.front()))));
}

wire::Outcome<std::optional<FoundVersion>> find_version(const Snapshot& at, std::string_view bucket,
                                                        std::string_view key, std::string_view version_id) {
    if (version_id == null_version) return TRY(find_null(at, bucket, key));
    const auto sequence = sequence_of(version_id);
    if (!sequence) {
        return errors::invalid_argument("versionId", version_id, "Invalid version id specified");
    }
    auto version = TRY(find_row(at, bucket, key, *sequence));
    if (version && version->record.version_id != version_id) version.reset();
    return version;
}

wire::Outcome<FoundVersion> get_readable(const Snapshot& at, std::string_view bucket, std::string_view key,
                                         const std::optional<std::string>& version_id) {
    if (!version_id) {
        auto latest = TRY(find_latest(at, bucket, key));
        if (!latest) return errors::no_such_key(key);
        if (!latest->record.delete_marker) return std::move(*latest);
        const std::string id = latest->record.version_id;
        return errors::no_such_key(key)
            .with_header("x-amz-delete-marker", "true")
            .with_header("x-amz-version-id", id.empty() ? std::string(null_version) : id);
    }
    auto version = TRY(find_version(at, bucket, key, *version_id));
    if (!version) return errors::no_such_version(key, *version_id);
    if (!version->record.delete_marker) return std::move(*version);
    return errors::method_not_allowed("DELETE")
        .with_header("x-amz-delete-marker", "true")
        .with_header("x-amz-version-id", *version_id)
        .with_header("Last-Modified", base::format_http_date(version->record.modified));
}

std::optional<std::string> shown_version(const BucketRecord& bucket, const VersionRecord& version) {
    if (!version.version_id.empty()) return version.version_id;
    if (bucket.versioning == Versioning::never) return std::nullopt;
    return std::string(null_version);
}

wire::Outcome<base::Unit> VersionWriter::add(const BucketRecord& bucket, std::string_view bucket_name,
                                             std::string_view key, VersionRecord& version) {
    version.modified = now_;
    version.version_id.clear();
    if (bucket.versioning == Versioning::never) {
        if (auto old = TRY(find_row(tx_, bucket_name, key, 0))) TRY(remove(*old));
        TRY(versions.put(tx_, version_key(bucket_name, key, 0), version));
        return base::Unit{};
    }
    const auto latest = TRY(find_latest(tx_, bucket_name, key));
    auto sequence = static_cast<std::uint64_t>(now_.time_since_epoch().count());
    if (latest) sequence = std::max(sequence, latest->sequence + 1);
    if (bucket.versioning == Versioning::enabled) {
        version.version_id = make_version_id(sequence, random_.hex(8));
    } else if (auto old = TRY(find_null(tx_, bucket_name, key))) {
        TRY(remove(*old));
    }
    TRY(versions.put(tx_, version_key(bucket_name, key, sequence), version));
    return base::Unit{};
}

base::Result<base::Unit> VersionWriter::remove(const FoundVersion& version) {
    TRY(versions.erase(tx_, version.row));
    if (version.record.upload_id.empty()) return blobs_.release(tx_, version.record.blob, dead_);
    const auto rows = TRY(parts.scan(tx_, Range::prefix(key_of(version.record.upload_id)), SIZE_MAX));
    for (const auto& row : rows) {
        TRY(blobs_.release(tx_, row.record.blob, dead_));
        TRY(parts.erase(tx_, row.key));
    }
    return base::Unit{};
}

wire::Outcome<base::Unit> check_write_conditions(const std::optional<FoundVersion>& latest,
                                                 std::string_view key,
                                                 const std::optional<std::string>& if_match,
                                                 const std::optional<std::string>& if_none_match) {
    const bool there = latest && !latest->record.delete_marker;
    if (if_none_match) {
        if (*if_none_match != "*") {
            return errors::not_implemented(
                "If-None-Match", "A header you provided implies functionality that is not implemented");
        }
        if (there) return errors::precondition_failed("If-None-Match");
    }
    if (if_match) {
        if (!there) return errors::no_such_key(key);
        if (!etag_matches(*if_match, latest->record.etag)) return errors::precondition_failed("If-Match");
    }
    return base::Unit{};
}

}  // namespace stratus::s3
