// The operations behind schema.h's function pointers. Included by generated schema.cpp only.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/box.h"
#include "wire/schema.h"

namespace wire::ops {

template <class List>
inline constexpr ListOps list{
    [](const void* at) -> std::size_t { return static_cast<const List*>(at)->size(); },
    [](const void* at, std::size_t index) -> const void* { return &(*static_cast<const List*>(at))[index]; },
    [](void* at) -> void* { return &static_cast<List*>(at)->emplace_back(); },
};

template <class T>
inline constexpr MapOps map{
    [](const void* at) -> std::size_t { return static_cast<const std::map<std::string, T>*>(at)->size(); },
    [](const void* at, void* state, MapOps::Visit visit) {
        for (const auto& [key, value] : *static_cast<const std::map<std::string, T>*>(at))
            visit(state, key, &value);
    },
    [](void* at, std::string key) -> void* {
        return &(*static_cast<std::map<std::string, T>*>(at))[std::move(key)];
    },
};

template <class T>
inline constexpr OptionalOps optional{
    [](const void* at) -> const void* {
        const auto& value = *static_cast<const std::optional<T>*>(at);
        return value ? &*value : nullptr;
    },
    [](void* at) -> void* { return &static_cast<std::optional<T>*>(at)->emplace(); },
};

template <class T>
inline constexpr OptionalOps boxed{
    [](const void* at) -> const void* { return static_cast<const Box<T>*>(at)->get(); },
    [](void* at) -> void* { return &static_cast<Box<T>*>(at)->emplace(); },
};

template <class S>
Value make() {
    return Value(new S(), [](void* at) { delete static_cast<S*>(at); });
}

template <class S>
inline constexpr StructureOps structure{&make<S>, [](const void* a, const void* b) {
                                            return *static_cast<const S*>(a) == *static_cast<const S*>(b);
                                        }};

template <class S>
inline constexpr StructureOps streaming_structure{&make<S>, nullptr};

}  // namespace wire::ops
