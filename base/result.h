// Result<T, E>: a value or an error, and TRY to pass the error up.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/failure.h"

namespace base {

/// The value of an operation that has nothing to say but that it succeeded.
struct Unit {
    friend bool operator==(const Unit&, const Unit&) = default;
};

/// Either a T or an E. Not thread-safe; owns what it holds. Asking for the side it does not hold is a broken
/// invariant and ends the process.
template <class T, class E = Failure>
class [[nodiscard]] Result {
  public:
    using Value = T;
    using Error = E;

    template <class U = T>
    requires(std::convertible_to<U, T> && !std::convertible_to<U, E> &&
             !std::same_as<std::remove_cvref_t<U>, Result>) Result(U&& value)
        : state_(std::in_place_index<0>, std::forward<U>(value)) {}

    template <class F>
    requires(std::convertible_to<F, E> && !std::same_as<std::remove_cvref_t<F>, Result>) Result(F&& error)
        : state_(std::in_place_index<1>, std::forward<F>(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    const T& value() const& {
        CHECK(ok(), "value() of a Result that holds an error");
        return *std::get_if<0>(&state_);
    }
    T& value() & {
        CHECK(ok(), "value() of a Result that holds an error");
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        CHECK(ok(), "value() of a Result that holds an error");
        return std::move(*std::get_if<0>(&state_));
    }
    const T& operator*() const& { return value(); }
    T& operator*() & { return value(); }
    const T* operator->() const { return &value(); }
    T* operator->() { return &value(); }

    const E& error() const {
        CHECK(!ok(), "error() of a Result that holds a value");
        return *std::get_if<1>(&state_);
    }

    /// Moves the value or the error out; for TRY.
    T take() { return std::move(*this).value(); }
    E take_error() {
        CHECK(!ok(), "take_error() of a Result that holds a value");
        return std::move(*std::get_if<1>(&state_));
    }

  private:
    std::variant<T, E> state_;
};

}  // namespace base

/// Unwraps a Result or returns its error (converted to the caller's error type). One per statement; never in
/// a coroutine: GCC 12 crashes on TRY(co_await ...).
#define TRY(expression)                     \
    __extension__({                         \
        auto&& try_result = (expression);   \
        if (!try_result.ok()) [[unlikely]]  \
            return try_result.take_error(); \
        try_result.take();                  \
    })
