// The other half of BlobStore: giving space back, now and after a crash.
#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "base/log.h"
#include "stratus/store/blob_pack.h"
#include "stratus/store/blob_store.h"
#include "stratus/store/blob_table.h"

namespace stratus {

namespace {

constexpr std::size_t sweep_page = 1000;

/// Gives the blocks of a range back to the file system. One that cannot is asked once and keeps its space
/// until the whole pack is empty.
void punch(int descriptor, std::uint64_t offset, std::uint64_t length) {
    if (length == 0) return;
    if (::fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                    static_cast<off_t>(length)) != 0 &&
        errno != EOPNOTSUPP) {
        base::log_warning("blobs", "space was not given back", {{"errno", errno}});
    }
}

std::uint64_t allocated_bytes(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return UINT64_MAX;
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

void warn(const base::Failure& failure) {
    base::log_warning("blobs", "reclaiming failed; the next start tries again", {{"cause", failure.what}});
}

}  // namespace

void BlobStore::reclaim(const std::vector<BlobRef>& dead) {
    const std::scoped_lock lock(mutex_);
    ++epoch_;  // guards entered from now on cannot see these
    for (const BlobRef& ref : dead) {
        if (ref.length == 0) continue;
        pending_.push_back({epoch_, ref});
        if (sweeping_) dead_since_start_.insert(ref);
    }
    drain_pending();
}

void BlobStore::drain_pending() {
    const std::uint64_t oldest = guards_.empty() ? UINT64_MAX : guards_.begin()->first;
    bool any = false;
    for (; !pending_.empty() && pending_.front().epoch <= oldest; pending_.pop_front()) {
        const BlobRef& ref = pending_.front().ref;
        if (const auto pin = pins_.find(ref); pin != pins_.end()) {
            pin->second.doomed = true;
        } else {
            erasable_.push_back(ref);
            any = true;
        }
    }
    if (any) wake_.notify_all();
}

void BlobStore::run_reclaimer() {
    empty_trash();
    sweep();
    std::unique_lock lock(mutex_);
    trash_ = false;
    while (!stopping_) {
        if (erasable_.empty() && !trash_) {
            busy_ = false;
            wake_.notify_all();
            wake_.wait(lock, [&] { return stopping_ || !erasable_.empty() || trash_; });
            continue;
        }
        busy_ = true;
        std::deque<BlobRef> work;
        work.swap(erasable_);
        const bool trash = std::exchange(trash_, false);
        lock.unlock();
        if (trash) empty_trash();
        for (const BlobRef& ref : work) erase(ref);
        lock.lock();
    }
    busy_ = false;
    wake_.notify_all();
}

void BlobStore::drain() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return stopping_ || (!sweeping_ && !busy_ && erasable_.empty() && !trash_); });
}

void BlobStore::erase(const BlobRef& ref) {
    {
        const std::scoped_lock lock(mutex_);
        if (ref.file < first_number_) return;  // reset() took the whole file
    }
    if (!ref.packed) {
        auto removed = base::remove_file(own_path(ref.file));
        if (!removed.ok() && removed.error().kind != base::FailureKind::not_found) warn(removed.error());
        return;
    }
    auto pack = find_pack(ref.file);
    if (!pack.ok()) return;
    const int descriptor = (*pack)->file.get();
    punch(descriptor, ref.offset, BlobPack::round_up(ref.length));
    if (allocated_bytes(descriptor) <= 16 * BlobPack::alignment) unlink_pack_if_empty(ref.file);
}

void BlobStore::unlink_pack_if_empty(std::uint64_t number) {
    const auto in_use = [&] { return (active_ && active_->number == number) || staged_.contains(number); };
    {
        const std::scoped_lock lock(mutex_);
        if (in_use()) return;
    }
    auto rows = store_.read(
        [&](const Snapshot& at) { return blob_rows.scan(at, Range::prefix(pack_prefix(number)), 1); });
    if (!rows.ok() || !rows->empty()) return;
    const std::scoped_lock lock(mutex_);
    packs_.erase(number);
    std::ignore = base::remove_file(pack_path(number));
}

