#include "stratus/store/blob_pack.h"

namespace stratus {

base::Result<base::Unit> BlobPack::sync() {
    std::unique_lock lock(mutex_);
    if (gathering_) {
        // Woken once, by the end of this batch: a crowd that wakes at every fsync costs more than the fsync.
        const auto batch = gathering_;
        batch->ended.wait(lock, [&] { return batch->done; });
        if (batch->failure) return *batch->failure;
        return base::Unit{};
    }
    const auto batch = gathering_ = std::make_shared<Batch>();
    idle_.wait(lock, [&] { return !syncing_; });
    gathering_ = nullptr;  // who comes from now on wrote too late for this fsync
    if (!failure_) {
        syncing_ = true;
        lock.unlock();
        auto synced = base::sync_data(file.get());
        lock.lock();
        syncing_ = false;
        if (!synced.ok()) failure_ = synced.take_error();
    }
    batch->failure = failure_;
    batch->done = true;
    batch->ended.notify_all();
    idle_.notify_one();
    if (batch->failure) return *batch->failure;
    return base::Unit{};
}

}  // namespace stratus
