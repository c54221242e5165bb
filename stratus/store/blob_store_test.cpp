#include "stratus/store/blob_store.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <thread>

#include <gtest/gtest.h>

#include "stratus/store/memory_store.h"

namespace stratus {
namespace {

namespace fs = std::filesystem;

class BlobStoreTest : public testing::Test {
  protected:
    BlobStoreTest() { reopen(); }

    void reopen() {
        blobs.reset();
        auto opened = BlobStore::open({directory.path(), 1024 * 1024, 64 * 1024}, store);
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        blobs = opened.take();
        blobs->drain();
    }

    BlobStore::Staged stage(std::string_view bytes) {
        BlobStore::Writer writer(*blobs);
        for (std::size_t at = 0; at < bytes.size(); at += 10'000) {
            EXPECT_TRUE(writer.append(bytes.substr(at, 10'000)).ok());
        }
        auto staged = writer.finish();
        EXPECT_TRUE(staged.ok());
        return staged.take();
    }

    BlobRef put(std::string_view bytes) {
        auto staged = stage(bytes);
        EXPECT_TRUE(store.write([&](Transaction& tx) { return blobs->adopt(tx, staged.ref()); }).ok());
        staged.keep();
        return staged.ref();
    }

    void drop(const BlobRef& ref) {
        std::vector<BlobRef> dead;
        EXPECT_TRUE(store.write([&](Transaction& tx) { return blobs->release(tx, ref, dead); }).ok());
        blobs->reclaim(dead);
    }

    std::optional<std::string> get(const BlobRef& ref) {
        if (ref.length == 0) return "";
        const BlobStore::Guard guard(*blobs);
        auto file = blobs->open_blob(ref);
        if (!file.ok()) return std::nullopt;
        std::string bytes(ref.length, '\0');
        auto read =
            base::read_exactly_at((*file)->get(), std::as_writable_bytes(std::span(bytes)), ref.offset);
        if (!read.ok()) return std::nullopt;
        return bytes;
    }

    std::size_t files(const char* folder) {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(directory.path() / folder), fs::directory_iterator()));
    }

    std::uint64_t bytes_on_disk() {
        std::uint64_t bytes = 0;
        for (const auto& entry : fs::recursive_directory_iterator(directory.path())) {
            struct stat status {};
            if (entry.is_regular_file() && ::stat(entry.path().c_str(), &status) == 0) {
                bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
            }
        }
        return bytes;
    }

    base::TempDirectory directory;
    MemoryStore store;
    std::unique_ptr<BlobStore> blobs;
};

std::string body(std::size_t size, char seed) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(seed + i % 97);
    return bytes;
}

// Sizes around every border: nothing, one block, the packing limit, and beyond it.
TEST_F(BlobStoreTest, KeepsBytesAcrossARestart) {
    std::vector<std::pair<BlobRef, std::string>> kept;
    for (const std::size_t size : {0u, 1u, 4095u, 4096u, 4097u, 65'536u, 65'537u, 700'000u}) {
        const std::string bytes = body(size, 'a');
        kept.emplace_back(put(bytes), bytes);
        EXPECT_EQ(kept.back().first.packed, size > 0 && size <= 65'536) << size;
    }
    for (const auto& [ref, bytes] : kept) EXPECT_EQ(get(ref), bytes);
    reopen();
    for (const auto& [ref, bytes] : kept) EXPECT_EQ(get(ref), bytes);
}

// A crash between the bytes and their record: the bytes must go, and nothing else.
TEST_F(BlobStoreTest, SweepsWhatNoRecordNames) {
    const BlobRef small = put(body(5000, 'a')), large = put(body(100'000, 'b'));
    auto lost_small = stage(body(60'000, 'c'));
    auto lost_large = stage(body(200'000, 'd'));
    std::ofstream(directory.path() / "temporary" / "00000000ffff") << "half a body";
    // keep() without a committed record is what a crash leaves: nobody is there to discard it.
    lost_small.keep();
    lost_large.keep();
    const std::uint64_t before = bytes_on_disk();
    reopen();
    EXPECT_EQ(files("temporary"), 0u);
    EXPECT_EQ(files("files"), 1u);
    EXPECT_LE(bytes_on_disk() + 200'000 + 50'000, before);
    EXPECT_EQ(get(small), body(5000, 'a'));
    EXPECT_EQ(get(large), body(100'000, 'b'));
}

// A refused upload (bad digest, client gone) is the common case of a staged blob without a record.
TEST_F(BlobStoreTest, ADroppedStagedBlobLeavesNothing) {
    { auto staged = stage(body(300'000, 'a')); }
    {
        BlobStore::Writer writer(*blobs);
        ASSERT_TRUE(writer.append(body(300'000, 'b')).ok());
    }
    blobs->drain();
    EXPECT_EQ(files("files"), 0u);
    EXPECT_EQ(files("temporary"), 0u);
}

// Deleting objects must free the disk, also when they share a file with ones that stay.
TEST_F(BlobStoreTest, GivesSpaceBack) {
    std::vector<BlobRef> refs;
    for (int i = 0; i < 64; ++i) refs.push_back(put(body(60'000, 'a')));
    const BlobRef large = put(body(500'000, 'b'));
    const std::uint64_t full = bytes_on_disk();
    for (std::size_t i = 1; i < refs.size(); ++i) drop(refs[i]);
    drop(large);
    blobs->drain();
    EXPECT_EQ(get(refs[0]), body(60'000, 'a'));
    EXPECT_LT(bytes_on_disk(), full / 10);
    EXPECT_LE(files("packs"), 2u) << "only the pack that holds the survivor and the active one";
    EXPECT_EQ(files("files"), 0u);
}

// A reader that began before the delete gets the whole body, not zeros.
TEST_F(BlobStoreTest, AnOpenBlobOutlivesItsDeletion) {
    const std::string bytes = body(60'000, 'a');
    const BlobRef ref = put(bytes);
    auto guard = std::make_unique<BlobStore::Guard>(*blobs);
    drop(ref);
    blobs->drain();
    EXPECT_EQ(get(ref), bytes) << "the guard was there before the delete";
    auto file = blobs->open_blob(ref);
    guard.reset();
    blobs->drain();
    ASSERT_TRUE(file.ok());
    std::string read(bytes.size(), '\0');
    ASSERT_TRUE(
        base::read_exactly_at((*file)->get(), std::as_writable_bytes(std::span(read)), ref.offset).ok());
    EXPECT_EQ(read, bytes) << "it was open";
    *file = nullptr;
    blobs->drain();
    const auto gone = get(ref);
    EXPECT_TRUE(!gone || *gone == std::string(bytes.size(), '\0'));
}

// CopyObject shares bytes: the last one out turns off the light.
TEST_F(BlobStoreTest, SharedBlobsGoWithTheLastRecord) {
    const BlobRef ref = put(body(100'000, 'a'));
    ASSERT_TRUE(store.write([&](Transaction& tx) { return blobs->share(tx, ref); }).ok());
    drop(ref);
    blobs->drain();
    EXPECT_EQ(get(ref), body(100'000, 'a'));
    drop(ref);
    blobs->drain();
    EXPECT_EQ(get(ref), std::nullopt);
}

TEST_F(BlobStoreTest, ResetForgetsEverythingAndGoesOn) {
    const BlobRef small = put(body(100, 'a')), large = put(body(100'000, 'b'));
    ASSERT_TRUE(store.clear().ok());
    ASSERT_TRUE(blobs->reset().ok());
    EXPECT_EQ(get(small), std::nullopt);
    EXPECT_EQ(get(large), std::nullopt);
    const BlobRef after = put(body(100, 'c'));
    blobs->drain();
    EXPECT_EQ(files("trash"), 0u);
    EXPECT_EQ(get(after), body(100, 'c'));
}

// Many writers, readers and deleters on few packs: every body that is read is the one that was written.
TEST_F(BlobStoreTest, ConcurrentUse) {
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 40; ++i) {
                const std::string bytes = body(static_cast<std::size_t>(1000 + 2000 * ((t * 7 + i) % 40)),
                                               static_cast<char>('a' + t));
                const BlobRef ref = put(bytes);
                if (get(ref) != bytes) ++wrong;
                if (i % 3 != 0) drop(ref);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace stratus
