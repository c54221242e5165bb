// Plain structs to JSON text and back, for what is kept on disk.
//
//     struct Queue { std::string name; std::int64_t delay_s = 0; std::map<std::string, std::string> tags; };
//     BOOST_DESCRIBE_STRUCT(Queue, (), (name, delay_s, tags))
//
// Members may be bool, integers, double, std::string (any bytes), Instant, std::chrono::seconds, milliseconds
// or microseconds, enums, other described structs (bases too), and std::optional, std::vector, std::set,
// std::map (string or integer keys) of those. Decoding leaves a missing member at its default and ignores
// unknown ones: adding a member needs no migration. Pure functions.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json/fwd.hpp>
#include <boost/mp11/algorithm.hpp>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace base {

namespace record_detail {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T, class A>
struct IsVector<std::vector<T, A>> : std::true_type {};
template <class T>
struct IsSet : std::false_type {};
template <class T, class C, class A>
struct IsSet<std::set<T, C, A>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class K, class V, class C, class A>
struct IsMap<std::map<K, V, C, A>> : std::true_type {};
template <class T>
struct IsDuration : std::false_type {};
template <class R, class P>
struct IsDuration<std::chrono::duration<R, P>> : std::true_type {};

using Members = boost::describe::modifiers;
template <class T>
using AllMembers = boost::describe::describe_members<T, Members(boost::describe::mod_any_access |
                                                                boost::describe::mod_inherited)>;

// The face of Boost.JSON that the templates need, so that its header stays out of this one.
void append_integer(std::string& out, std::int64_t value);
void append_unsigned(std::string& out, std::uint64_t value);
void append_double(std::string& out, double value);

/// A parsed document; borrowed values live as long as it does.
class Document {
  public:
    static Result<Document> parse(std::string_view text);
    ~Document();
    Document(Document&&) noexcept;
    const boost::json::value& root() const;

