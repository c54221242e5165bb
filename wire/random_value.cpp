#include "wire/random_value.h"

#include <array>

#include "base/clock.h"

namespace wire {
namespace {

constexpr std::size_t depth_max = 5;

struct Filler {
    base::Random& random;
    std::size_t depth = 0;

    bool maybe() { return random.below(3) != 0; }

    std::string text(std::size_t size_min, std::size_t size_max) {
        static constexpr std::array<std::string_view, 24> pieces = {
            "a", "Z", "0", " ", "  ", "\n", "\r\n", "\t", "<",   ">",    "&",     "\"",
            "'", "%", "+", "=", "/",  "é",  "漢",   "😀",  "]]>", "\x01", "&amp;", "\\u0041"};
        std::string out;
        std::size_t length = size_min + random.below(size_max - size_min + 1);
        for (std::size_t count = 0; count < length; ++count) out += pieces[random.below(pieces.size())];
        return out;
    }

    /// HTTP keeps neither control characters nor spaces at the ends; a comma would split a list.
    std::string plain_text() {
        static constexpr std::string_view letters = "abcXYZ0189-_.~!*'();:@&=+$/?%#[]";
        std::string out;
        for (std::size_t count = 1 + random.below(10); count > 0; --count)
            out += letters[random.below(letters.size())];
        return out;
    }

    std::string bytes() {
        std::string out(random.below(20), '\0');
        for (char& byte : out) byte = static_cast<char>(random.next());
        return out;
    }

    std::int64_t whole(const Shape& shape, std::int64_t lowest, std::int64_t highest) {
        if (shape.has_min) lowest = shape.min;
        if (shape.has_max) highest = shape.max;
        const auto width = static_cast<std::uint64_t>(highest) - static_cast<std::uint64_t>(lowest);
        const std::uint64_t step = width == UINT64_MAX ? random.next() : random.below(width + 1);
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(lowest) + step);
    }

    double real() {
        static constexpr std::array<double, 8> interesting = {0,          -0.5, 1e-9, 1e21,
                                                              123456.789, -1,   0.1,  5e300};
        return maybe() ? interesting[random.below(interesting.size())]
                       : static_cast<double>(random.next()) / 3.0;
    }

    void string(const Shape& shape, bool plain, void* into) {
        std::string& out = *static_cast<std::string*>(into);
        if (!shape.values.empty())
            out = shape.values[random.below(shape.values.size())];
        else if (plain)
            out = plain_text();
        else if (shape.has_max || !shape.pattern.empty())
            out = std::string(shape.has_min ? shape.min : 1, 'x');
        else
            out = text(0, 12);
    }

    void list(const Shape& shape, bool plain, void* into) {
        const std::uint64_t least = shape.has_min ? static_cast<std::uint64_t>(shape.min) : 0;
        const std::uint64_t most = shape.has_max ? static_cast<std::uint64_t>(shape.max) : 3;
        std::uint64_t count = least + random.below(most - least + 1);
        if (depth >= depth_max) count = least;
        while (count-- > 0) fill(*shape.element, plain, shape.list->append(into));
    }

    void map(const Shape& shape, bool plain, void* into) {
        for (std::uint64_t count = random.below(4); count > 0; --count) {
            std::string key = plain ? "k" + std::to_string(count) : text(1, 5);
            fill(*shape.element, plain, shape.map->at(into, std::move(key)));
        }
    }

    void structure(const Shape& shape, void* into) {
        ++depth;
        bool first =
            true;  // the first is always there: no protocol tells an empty structure in a list from none
        for (const Member& member : shape.members) {
            const bool plain = member.location != Location::body;
            const bool deep = depth >= depth_max && member.shape->kind == Kind::structure;
            if (!member.required && !first && (deep || !maybe())) continue;
            first = false;
            fill(*member.shape, plain && !member.xml_attribute, member.make_in(into));
        }
        --depth;
    }

    void fill(const Shape& shape, bool plain, void* into) {
        switch (shape.kind) {
            case Kind::string: return string(shape, plain, into);
            case Kind::blob: *static_cast<std::string*>(into) = bytes(); return;
            case Kind::boolean: *static_cast<bool*>(into) = maybe(); return;
            case Kind::integer:
                *static_cast<std::int32_t*>(into) =
                    static_cast<std::int32_t>(whole(shape, INT32_MIN, INT32_MAX));
                return;
            case Kind::long_integer:
                *static_cast<std::int64_t*>(into) = whole(shape, INT64_MIN, INT64_MAX);
                return;
            case Kind::floating:
                *static_cast<float*>(into) = static_cast<float>(random.below(1000)) / 7.0F;
                return;
            case Kind::double_floating: *static_cast<double*>(into) = real(); return;
            case Kind::timestamp:
                *static_cast<base::Instant*>(into) =
                    base::Instant(std::chrono::seconds(random.below(4'000'000'000)));
                return;
            case Kind::list: return list(shape, plain, into);
            case Kind::map: return map(shape, plain, into);
            case Kind::structure: return structure(shape, into);
            case Kind::stream_in:
            case Kind::stream_out: return;
        }
    }
};

}  // namespace

void fill_randomly(const Shape& shape, void* structure, base::Random& random) {
    Filler{random}.structure(shape, structure);
}

}  // namespace wire