/// Removes what was on disk at the start and is in no record: written or released just before a crash.
void BlobStore::sweep() {
    std::vector<std::uint64_t> packs, files;
    {
        const std::scoped_lock lock(mutex_);
        packs = std::move(old_packs_);
        files = std::move(old_files_);
    }
    const auto stopping = [&] {
        const std::scoped_lock lock(mutex_);
        return stopping_;
    };
    for (const std::uint64_t number : files) {
        if (stopping()) return;
        const BlobRef ref{.file = number, .length = 1};
        auto row = store_.read([&](const Snapshot& at) { return blob_rows.get(at, blob_key(ref)); });
        if (row.ok() && !*row) erase(ref);
    }
    for (const std::uint64_t number : packs) {
        if (stopping()) return;
        sweep_pack(number);
    }
    const std::scoped_lock lock(mutex_);
    sweeping_ = false;
    dead_since_start_.clear();
    wake_.notify_all();
}

void BlobStore::sweep_pack(std::uint64_t number) {
    // No blob is added to an old pack, so what this snapshot does not name is dead. It may still be read:
    // by whoever looked before the snapshot. Those are waited for until they have opened (and so pinned) it.
    std::map<std::uint64_t, std::uint64_t> live;  // offset -> end
    Range range = Range::prefix(pack_prefix(number));
    for (;;) {
        auto rows = store_.read([&](const Snapshot& at) { return blob_rows.scan(at, range, sweep_page); });
        if (!rows.ok()) return warn(rows.error());
        for (const auto& row : *rows) {
            KeyReader reader(row.key);
            std::ignore = reader.number();
            std::ignore = reader.number();
            auto offset = reader.number();
            if (!offset.ok()) return warn(offset.error());
            live[*offset] = *offset + BlobPack::round_up(row.record.length);
        }
        if (rows->size() < sweep_page) break;
        range.after = rows->back().key;
    }
    auto pack = find_pack(number);
    if (!pack.ok()) return;
    std::unique_lock lock(mutex_);
    const std::uint64_t epoch = ++epoch_;
    wake_.wait(lock, [&] { return stopping_ || guards_.empty() || guards_.begin()->first >= epoch; });
    const auto spare = [&](const BlobRef& ref) {
        if (ref.packed && ref.file == number) live[ref.offset] = ref.offset + BlobPack::round_up(ref.length);
    };
    for (const BlobRef& ref : dead_since_start_) spare(ref);
    for (const auto& [ref, pin] : pins_) spare(ref);
    if (live.empty()) {
        packs_.erase(number);
        std::ignore = base::remove_file(pack_path(number));
        return;
    }
    auto size = base::file_size((*pack)->file.get());
    if (!size.ok()) return warn(size.error());
    std::uint64_t gap = 0;
    for (const auto& [offset, end] : live) {
        punch((*pack)->file.get(), gap, offset - gap);
        gap = end;
    }
    if (gap < *size) punch((*pack)->file.get(), gap, BlobPack::round_up(*size - gap));
}

base::Result<base::Unit> BlobStore::reset() {
    const std::scoped_lock lock(mutex_);
    for (const char* part : {"packs", "files"}) {
        const auto from = options_.directory / part;
        std::error_code error;
        std::filesystem::rename(from, options_.directory / "trash" / fmt::format("{:x}", next_number_++),
                                error);
        if (error) return base::failure_from_errno(error.value(), "set blobs aside");
        TRY(base::make_directories(from));
    }
    first_number_ = next_number_;
    active_.reset();
    packs_.clear();
    staged_.clear();
    pending_.clear();
    erasable_.clear();
    old_packs_.clear();
    old_files_.clear();
    trash_ = true;
    wake_.notify_all();
    return base::Unit{};
}

void BlobStore::empty_trash() {
    std::error_code error;
    for (std::filesystem::directory_iterator it(options_.directory / "trash", error), end;
         !error && it != end; it.increment(error)) {
        std::error_code ignored;
        std::filesystem::remove_all(it->path(), ignored);
    }
}

}  // namespace stratus
