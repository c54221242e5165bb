#include <gtest/gtest.h>

#include "stratus/services/s3/s3_fixture.h"

namespace stratus::s3 {
namespace {

class Versions : public S3Test {
  protected:
    Versions() { make_bucket(); }

    std::vector<std::string> listed(aws::s3::ListObjectVersionsRequest in = {}) {
        std::vector<std::string> out;
        in.bucket = "bucket";
        for (;;) {
            const auto page = s3->list_object_versions(ctx, in);
            EXPECT_EQ(code(page), "");
            if (!page.ok()) return out;
            for (const auto& version : page->versions) {
                out.push_back(*version.key + "=" + get(*version.key, version.version_id) +
                              (*version.is_latest ? "*" : ""));
            }
            for (const auto& marker : page->delete_markers) {
                out.push_back(*marker.key + "=deleted" + (*marker.is_latest ? "*" : ""));
            }
            if (!*page->is_truncated) return out;
            in.key_marker = page->next_key_marker;
            in.version_id_marker = page->next_version_id_marker;
        }
    }
};

using Lines = std::vector<std::string>;

TEST_F(Versions, EnabledKeepsAll) {
    put("key", "before versioning");
    set_versioning("Enabled");
    const auto first = put("key", "first"), second = put("key", "second");
    ASSERT_TRUE(first.version_id && second.version_id);
    EXPECT_EQ(get("key"), "second");
    EXPECT_EQ(get("key", first.version_id), "first");
    EXPECT_EQ(get("key", "null"), "before versioning");
    EXPECT_EQ(get("key", "nonsense"), "<InvalidArgument>");
    EXPECT_EQ(get("key", std::string(32, 'a')), "<NoSuchVersion>");

    const auto marker = remove("key");
    EXPECT_EQ(marker.delete_marker, true);
    const auto gone = s3->get_object(ctx, {.bucket = "bucket", .key = "key"});
    EXPECT_EQ(code(gone), "NoSuchKey");
    EXPECT_EQ(gone.error().headers.at("x-amz-delete-marker"), "true");
    EXPECT_EQ(get("key", marker.version_id), "<MethodNotAllowed>");
    EXPECT_EQ(listed(), (Lines{"key=second", "key=first", "key=before versioning", "key=deleted*"}));

    EXPECT_EQ(remove("key", marker.version_id).delete_marker, true);
    EXPECT_EQ(get("key"), "second");
    remove("key", second.version_id);
    EXPECT_EQ(get("key"), "first");
    remove("key", "null");
    remove("key", first.version_id);
    EXPECT_EQ(rows("blobs"), 0u);
    EXPECT_EQ(rows("s3.versions"), 0u);
}

// Suspended: writes and deletes touch the null version only.
TEST_F(Versions, SuspendedReplacesTheNullVersion) {
    put("key", "old null");
    set_versioning("Enabled");
    const auto kept = put("key", "kept");
    set_versioning("Suspended");
    EXPECT_EQ(put("key", "new null").version_id, "null");
    EXPECT_EQ(listed(), (Lines{"key=new null*", "key=kept"}));
    EXPECT_EQ(remove("key").version_id, "null");
    EXPECT_EQ(listed(), (Lines{"key=kept", "key=deleted*"}));
    EXPECT_EQ(get("key", kept.version_id), "kept");
    EXPECT_EQ(rows("blobs"), 1u);
}

// Time that stands still, or goes back, must not put a new version behind an old one.
TEST_F(Versions, OrderDoesNotHangOnTheClock) {
    set_versioning("Enabled");
    put("key", "first");
    clock.set(clock.now() - std::chrono::hours(1));
    put("key", "second");
    clock.set(clock.now() - std::chrono::hours(1));
    put("key", "third");
    EXPECT_EQ(get("key"), "third");
    EXPECT_EQ(listed(), (Lines{"key=third*", "key=second", "key=first"}));
}

// Pages of one item cut between versions of one key: none may be lost, doubled, or called the latest twice.
TEST_F(Versions, PagesCutAnywhere) {
    set_versioning("Enabled");
    for (const char* key : {"a", "a/b", "b"}) {
        for (const char* bytes : {"1", "2", "3"}) put(key, bytes);
    }
    for (int size = 1; size <= 9; ++size) {
        EXPECT_EQ(listed({.max_keys = size}),
                  (Lines{"a=3*", "a=2", "a=1", "a/b=3*", "a/b=2", "a/b=1", "b=3*", "b=2", "b=1"}))
            << size;
    }
    EXPECT_EQ(listed({.delimiter = "/", .max_keys = 2}), (Lines{"a=3*", "a=2", "a=1", "b=3*", "b=2", "b=1"}));
    EXPECT_EQ(code(s3->list_object_versions(ctx, {.bucket = "bucket", .version_id_marker = "null"})),
              "InvalidArgument");
}

// Plain listings show what plain reads find.
TEST_F(Versions, ListObjectsHidesTheRest) {
    set_versioning("Enabled");
    put("a", "1");
    put("a", "2");
    put("b", "1");
    remove("b");
    const auto page = s3->list_objects_v2(ctx, {.bucket = "bucket"});
    ASSERT_EQ(page->contents.size(), 1u);
    EXPECT_EQ(page->contents[0].key, "a");
    EXPECT_EQ(page->key_count, 1);
}

TEST_F(Versions, TagsBelongToAVersion) {
    set_versioning("Enabled");
    const auto first = put("key", "1");
    put("key", "2");
    aws::s3::PutObjectTaggingRequest in{.bucket = "bucket", .key = "key", .version_id = first.version_id};
    in.tagging.tag_set = {{.key = "a", .value = "1"}};
    EXPECT_EQ(s3->put_object_tagging(ctx, in)->version_id, first.version_id);
    EXPECT_EQ(s3->get_object_tagging(ctx, {.bucket = "bucket", .key = "key"})->tag_set.size(), 0u);
    EXPECT_EQ(s3->get_object_tagging(ctx, {.bucket = "bucket", .key = "key", .version_id = first.version_id})
                  ->tag_set.size(),
              1u);
    in.tagging.tag_set.assign(11, {.key = "a", .value = "1"});
    EXPECT_EQ(code(s3->put_object_tagging(ctx, in)), "InvalidTag");
    EXPECT_EQ(code(s3->delete_object_tagging(ctx, {.bucket = "bucket", .key = "nothing"})), "NoSuchKey");
}

TEST_F(Versions, ListObjectsPagesLikeTheNaiveListing) {
    for (const char* key : {"a", "b/1", "b/2", "c", "d/1/x", "d/1/y", "e"}) put(key, "x");
    const auto walk = [&](const std::string& prefix, const std::optional<std::string>& delimiter, int size) {
        std::vector<std::string> items;
        std::optional<std::string> token;
        do {
            const auto page = s3->list_objects_v2(ctx, {.bucket = "bucket",
                                                        .delimiter = delimiter,
                                                        .max_keys = size,
                                                        .prefix = prefix,
                                                        .continuation_token = token});
            for (const auto& object : page->contents) items.push_back(*object.key);
            for (const auto& group : page->common_prefixes) items.push_back(*group.prefix);
            token = page->next_continuation_token;
        } while (token);
        std::sort(items.begin(), items.end());
        return items;
    };
    for (int size = 1; size < 9; ++size) {
        EXPECT_EQ(walk("", "/", size), (Lines{"a", "b/", "c", "d/", "e"})) << size;
        EXPECT_EQ(walk("d/", "/", size), (Lines{"d/1/"})) << size;
        EXPECT_EQ(walk("b", std::nullopt, size), (Lines{"b/1", "b/2"})) << size;
    }
    const auto v1 =
        s3->list_objects(ctx, {.bucket = "bucket", .delimiter = "/", .marker = "b/", .max_keys = 1});
    EXPECT_EQ(v1->contents.at(0).key, "c");
    EXPECT_EQ(v1->next_marker, "c");
    EXPECT_EQ(s3->list_objects_v2(ctx, {.bucket = "bucket", .start_after = "c"})->contents.size(), 3u);
    EXPECT_EQ(code(s3->list_objects_v2(ctx, {.bucket = "bucket", .continuation_token = "?"})),
              "InvalidArgument");
    EXPECT_EQ(code(s3->list_objects(ctx, {.bucket = "bucket", .encoding_type = "xml"})), "InvalidArgument");
    EXPECT_EQ(code(s3->list_objects(ctx, {.bucket = "bucket", .max_keys = -1})), "InvalidArgument");
    put("e f+\x01", "x");
    EXPECT_EQ(s3->list_objects_v2(ctx, {.bucket = "bucket", .encoding_type = "url", .start_after = "e"})
                  ->contents.at(0)
                  .key,
              "e%20f%2B%01");
}

}  // namespace
}  // namespace stratus::s3
