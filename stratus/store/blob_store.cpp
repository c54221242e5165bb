#include "stratus/store/blob_store.h"

#include <algorithm>
#include <fcntl.h>

#include <fmt/format.h>

#include "base/check.h"
#include "base/md5_many.h"
#include "stratus/store/blob_pack.h"
#include "stratus/store/blob_table.h"

namespace stratus {

namespace {

constexpr std::size_t open_packs_max = 128;
constexpr std::uint64_t flush_bytes = 8 * 1024 * 1024;

/// The numbers in the names of a directory's files; anything else there is not ours and stays.
base::Result<std::vector<std::uint64_t>> numbers_in(const std::filesystem::path& directory) {
    std::vector<std::uint64_t> numbers;
    std::error_code error;
    for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
        const std::string name = it->path().filename();
        char* stop = nullptr;
        const std::uint64_t number = std::strtoull(name.c_str(), &stop, 16);
        if (!name.empty() && *stop == '\0') numbers.push_back(number);
    }
    if (error) return base::failure_from_errno(error.value(), "list " + directory.string());
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

}  // namespace

base::Result<std::unique_ptr<BlobStore>> BlobStore::open(Options options, Store& store) {
    std::unique_ptr<BlobStore> blobs(new BlobStore(std::move(options), store));
    TRY(blobs->start());
    return blobs;
}

base::Result<base::Unit> BlobStore::start() {
    for (const char* part : {"packs", "files", "temporary", "trash"}) {
        TRY(base::make_directories(options_.directory / part));
    }
    TRY(list_old_files());
    trash_ = true;
    reclaimer_ = std::thread([this] { run_reclaimer(); });
    return base::Unit{};
}

base::Result<base::Unit> BlobStore::list_old_files() {
    const auto temporary = TRY(numbers_in(options_.directory / "temporary"));
    for (const std::uint64_t number : temporary) TRY(base::remove_file(temporary_path(number)));
    old_packs_ = TRY(numbers_in(options_.directory / "packs"));
    old_files_ = TRY(numbers_in(options_.directory / "files"));
    for (const auto* numbers : {&old_packs_, &old_files_}) {
        if (!numbers->empty()) next_number_ = std::max(next_number_, numbers->back() + 1);
    }
    return base::Unit{};
}

BlobStore::~BlobStore() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (reclaimer_.joinable()) reclaimer_.join();
}

std::filesystem::path BlobStore::own_path(std::uint64_t number) const {
    return options_.directory / "files" / fmt::format("{:012x}", number);
}

std::filesystem::path BlobStore::temporary_path(std::uint64_t number) const {
    return options_.directory / "temporary" / fmt::format("{:012x}", number);
}

std::filesystem::path BlobStore::pack_path(std::uint64_t number) const {
    return options_.directory / "packs" / fmt::format("{:012x}", number);
}

std::uint64_t BlobStore::take_number() {
    const std::scoped_lock lock(mutex_);
    return next_number_++;
}

// ---- writing

BlobStore::Staged& BlobStore::Staged::operator=(Staged&& other) noexcept {
    if (this == &other) return *this;
    if (blobs_) blobs_->discard(ref_);
    blobs_ = std::exchange(other.blobs_, nullptr);
    ref_ = other.ref_;
    return *this;
}

BlobStore::Staged::~Staged() {
    if (blobs_) blobs_->discard(ref_);
}

void BlobStore::Staged::keep() {
    if (blobs_) blobs_->unstage(ref_);
    blobs_ = nullptr;
}

/// Hands out space in the active pack, beginning a new one when it is full.
base::Result<std::shared_ptr<BlobPack>> BlobStore::reserve(std::uint64_t length, std::uint64_t& offset) {
    const std::uint64_t space = BlobPack::round_up(length);
    const std::scoped_lock lock(mutex_);
    if (!active_ || active_->reserved + space > options_.pack_bytes) {
        const std::uint64_t number = next_number_++;
        base::Fd file = TRY(base::open_file(pack_path(number), O_RDWR | O_CREAT | O_EXCL));
        TRY(base::sync_directory(options_.directory / "packs"));
        active_ = std::make_shared<BlobPack>(number, std::move(file));
        packs_[number] = active_;
    }
    offset = active_->reserved;
    active_->reserved += space;
    ++staged_[active_->number];
    return active_;
}

/// A pack that failed to reach the disk takes no more blobs: the kernel forgets which pages it could not
/// write.
void BlobStore::retire(const std::shared_ptr<BlobPack>& pack) {
    const std::scoped_lock lock(mutex_);
    if (active_ == pack) active_.reset();
}

