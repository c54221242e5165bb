// The bounded pipe between a connection's loop, which fills it, and the thread that reads a streamed request
// body.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/message.h"

namespace net {

/// One writer (a loop thread), one reader. push() never blocks: it says when to stop, and `resume` is called
/// from the reader's thread when there is room again.
class BodyPipe final : public BodyReader {
  public:
    BodyPipe(std::size_t capacity, std::optional<std::uint64_t> length, std::function<void()> resume)
        : capacity_(capacity), length_(length), resume_(std::move(resume)) {}

    base::Result<std::size_t> read(std::span<std::byte> out) override;
    std::optional<std::uint64_t> length() const override { return length_; }

    /// False when the pipe is now full: stop until `resume` is called.
    [[nodiscard]] bool push(std::string_view bytes);
    void finish();
    /// What was pushed can still be read; then this failure is the answer.
    void fail(base::Failure failure);

  private:
    const std::size_t capacity_;
    const std::optional<std::uint64_t> length_;
    const std::function<void()> resume_;
    std::mutex mutex_;
    std::condition_variable readable_;
    // Protected by mutex_:
    std::string bytes_;
    std::size_t read_ = 0;  // how much of bytes_ has been taken
    bool finished_ = false;
    bool paused_ = false;
    std::optional<base::Failure> failure_;
};

}  // namespace net
