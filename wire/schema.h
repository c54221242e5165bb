// The schema tables that generated code fills and that one interpreter per protocol reads. No code per shape.
//
// A Shape describes a type of aws/<svc>/types.h, a Member one field of a structure: where it lies in the C++
// struct, what it is called on the wire, and its constraints. Tables are constant, made at compile time, and
// live for ever. Values are reached through `void*` with the few operations below, so a codec is written once
// for all services.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace wire {

enum class Kind : std::uint8_t {
    string,           ///< std::string, UTF-8
    blob,             ///< std::string, any bytes
    boolean,          ///< bool
    integer,          ///< std::int32_t
    long_integer,     ///< std::int64_t
    floating,         ///< float
    double_floating,  ///< double
    timestamp,        ///< base::Instant
    list,             ///< std::vector<T>; std::deque<bool>
    map,              ///< std::map<std::string, T>
    structure,        ///< a generated aggregate
    stream_in,        ///< std::shared_ptr<wire::BodyReader>
    stream_out,       ///< wire::BodySource
};

/// Where a member travels in the REST protocols. Others put everything in the body.
enum class Location : std::uint8_t { body, header, header_prefix, query, query_map, uri, status_code };

enum class TimestampFormat : std::uint8_t { by_protocol, iso8601, unix_seconds, rfc822 };

struct Shape;

struct ListOps {
    std::size_t (*size)(const void* list);
    const void* (*at)(const void* list, std::size_t index);
    void* (*append)(void* list);
};

struct MapOps {
    using Visit = void (*)(void* state, const std::string& key, const void* value);
    std::size_t (*size)(const void* map);
    void (*each)(const void* map, void* state, Visit visit);
    /// The value under this key, made when absent.
    void* (*at)(void* map, std::string key);
};

struct OptionalOps {
    const void* (*get)(const void* optional);  ///< null when absent
    void* (*emplace)(void* optional);          ///< makes it, or resets it to a new value
};

/// A structure on the heap whose type only the tables know.
using Value = std::unique_ptr<void, void (*)(void*)>;

struct StructureOps {
    Value (*make)();
    bool (*equal)(const void* a, const void* b);  ///< null when the structure holds a stream
};

struct Member {
    std::string_view name;       ///< as the model and JSON say it: "QueueUrl"
    std::string_view wire_name;  ///< locationName or the name: XML element, query key, header, label
    std::string_view ec2_name;   ///< the ec2 protocol's key in requests
    const Shape* shape = nullptr;
    std::uint32_t offset = 0;
    const OptionalOps* optional = nullptr;  ///< null: the value lies there plain
    Location location = Location::body;
    TimestampFormat timestamp = TimestampFormat::by_protocol;
    bool required = false;
    bool flattened = false;
    bool payload = false;  ///< the whole body is this member
    bool xml_attribute = false;
    bool keep_empty = false;  ///< an empty list or map is written too
    bool idempotency_token = false;

    /// The value in this structure, or null when it is an absent optional.
    const void* in(const void* structure) const {
        const void* at = static_cast<const std::byte*>(structure) + offset;
        return optional ? optional->get(at) : at;
    }
    /// Makes the value present and gives it.
    void* make_in(void* structure) const {
        void* at = static_cast<std::byte*>(structure) + offset;
        return optional ? optional->emplace(at) : at;
    }
};

struct Shape {
    std::string_view name;
    Kind kind = Kind::structure;
    bool sensitive = false;
    bool flattened = false;
    TimestampFormat timestamp = TimestampFormat::by_protocol;
    std::string_view xml_name;  ///< the root element where the model names one
    std::string_view xml_namespace;
    std::string_view xml_namespace_prefix;

    const Shape* element = nullptr;  ///< of a list; the values of a map
    const Shape* key = nullptr;      ///< of a map
    std::string_view element_name;   ///< XML and query name of list items; of map values
    std::string_view key_name;
    const ListOps* list = nullptr;
    const MapOps* map = nullptr;

    std::span<const Member> members;  ///< of a structure
    const StructureOps* structure = nullptr;

    bool has_min = false;  ///< of a number, of the characters, bytes or items
    bool has_max = false;
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::string_view pattern;
    std::span<const std::string_view> values;  ///< of an enum
};

}  // namespace wire