base::Result<BlobStore::Packed> BlobStore::write_packed(std::string_view bytes) {
    CHECK(!bytes.empty(), "a blob of no bytes is nowhere");
    std::uint64_t offset = 0;
    BatchMember member{.bytes = bytes, .pack = TRY(reserve(bytes.size(), offset)), .md5 = {}, .failure = {}};
    Packed packed{Staged(*this, BlobRef{member.pack->number, offset, bytes.size(), true}), {}};
    TRY(base::write_all_at(member.pack->file.get(), bytes, offset));
    settle_in_batch(member);
    if (member.failure) return *member.failure;
    packed.md5 = std::move(member.md5);
    return packed;
}

/// Those who are settled together. Each is woken once, by the end of its batch: a crowd that wakes at every
/// fsync costs more than the fsync.
struct BlobStore::Batch {
    std::vector<BatchMember*> members;
    std::condition_variable ended;
    bool done = false;
};

void BlobStore::settle_in_batch(BatchMember& member) {
    std::unique_lock lock(batch_mutex_);
    if (gathering_) {
        const auto batch = gathering_;
        batch->members.push_back(&member);
        batch->ended.wait(lock, [&] { return batch->done; });
        return;
    }
    const auto batch = gathering_ = std::make_shared<Batch>();
    batch->members.push_back(&member);
    batch_turn_.wait(lock, [&] { return !settling_; });
    settling_ = true;
    gathering_ = nullptr;
    lock.unlock();
    settle(batch->members);
    lock.lock();
    settling_ = false;
    batch->done = true;
    batch->ended.notify_all();
    batch_turn_.notify_one();
}

void BlobStore::settle(const std::vector<BatchMember*>& members) {
    std::vector<std::string_view> texts;
    for (const BatchMember* member : members) texts.push_back(member->bytes);
    std::vector<std::string> digests = base::md5_many(texts);
    std::map<BlobPack*, std::optional<base::Failure>> synced;
    for (std::size_t i = 0; i < members.size(); ++i) {
        BatchMember& member = *members[i];
        const auto [at, first] = synced.try_emplace(member.pack.get());
        if (first) {
            auto result = base::sync_data(member.pack->file.get());
            if (!result.ok()) {
                at->second = result.take_error();
                retire(member.pack);
            }
        }
        member.md5 = std::move(digests[i]);
        member.failure = at->second;
    }
}

BlobStore::Writer::~Writer() {
    if (number_ != 0) std::ignore = base::remove_file(blobs_.temporary_path(number_));
}

base::Result<base::Unit> BlobStore::Writer::append(std::string_view bytes) {
    if (number_ == 0) {
        if (buffer_.size() + bytes.size() <= blobs_.options_.packed_bytes_max) {
            buffer_ += bytes;
            length_ += bytes.size();
            return base::Unit{};
        }
        TRY(spill());
    }
    TRY(base::write_all_at(file_.get(), bytes, length_));
    length_ += bytes.size();
    if (length_ - flushed_ >= flush_bytes) {
        // Starts the write-back early, so that finish() does not have the whole body to wait for.
        ::sync_file_range(file_.get(), static_cast<off_t>(flushed_), static_cast<off_t>(length_ - flushed_),
                          SYNC_FILE_RANGE_WRITE);
        flushed_ = length_;
    }
    return base::Unit{};
}

base::Result<base::Unit> BlobStore::Writer::spill() {
    const std::uint64_t number = blobs_.take_number();
    file_ = TRY(base::open_file(blobs_.temporary_path(number), O_RDWR | O_CREAT | O_EXCL));
    number_ = number;
    TRY(base::write_all_at(file_.get(), buffer_, 0));
    buffer_.clear();
    buffer_.shrink_to_fit();
    return base::Unit{};
}

base::Result<BlobStore::Staged> BlobStore::Writer::finish() {
    if (number_ == 0 && buffer_.empty()) return Staged(blobs_, BlobRef{});
    if (number_ == 0) return std::move(TRY(blobs_.write_packed(buffer_)).staged);
    TRY(base::sync_data(file_.get()));
    std::error_code error;
    std::filesystem::rename(blobs_.temporary_path(number_), blobs_.own_path(number_), error);
    if (error) return base::failure_from_errno(error.value(), "rename a blob");
    Staged staged(blobs_, BlobRef{std::exchange(number_, 0), 0, length_, false});
    auto synced = base::sync_directory(blobs_.options_.directory / "files");
    if (!synced.ok()) return synced.take_error();
    return staged;
}

