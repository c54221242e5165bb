// S3 on a store in memory, a blob store in a temporary directory, a clock that stands still and one seed.
#pragma once

#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/random.h"
#include "stratus/services/s3/s3.h"
#include "stratus/store/memory_store.h"

namespace stratus::s3 {

class S3Test : public testing::Test {
  protected:
    S3Test() {
        auto opened = BlobStore::open({directory.path(), 8 * 1024 * 1024, 64 * 1024}, store);
        EXPECT_TRUE(opened.ok());
        blobs = opened.take();
        s3 = std::make_unique<S3>(store, *blobs, clock, random);
        ctx.region = "eu-west-1";
        ctx.caller.account = "111111111111";
        ctx.host = "localhost:4566";
    }

    void make_bucket(const std::string& name = "bucket") {
        aws::s3::CreateBucketRequest in{.bucket = name};
        in.create_bucket_configuration.emplace().location_constraint = "eu-west-1";
        const auto made = s3->create_bucket(ctx, in);
        EXPECT_EQ(code(made), "");
    }
    void set_versioning(const std::string& status) {
        aws::s3::PutBucketVersioningRequest in{.bucket = "bucket"};
        in.versioning_configuration.status = status;
        EXPECT_EQ(code(s3->put_bucket_versioning(ctx, in)), "");
    }

    aws::s3::PutObjectRequest put_of(const std::string& key, const std::string& bytes) {
        aws::s3::PutObjectRequest in;
        in.bucket = "bucket";
        in.key = key;
        in.body = wire::reader_of(bytes);
        return in;
    }
    aws::s3::PutObjectOutput put(const std::string& key, const std::string& bytes) {
        clock.advance(std::chrono::seconds(1));
        auto out = s3->put_object(ctx, put_of(key, bytes));
        EXPECT_EQ(code(out), "") << key;
        return out.ok() ? out.take() : aws::s3::PutObjectOutput{};
    }

    std::string bytes_of(const wire::BodySource& body) {
        if (const auto* text = std::get_if<std::string>(&body.from)) return *text;
        if (const auto* reader = std::get_if<std::shared_ptr<wire::BodyReader>>(&body.from)) {
            auto read = wire::read_all(**reader, 64 * 1024 * 1024);
            return read.ok() ? read.take() : "unreadable";
        }
        const auto& range = std::get<wire::FileRange>(body.from);
        std::string bytes(range.length, '\0');
        const auto read =
            base::read_exactly_at(range.file->get(), std::as_writable_bytes(std::span(bytes)), range.offset);
        return read.ok() ? bytes : "unreadable";
    }
    /// The bytes, or the error's code in angle brackets.
    std::string get(const std::string& key, const std::optional<std::string>& version_id = std::nullopt) {
        auto out = s3->get_object(ctx, {.bucket = "bucket", .key = key, .version_id = version_id});
        return out.ok() ? bytes_of(out->body) : "<" + out.error().code + ">";
    }
    aws::s3::DeleteObjectOutput remove(const std::string& key,
                                       const std::optional<std::string>& version_id = std::nullopt) {
        clock.advance(std::chrono::seconds(1));
        auto out = s3->delete_object(ctx, {.bucket = "bucket", .key = key, .version_id = version_id});
        EXPECT_EQ(code(out), "") << key;
        return out.ok() ? out.take() : aws::s3::DeleteObjectOutput{};
    }

    /// The error's code; empty for a success.
    template <class T>
    static std::string code(const wire::Outcome<T>& outcome) {
        return outcome.ok() ? "" : outcome.error().code;
    }

    /// Files and pack bytes that hold blobs, once reclaiming is done.
    std::size_t rows(std::string_view table) {
        auto entries = store.read([&](const Snapshot& at) { return at.scan(table, Range::all(), SIZE_MAX); });
        return entries.ok() ? entries->size() : SIZE_MAX;
    }

    base::TempDirectory directory;
    MemoryStore store;
    base::SimClock clock;
    base::SeededRandom random{42};
    std::unique_ptr<BlobStore> blobs;
    std::unique_ptr<S3> s3;
    wire::Context ctx;
};

}  // namespace stratus::s3
