#include "base/executor.h"

#include <pthread.h>
#include <utility>

#include "base/check.h"

namespace base {

ThreadPool::ThreadPool(Options options) : options_(std::move(options)) {
    CHECK(options_.threads > 0, "a pool has at least one thread");
    for (std::size_t i = 0; i < options_.threads; ++i) {
        threads_.emplace_back([this] { run(); });
        const std::string name = options_.name.substr(0, 11) + "-" + std::to_string(i);
        pthread_setname_np(threads_.back().native_handle(), name.c_str());
    }
}

ThreadPool::~ThreadPool() {
    stop();
}

bool ThreadPool::try_submit(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || tasks_.size() >= options_.queue_max) return false;
        tasks_.push_back(std::move(task));
    }
    work_.notify_one();
    return true;
}

bool ThreadPool::submit(std::function<void()> task) {
    {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return stopping_ || tasks_.size() < options_.queue_max; });
        if (stopping_) return false;
        tasks_.push_back(std::move(task));
    }
    work_.notify_one();
    return true;
}

void ThreadPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_all();
    room_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t ThreadPool::queued() const {
    const std::lock_guard lock(mutex_);
    return tasks_.size();
}

void ThreadPool::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        std::function<void()> task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        room_.notify_one();
        task();
        task = nullptr;  // what it captured goes before the lock is taken again
        lock.lock();
    }
}

}  // namespace base
