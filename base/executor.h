// A bounded pool of threads that run plain functions.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace base {

/// Runs tasks in the order given, on any of its threads. Thread-safe. A task that throws ends the process.
class ThreadPool {
  public:
    struct Options {
        std::string name = "pool";  ///< thread names, at most 11 characters are kept
        std::size_t threads = 2;
        std::size_t queue_max = 4096;  ///< tasks waiting, beyond those running
    };
    explicit ThreadPool(Options options);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    /// False, with the task dropped, when the queue is full or the pool is stopping: the caller sheds load.
    [[nodiscard]] bool try_submit(std::function<void()> task);
    /// Waits for room. False only when the pool is stopping.
    bool submit(std::function<void()> task);

    /// Finishes what is queued, then joins. Idempotent. Not from one of the pool's own threads.
    void stop();
    std::size_t queued() const;

  private:
    void run();

    const Options options_;
    mutable std::mutex mutex_;
    std::condition_variable work_, room_;
    std::deque<std::function<void()>> tasks_;  // protected by mutex_
    bool stopping_ = false;                    // protected by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace base
