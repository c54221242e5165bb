#include "stratus/store/blob_pack.h"

namespace stratus {

base::Result<base::Unit> BlobPack::sync() {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = ++asked_;
    while (synced_ < mine) {
        if (failure_) return *failure_;
        if (syncing_) {
            done_.wait(lock);
            continue;
        }
        syncing_ = true;
        const std::uint64_t through = asked_;
        lock.unlock();
        auto synced = base::sync_data(file.get());
        lock.lock();
        syncing_ = false;
        if (synced.ok()) {
            synced_ = through;
        } else {
            failure_ = synced.take_error();
        }
        done_.notify_all();
    }
    return base::Unit{};
}

}  // namespace stratus