  private:
    struct State;
    explicit Document(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

bool is_null(const boost::json::value& value);
const boost::json::value* find_member(const boost::json::value& object, std::string_view name);
bool read_bool(const boost::json::value& value, bool& out);
bool read_signed(const boost::json::value& value, std::int64_t& out);
bool read_unsigned(const boost::json::value& value, std::uint64_t& out);
bool read_double(const boost::json::value& value, double& out);
bool read_string(const boost::json::value& value, std::string& out);
bool read_key(std::string_view key, std::int64_t& out);
/// False when `value` is of another kind, or as soon as `each` says false.
bool for_each_element(const boost::json::value& value, void* context,
                      bool (*each)(void* context, const boost::json::value& element));
bool for_each_member(const boost::json::value& value, void* context,
                     bool (*each)(void* context, std::string_view key, const boost::json::value& element));
bool is_object(const boost::json::value& value);
Failure bad_record(std::string_view why);

template <class F>
bool each_element(const boost::json::value& value, F&& visit) {
    return for_each_element(value, &visit, [](void* context, const boost::json::value& element) {
        return (*static_cast<std::remove_reference_t<F>*>(context))(element);
    });
}
template <class F>
bool each_member(const boost::json::value& value, F&& visit) {
    return for_each_member(value, &visit,
                           [](void* context, std::string_view key, const boost::json::value& element) {
                               return (*static_cast<std::remove_reference_t<F>*>(context))(key, element);
                           });
}

template <class T>
void encode(std::string& out, const T& value);

template <class T>
void encode_struct(std::string& out, const T& value) {
    out += '{';
    bool first = true;
    boost::mp11::mp_for_each<AllMembers<T>>([&](auto member) {
        if constexpr (IsOptional<std::remove_cvref_t<decltype(value.*member.pointer)>>::value) {
            if (!(value.*member.pointer)) return;
        }
        if (!first) out += ',';
        first = false;
        out += '"';
        out += member.name;
        out += "\":";
        encode(out, value.*member.pointer);
    });
    out += '}';
}

template <class T>
void encode_sequence(std::string& out, const T& values) {
    out += '[';
    bool first = true;
    for (const auto& value : values) {
        if (!first) out += ',';
        first = false;
        encode(out, static_cast<const typename T::value_type&>(value));
    }
    out += ']';
}

template <class T>
void encode_map(std::string& out, const T& values) {
    out += '{';
    bool first = true;
    for (const auto& [key, value] : values) {
        if (!first) out += ',';
        first = false;
        if constexpr (std::integral<typename T::key_type>) {
            append_json_string(out, std::to_string(key));
        } else {
            append_json_string(out, key);
        }
        out += ':';
        encode(out, value);
    }
    out += '}';
}

template <class T>
void encode(std::string& out, const T& value) {
    if constexpr (std::same_as<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_enum_v<T>) {
        append_integer(out, static_cast<std::int64_t>(value));
    } else if constexpr (std::unsigned_integral<T>) {
        append_unsigned(out, value);
    } else if constexpr (std::integral<T>) {
        append_integer(out, value);
    } else if constexpr (std::floating_point<T>) {
        append_double(out, value);
    } else if constexpr (std::same_as<T, std::string>) {
        append_json_string(out, value);
    } else if constexpr (std::same_as<T, Instant>) {
        append_integer(out, value.time_since_epoch().count());
    } else if constexpr (IsDuration<T>::value) {
        append_integer(out, value.count());
    } else if constexpr (IsOptional<T>::value) {
        if (value) {
            encode(out, *value);
        } else {
            out += "null";
        }
    } else if constexpr (IsVector<T>::value || IsSet<T>::value) {
        encode_sequence(out, value);
    } else if constexpr (IsMap<T>::value) {
        encode_map(out, value);
    } else {
        static_assert(Described<T>,
                      "a record's member must be of a supported type or BOOST_DESCRIBE_STRUCT'd");
        encode_struct(out, value);
    }
}

template <class T>
bool decode(const boost::json::value& in, T& out);

template <class T>
bool decode_integer(const boost::json::value& in, T& out) {
    if constexpr (std::unsigned_integral<T>) {
        std::uint64_t wide = 0;
        if (!read_unsigned(in, wide) || !std::in_range<T>(wide)) return false;
        out = static_cast<T>(wide);
    } else {
        std::int64_t wide = 0;
        if (!read_signed(in, wide) || !std::in_range<T>(wide)) return false;
        out = static_cast<T>(wide);
    }
    return true;
}

template <class T>
bool decode_map(const boost::json::value& in, T& out) {
    out.clear();
    return each_member(in, [&](std::string_view name, const boost::json::value& element) {
        typename T::mapped_type value{};
        if (!decode(element, value)) return false;
        if constexpr (std::integral<typename T::key_type>) {
            std::int64_t key = 0;
            if (!read_key(name, key)) return false;
            out.insert_or_assign(static_cast<typename T::key_type>(key), std::move(value));
        } else {
            out.insert_or_assign(typename T::key_type(name), std::move(value));
        }
        return true;
    });
}

template <class T>
bool decode_struct(const boost::json::value& in, T& out) {
    if (!is_object(in)) return false;
    bool good = true;
    boost::mp11::mp_for_each<AllMembers<T>>([&](auto member) {
        const boost::json::value* found = good ? find_member(in, member.name) : nullptr;
        if (found != nullptr) good = decode(*found, out.*member.pointer);
    });
    return good;
}

template <class T>
bool decode(const boost::json::value& in, T& out) {
    if constexpr (std::same_as<T, bool>) {
        return read_bool(in, out);
    } else if constexpr (std::is_enum_v<T>) {
        std::int64_t number = 0;
        if (!read_signed(in, number)) return false;
        out = static_cast<T>(number);
        return true;
    } else if constexpr (std::integral<T>) {
        return decode_integer(in, out);
    } else if constexpr (std::floating_point<T>) {
        double number = 0;
        if (!read_double(in, number)) return false;
        out = static_cast<T>(number);
        return true;
    } else if constexpr (std::same_as<T, std::string>) {
        return read_string(in, out);
    } else if constexpr (std::same_as<T, Instant>) {
        std::int64_t number = 0;
        if (!read_signed(in, number)) return false;
        out = Instant{Microseconds{number}};
        return true;
    } else if constexpr (IsDuration<T>::value) {
        std::int64_t number = 0;
        if (!read_signed(in, number)) return false;
        out = T{static_cast<typename T::rep>(number)};
        return true;
    } else if constexpr (IsOptional<T>::value) {
        if (is_null(in)) {
            out.reset();
            return true;
        }
        return decode(in, out.emplace());
    } else if constexpr (IsVector<T>::value) {
        out.clear();
        return each_element(in, [&](const boost::json::value& element) {
            typename T::value_type value{};
            if (!decode(element, value)) return false;
            out.push_back(std::move(value));
            return true;
        });
    } else if constexpr (IsSet<T>::value) {
        out.clear();
        return each_element(in, [&](const boost::json::value& element) {
            typename T::value_type value{};
            if (!decode(element, value)) return false;
            out.insert(std::move(value));
            return true;
        });
    } else if constexpr (IsMap<T>::value) {
        return decode_map(in, out);
    } else {
        static_assert(Described<T>,
                      "a record's member must be of a supported type or BOOST_DESCRIBE_STRUCT'd");
        return decode_struct(in, out);
    }
}

}  // namespace record_detail

/// The record as one line of JSON text.
template <class T>
std::string encode_record(const T& record) {
    std::string out;
    record_detail::encode(out, record);
    return out;
}

/// FailureKind::corrupt when the text is not JSON or a member has another type than T's.
template <class T>
Result<T> decode_record(std::string_view text) {
    const record_detail::Document document = TRY(record_detail::Document::parse(text));
    T record{};
    if (!record_detail::decode(document.root(), record)) {
        return record_detail::bad_record("a member has an unexpected type");
    }
    return record;
}

}  // namespace base
