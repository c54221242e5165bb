// The thunks behind Operation::invoke. Included by generated service.cpp only.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "wire/service.h"

namespace wire::ops {

template <class T>
Value value_of(T&& output) {
    using Plain = std::remove_cvref_t<T>;
    return Value(new Plain(std::forward<T>(output)), [](void* at) { delete static_cast<Plain*>(at); });
}

template <class T>
Reply reply_of(T&& output) {
    return value_of(std::move(output));
}
template <class T>
Reply reply_of(Parkable<T>&& output) {
    if (auto* park = std::get_if<Park>(&output)) return std::move(*park);
    return value_of(std::move(std::get<T>(output)));
}

template <auto method>
struct Invoke;

template <class Api, class Output, class Input, Outcome<Output> (Api::*method)(const Context&, const Input&)>
struct Invoke<method> {
    static Outcome<Reply> call(void* api, const Context& context, const void* input) {
        auto outcome = (static_cast<Api*>(api)->*method)(context, *static_cast<const Input*>(input));
        if (!outcome.ok()) return outcome.take_error();
        return reply_of(outcome.take());
    }
};

}  // namespace wire::ops
