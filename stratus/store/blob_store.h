// BlobStore: the bytes of objects. Records live in the Store; a record that holds bytes holds a BlobRef.
//
//   auto staged = TRY(writer->finish());                          the bytes are on disk, nobody knows them
//   store.write([&](Transaction& tx) { ... TRY(blobs.adopt(tx, staged.ref())); put the record ... });
//   staged.keep();                                                dropped without keep(): the bytes go away
//
// Small bodies share pack files, so that many of them become durable with one fsync; a larger one has a file
// of its own (temporary name, fsync, rename, fsync of the directory). A blob never moves and is never
// changed. Which blobs live is told by one table, "blobs", written in the caller's own transactions: what it
// does not name when the process starts is swept, so a crash leaves neither half an object nor an orphan.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/describe/class.hpp>

#include "base/files.h"
#include "base/result.h"
#include "stratus/store/store.h"

namespace stratus {

/// Where a blob's bytes are. A value; part of the records that hold blobs. A blob of no bytes is nowhere.
struct BlobRef {
    std::uint64_t file = 0;  ///< number of the pack or of the blob's own file; the two never share numbers
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    bool packed = false;

    friend auto operator<=>(const BlobRef&, const BlobRef&) = default;
};
BOOST_DESCRIBE_STRUCT(BlobRef, (), (file, offset, length, packed))

struct BlobPack;

/// Thread-safe. Borrows the Store. Failures of the disk come back as Failures and leave nothing behind.
class BlobStore {
  public:
    struct Options {
        std::filesystem::path directory;
        std::uint64_t pack_bytes = 64 * 1024 * 1024;  ///< a pack is closed when it has this size
        std::uint64_t packed_bytes_max = 256 * 1024;  ///< larger blobs get files of their own
    };

    static base::Result<std::unique_ptr<BlobStore>> open(Options options, Store& store);
    ~BlobStore();
    BlobStore(const BlobStore&) = delete;
    BlobStore& operator=(const BlobStore&) = delete;

    /// Bytes on disk that no committed record names yet. Movable, one thread.
    class Staged {
      public:
        Staged() = default;
        Staged(BlobStore& blobs, const BlobRef& ref) : blobs_(&blobs), ref_(ref) {}
        Staged(Staged&& other) noexcept : blobs_(std::exchange(other.blobs_, nullptr)), ref_(other.ref_) {}
        Staged& operator=(Staged&& other) noexcept;
        ~Staged();

        const BlobRef& ref() const { return ref_; }
        /// The transaction that adopted it is committed.
        void keep();

      private:
        BlobStore* blobs_ = nullptr;
        BlobRef ref_;
    };

    /// Takes a body piece by piece; holds at most `packed_bytes_max` of it in memory. One thread. Dropped
    /// before finish() it leaves nothing.
    class Writer {
      public:
        explicit Writer(BlobStore& blobs) : blobs_(blobs) {}
        ~Writer();
        Writer(const Writer&) = delete;
        Writer& operator=(const Writer&) = delete;

        base::Result<base::Unit> append(std::string_view bytes);
        /// Makes it durable. Once.
        base::Result<Staged> finish();
        std::uint64_t length() const { return length_; }

      private:
        base::Result<base::Unit> spill();

        BlobStore& blobs_;
        std::string buffer_;  // until spill()
        base::Fd file_;
        std::uint64_t number_ = 0;  // of the own file; 0 = none
        std::uint64_t length_ = 0;
        std::uint64_t flushed_ = 0;
    };

    std::uint64_t packed_bytes_max() const { return options_.packed_bytes_max; }
    /// One whole small body, and its MD5 (16 raw bytes).
    struct Packed {
        Staged staged;
        std::string md5;
    };
    /// At most `packed_bytes_max` bytes, and at least one. Waits for the disk together with all who write
    /// now: one of them does one fsync, and computes the MD5s side by side, for all.
    base::Result<Packed> write_packed(std::string_view bytes);

    // Inside a transaction of the same Store. A blob is referred to by as many records as adopted or shared
    // it.
    base::Result<base::Unit> adopt(Transaction& tx, const BlobRef& ref);
    base::Result<base::Unit> share(Transaction& tx, const BlobRef& ref);
    /// One record less. The last one's blob is added to `dead`, to be given to reclaim() after the commit.
    base::Result<base::Unit> release(Transaction& tx, const BlobRef& ref, std::vector<BlobRef>& dead);

