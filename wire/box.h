// Box<T>: an optional T on the heap, for members of recursive structures.
#pragma once

#include <memory>

namespace wire {

/// A value like std::optional, but T may be incomplete where the Box is declared. Not thread-safe.
template <class T>
class Box {
  public:
    Box() = default;
    Box(T value) : held_(std::make_unique<T>(std::move(value))) {}  // NOLINT: implicit, as std::optional
    Box(const Box& other) : held_(other.held_ ? std::make_unique<T>(*other.held_) : nullptr) {}
    Box(Box&&) noexcept = default;
    Box& operator=(Box other) noexcept {
        held_ = std::move(other.held_);
        return *this;
    }

    T& emplace() { return *(held_ = std::make_unique<T>()); }
    const T* get() const { return held_.get(); }
    explicit operator bool() const { return held_ != nullptr; }
    const T& operator*() const { return *held_; }
    T& operator*() { return *held_; }
    const T* operator->() const { return held_.get(); }
    T* operator->() { return held_.get(); }

    friend bool operator==(const Box& a, const Box& b) {
        return a.held_ && b.held_ ? *a.held_ == *b.held_ : !a.held_ && !b.held_;
    }

  private:
    std::unique_ptr<T> held_;
};

}  // namespace wire
