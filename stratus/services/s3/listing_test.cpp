#include "stratus/services/s3/listing.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace stratus::s3 {
namespace {

struct Row {
    std::string key;
};

class SetCursor final : public Cursor<Row> {
  public:
    SetCursor(const std::set<std::string>& keys, const std::string& from, const std::string& after)
        : keys_(keys), at_(std::max(keys.lower_bound(from), keys.upper_bound(after), [&](auto a, auto b) {
              return before(a, b);
          })) {
        if (after.empty()) at_ = keys.lower_bound(from);
    }
    base::Result<const Row*> peek() override {
        if (at_ == keys_.end()) return nullptr;
        row_.key = *at_;
        return &row_;
    }
    void advance() override { ++at_; }
    base::Result<base::Unit> seek(std::string_view key) override {
        ++seeks;
        at_ = keys_.lower_bound(std::string(key));
        return base::Unit{};
    }
    int seeks = 0;

  private:
    using At = std::set<std::string>::const_iterator;
    bool before(At a, At b) const { return a != keys_.end() && (b == keys_.end() || *a < *b); }

    const std::set<std::string>& keys_;
    At at_;
    Row row_;
};

/// What S3's documentation says, with no thought for cost: every item of a listing, in order.
std::vector<std::string> naive(const std::set<std::string>& keys, const std::string& prefix,
                               const std::string& delimiter) {
    std::set<std::string> items;
    for (const std::string& key : keys) {
        if (!key.starts_with(prefix)) continue;
        const std::size_t found = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
        items.insert(found == std::string::npos ? key : key.substr(0, found + delimiter.size()));
    }
    return {items.begin(), items.end()};
}

std::vector<std::string> items_of(const Listing<Row>& page) {
    std::set<std::string> items;
    for (const Row& row : page.rows) items.insert(row.key);
    for (const std::string& prefix : page.common_prefixes) items.insert(prefix);
    return {items.begin(), items.end()};
}

// Sync tools delete what a listing does not show. Random key sets over a small alphabet (so that prefixes,
// delimiters and keys collide often), every page size, against the naive listing.
TEST(Listing, PagesTogetherAreTheNaiveListing) {
    std::mt19937 random(20240607);
    const auto word = [&](std::size_t length_max) {
        std::string text(random() % (length_max + 1), ' ');
        for (char& c : text) c = "ab/\xc3"[random() % 4];
        return text;
    };
    for (int round = 0; round < 3000; ++round) {
        std::set<std::string> keys;
        for (std::size_t i = random() % 20; i > 0; --i) {
            std::string key = word(6);
            if (!key.empty()) keys.insert(key);
        }
        const std::string prefix = word(2);
        const std::string delimiter = std::vector<std::string>{"", "/", "a", "//", "ab"}[random() % 5];
        const std::size_t page_size = 1 + random() % 5;
        std::vector<std::string> seen;
        std::string after;
        for (int pages = 0;; ++pages) {
            ASSERT_LT(pages, 50) << "round " << round << " does not end";
            SetCursor cursor(keys, prefix, after);
            auto page = list<Row>(cursor, {prefix, delimiter, after, page_size});
            ASSERT_TRUE(page.ok());
            const auto items = items_of(*page);
            ASSERT_LE(items.size(), page_size);
            ASSERT_EQ(items.size(), page->rows.size() + page->common_prefixes.size());
            seen.insert(seen.end(), items.begin(), items.end());
            if (!page->truncated) break;
            ASSERT_EQ(items.size(), page_size);
            after = page->last;
        }
        EXPECT_EQ(seen, naive(keys, prefix, delimiter)) << "round " << round;
    }
}

// "Directories" with a million files must cost one step, or every `aws s3 ls` reads the whole bucket.
TEST(Listing, AGroupCostsOneSeek) {
    std::set<std::string> keys;
    for (int i = 0; i < 1000; ++i) keys.insert("logs/" + std::to_string(i));
    keys.insert("zoo");
    SetCursor cursor(keys, "", "");
    auto page = list<Row>(cursor, {"", "/", "", 1000});
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->common_prefixes, std::vector<std::string>{"logs/"});
    EXPECT_EQ(page->rows.size(), 1u);
    EXPECT_EQ(cursor.seeks, 1);
}

// max-keys=0 is asked by existence checks; S3 says "nothing, and not truncated".
TEST(Listing, ZeroItemsIsNotTruncated) {
    const std::set<std::string> keys{"a"};
    SetCursor cursor(keys, "", "");
    auto page = list<Row>(cursor, {"", "", "", 0});
    EXPECT_TRUE(page.ok() && page->rows.empty() && !page->truncated);
}

}  // namespace
}  // namespace stratus::s3