    /// Frees the space of blobs that no committed record names, once nobody can be reading them.
    void reclaim(const std::vector<BlobRef>& dead);

    /// Held from before a record is read until its blobs are open: what the record names stays readable.
    class Guard {
      public:
        explicit Guard(BlobStore& blobs) : blobs_(blobs), epoch_(blobs.enter()) {}
        ~Guard() { blobs_.leave(epoch_); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        BlobStore& blobs_;
        std::uint64_t epoch_;
    };

    /// The file the blob is in, at ref.offset. The bytes stay until the pointer goes, deleted or not.
    /// REQUIRES: a Guard since before the record was read; ref.length > 0.
    base::Result<std::shared_ptr<base::Fd>> open_blob(const BlobRef& ref);

    /// Forgets everything at once; the files go in the background. For --test-endpoints' reset, after
    /// Store::clear().
    base::Result<base::Unit> reset();

    /// Returns when the start's sweep and all reclaiming so far is done. For tests and orderly benches.
    void drain();

  private:
    struct Pin {
        std::uint32_t readers = 0;
        bool doomed = false;
    };
    struct Pending {
        std::uint64_t epoch;
        BlobRef ref;
    };
    class PackLease;
    struct Batch;
    struct BatchMember {
        std::string_view bytes;
        std::shared_ptr<BlobPack> pack;
        std::string md5;
        std::optional<base::Failure> failure;
    };

    BlobStore(Options options, Store& store) : options_(std::move(options)), store_(store) {}
    base::Result<base::Unit> start();
    base::Result<base::Unit> list_old_files();

    std::filesystem::path own_path(std::uint64_t number) const;
    std::filesystem::path temporary_path(std::uint64_t number) const;
    std::filesystem::path pack_path(std::uint64_t number) const;

    std::uint64_t take_number();
    base::Result<std::shared_ptr<BlobPack>> reserve(std::uint64_t length, std::uint64_t& offset);
    base::Result<std::shared_ptr<BlobPack>> find_pack(std::uint64_t number);
    void retire(const std::shared_ptr<BlobPack>& pack);
    void settle_in_batch(BatchMember& member);
    void settle(const std::vector<BatchMember*>& members);
    void unstage(const BlobRef& ref);
    void discard(const BlobRef& ref);

    std::uint64_t enter();
    void leave(std::uint64_t epoch);
    void unpin(const BlobRef& ref);
    void drain_pending();  // REQUIRES: mutex_ held

    void run_reclaimer();
    void erase(const BlobRef& ref);
    void unlink_pack_if_empty(std::uint64_t number);
    void sweep();
    void sweep_pack(std::uint64_t number);
    void empty_trash();

    const Options options_;
    Store& store_;

    std::mutex batch_mutex_;
    std::condition_variable batch_turn_;  // for the one who settles the next batch
    std::shared_ptr<Batch> gathering_;    // null: who comes next begins a batch
    bool settling_ = false;

    std::mutex mutex_;
    std::condition_variable wake_;  // the reclaimer, and drain()
    std::uint64_t next_number_ = 1;
    std::uint64_t first_number_ = 1;  // what reset() forgot has smaller numbers
    std::shared_ptr<BlobPack> active_;
    std::map<std::uint64_t, std::shared_ptr<BlobPack>> packs_;  // open ones, a cache
    std::unordered_map<std::uint64_t, std::uint32_t> staged_;   // pack -> blobs without a record yet
    std::map<BlobRef, Pin> pins_;                               // packed blobs being read
    std::map<std::uint64_t, std::uint32_t> guards_;             // epoch -> guards entered in it
    std::uint64_t epoch_ = 1;
    std::deque<Pending> pending_;  // released; a guard may still see them
    std::deque<BlobRef> erasable_;
    std::vector<std::uint64_t> old_packs_, old_files_;  // what was there at the start; the sweep's work
    std::set<BlobRef> dead_since_start_;                // the sweep leaves these to the reclaimer
    bool sweeping_ = true;
    bool busy_ = false;
    bool trash_ = false;
    bool stopping_ = false;
    std::thread reclaimer_;
};

}  // namespace stratus
