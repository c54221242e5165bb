// The rows of a bucket as cursors for list(): over versions, current objects, and uploads under way.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "stratus/services/s3/listing.h"
#include "stratus/services/s3/records.h"

namespace stratus::s3 {

/// Reads one bucket's rows of a table, a page at a time. Rows are ordered by (object key, rest).
template <class Record>
class BucketRows {
  public:
    struct Row {
        std::string object_key;
        std::string row_key;
        Record record;
    };

    BucketRows(const Snapshot& at, const Table<Record>& table, std::string bucket, std::size_t page_rows)
        : at_(at), table_(table), bucket_(std::move(bucket)), page_rows_(page_rows) {
        range_ = Range::prefix(key_of(bucket_));
    }

    /// Rows behind this one only.
    void begin_behind(std::string row_key) { range_.after = std::move(row_key); }
    /// Rows of object keys at or after this one only.
    void begin_at(std::string_view object_key) {
        range_.from = key_of(bucket_);
        append_open_key_part(range_.from, object_key);
        range_.after.reset();
        page_.clear();
        at_end_ = false;
    }

    base::Result<const Row*> peek() {
        if (page_.empty() && !at_end_) TRY(fill());
        return page_.empty() ? nullptr : &page_.front();
    }
    void advance() { page_.pop_front(); }
    base::Result<base::Unit> seek(std::string_view object_key) {
        while (!page_.empty() && page_.front().object_key < object_key) page_.pop_front();
        if (page_.empty() && !at_end_) begin_at(object_key);
        return base::Unit{};
    }

  private:
    base::Result<base::Unit> fill() {
        auto rows = TRY(table_.scan(at_, range_, page_rows_));
        at_end_ = rows.size() < page_rows_;
        if (!rows.empty()) range_.after = rows.back().key;
        for (auto& row : rows) {
            KeyReader reader(row.key);
            TRY(reader.text());
            std::string object_key = TRY(reader.text());
            page_.push_back({std::move(object_key), std::move(row.key), std::move(row.record)});
        }
        return base::Unit{};
    }

    const Snapshot& at_;
    const Table<Record>& table_;
    const std::string bucket_;
    const std::size_t page_rows_;
    Range range_;
    std::deque<Row> page_;
    bool at_end_ = false;
};

struct ListedVersion {
    std::string key;
    bool latest = false;
    VersionRecord record;
};

/// Every version and delete marker, or, `current_only`, the objects one can read without a version id.
class VersionCursor final : public Cursor<ListedVersion> {
  public:
    enum class Show { all, current };
    VersionCursor(const Snapshot& at, const std::string& bucket, std::size_t page_rows, Show show)
        : rows_(at, versions, bucket, page_rows), show_(show) {}

    void begin_at(std::string_view key) { rows_.begin_at(key); }
    /// Behind every version of this key.
    void begin_behind_key(std::string_view bucket, std::string_view key) {
        rows_.begin_behind(version_key(bucket, key, 0) + '\xff');
    }
    /// Behind one version: the next of the same key is not the latest.
    void begin_behind_version(std::string row_key, std::string key) {
        rows_.begin_behind(std::move(row_key));
        previous_ = std::move(key);
    }

    base::Result<const ListedVersion*> peek() override {
        while (!standing_) {
            const auto* row = TRY(rows_.peek());
            if (!row) return nullptr;
            const bool latest = previous_ != row->object_key;
            previous_ = row->object_key;
            if (show_ == Show::all || (latest && !row->record.delete_marker)) {
                standing_ = ListedVersion{row->object_key, latest, row->record};
            } else {
                rows_.advance();
            }
        }
        return &*standing_;
    }
    void advance() override {
        standing_.reset();
        rows_.advance();
    }
    base::Result<base::Unit> seek(std::string_view key) override {
        standing_.reset();
        return rows_.seek(key);
    }

  private:
    BucketRows<VersionRecord> rows_;
    const Show show_;
    std::optional<std::string> previous_;  // object key of the row before
    std::optional<ListedVersion> standing_;
};

struct ListedUpload {
    std::string key;
    std::string upload_id;
    UploadRecord record;
};

class UploadCursor final : public Cursor<ListedUpload> {
  public:
    UploadCursor(const Snapshot& at, const std::string& bucket, std::size_t page_rows)
        : rows_(at, uploads, bucket, page_rows) {}

    void begin_at(std::string_view key) { rows_.begin_at(key); }
    void begin_behind(std::string row_key) { rows_.begin_behind(std::move(row_key)); }

    base::Result<const ListedUpload*> peek() override {
        if (standing_) return &*standing_;
        const auto* row = TRY(rows_.peek());
        if (!row) return nullptr;
        KeyReader reader(row->row_key);
        TRY(reader.text());
        TRY(reader.text());
        standing_ = ListedUpload{row->object_key, TRY(reader.text()), row->record};
        return &*standing_;
    }
    void advance() override {
        standing_.reset();
        rows_.advance();
    }
    base::Result<base::Unit> seek(std::string_view key) override {
        standing_.reset();
        return rows_.seek(key);
    }

  private:
    BucketRows<UploadRecord> rows_;
    std::optional<ListedUpload> standing_;
};

}  // namespace stratus::s3
