#include "net/body_pipe.h"

#include <algorithm>
#include <cstring>

namespace net {

base::Result<std::size_t> BodyPipe::read(std::span<std::byte> out) {
    std::unique_lock lock(mutex_);
    readable_.wait(lock, [this] { return read_ < bytes_.size() || finished_ || failure_; });
    const std::size_t count = std::min(out.size(), bytes_.size() - read_);
    if (count == 0) {
        if (failure_ && !out.empty()) return *failure_;
        return std::size_t{0};
    }
    std::memcpy(out.data(), bytes_.data() + read_, count);
    read_ += count;
    if (read_ == bytes_.size()) {
        bytes_.clear();
        read_ = 0;
    } else if (read_ > capacity_) {
        bytes_.erase(0, std::exchange(read_, 0));
    }
    const bool resume = paused_ && bytes_.size() - read_ <= capacity_ / 2;
    if (resume) paused_ = false;
    lock.unlock();
    if (resume) resume_();
    return count;
}

bool BodyPipe::push(std::string_view bytes) {
    bool has_room = true;
    {
        const std::lock_guard lock(mutex_);
        bytes_ += bytes;
        has_room = bytes_.size() - read_ < capacity_;
        paused_ = !has_room;
    }
    readable_.notify_one();
    return has_room;
}

void BodyPipe::finish() {
    {
        const std::lock_guard lock(mutex_);
        finished_ = true;
    }
    readable_.notify_all();
}

void BodyPipe::fail(base::Failure failure) {
    {
        const std::lock_guard lock(mutex_);
        if (!finished_ && !failure_) failure_ = std::move(failure);
    }
    readable_.notify_all();
}

}  // namespace net