/// A staged packed blob is now named by a record.
void BlobStore::unstage(const BlobRef& ref) {
    if (!ref.packed || ref.length == 0) return;
    const std::scoped_lock lock(mutex_);
    const auto found = staged_.find(ref.file);
    if (found != staged_.end() && --found->second == 0) staged_.erase(found);
}

/// A staged blob that no record will ever name; nobody else has seen it.
void BlobStore::discard(const BlobRef& ref) {
    unstage(ref);
    reclaim({ref});
}

// ---- records

base::Result<base::Unit> BlobStore::adopt(Transaction& tx, const BlobRef& ref) {
    if (ref.length == 0) return base::Unit{};
    {
        const std::scoped_lock lock(mutex_);
        if (ref.file < first_number_) {
            return base::Failure{base::FailureKind::unavailable, "the store was reset under a write"};
        }
    }
    return blob_rows.put(tx, blob_key(ref), BlobRow{.length = ref.length, .references = 1});
}

base::Result<base::Unit> BlobStore::share(Transaction& tx, const BlobRef& ref) {
    if (ref.length == 0) return base::Unit{};
    auto row = TRY(blob_rows.get(tx, blob_key(ref)));
    if (!row) return base::Failure{base::FailureKind::corrupt, "a record names a blob that is not there"};
    ++row->references;
    return blob_rows.put(tx, blob_key(ref), *row);
}

base::Result<base::Unit> BlobStore::release(Transaction& tx, const BlobRef& ref, std::vector<BlobRef>& dead) {
    if (ref.length == 0) return base::Unit{};
    auto row = TRY(blob_rows.get(tx, blob_key(ref)));
    if (!row) return base::Failure{base::FailureKind::corrupt, "a record names a blob that is not there"};
    if (--row->references > 0) return blob_rows.put(tx, blob_key(ref), *row);
    dead.push_back(ref);
    return blob_rows.erase(tx, blob_key(ref));
}

// ---- reading

/// Keeps a pack open and one of its blobs from being reclaimed.
class BlobStore::PackLease {
  public:
    PackLease(BlobStore& blobs, const BlobRef& ref, std::shared_ptr<BlobPack> pack)
        : blobs_(blobs), ref_(ref), pack_(std::move(pack)) {}
    ~PackLease() { blobs_.unpin(ref_); }
    PackLease(const PackLease&) = delete;
    PackLease& operator=(const PackLease&) = delete;
    base::Fd* file() { return &pack_->file; }

  private:
    BlobStore& blobs_;
    const BlobRef ref_;
    const std::shared_ptr<BlobPack> pack_;
};

base::Result<std::shared_ptr<base::Fd>> BlobStore::open_blob(const BlobRef& ref) {
    CHECK(ref.length > 0, "a blob of no bytes has no file");
    if (!ref.packed) {
        return std::make_shared<base::Fd>(TRY(base::open_file(own_path(ref.file), O_RDONLY)));
    }
    auto pack = TRY(find_pack(ref.file));
    {
        const std::scoped_lock lock(mutex_);
        ++pins_[ref].readers;
    }
    const auto lease = std::make_shared<PackLease>(*this, ref, std::move(pack));
    return std::shared_ptr<base::Fd>(lease, lease->file());
}

base::Result<std::shared_ptr<BlobPack>> BlobStore::find_pack(std::uint64_t number) {
    {
        const std::scoped_lock lock(mutex_);
        const auto found = packs_.find(number);
        if (found != packs_.end()) return found->second;
    }
    base::Fd file = TRY(base::open_file(pack_path(number), O_RDWR));
    const std::scoped_lock lock(mutex_);
    if (packs_.size() >= open_packs_max) packs_.erase(packs_.begin());  // users of it keep theirs open
    auto& slot = packs_[number];
    if (!slot) slot = std::make_shared<BlobPack>(number, std::move(file));
    return slot;
}

void BlobStore::unpin(const BlobRef& ref) {
    const std::scoped_lock lock(mutex_);
    const auto pin = pins_.find(ref);
    if (pin == pins_.end() || --pin->second.readers > 0) return;
    if (pin->second.doomed) {
        erasable_.push_back(ref);
        wake_.notify_all();
    }
    pins_.erase(pin);
}

std::uint64_t BlobStore::enter() {
    const std::scoped_lock lock(mutex_);
    ++guards_[epoch_];
    return epoch_;
}

void BlobStore::leave(std::uint64_t epoch) {
    const std::scoped_lock lock(mutex_);
    const auto found = guards_.find(epoch);
    if (--found->second > 0) return;
    guards_.erase(found);
    drain_pending();
    if (sweeping_) wake_.notify_all();
}

}  // namespace stratus
