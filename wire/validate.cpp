#include "wire/validate.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/utf8.h"
#include "wire/common_errors.h"

namespace wire {
namespace {

/// The model's patterns are Java's. Where they differ from RE2's in a way that cannot be translated, there is
/// no check.
std::string to_re2(std::string_view pattern) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern.substr(at, 2) != "\\u") {
            out += pattern[at];
            if (pattern[at] == '\\' && at + 1 < pattern.size()) out += pattern[++at];
            continue;
        }
        std::string digits(pattern.substr(at + 2, 4));
        at += 5;
        // Written as \u10000 and \u10FFFF in several models, meaning one code point.
        while (digits.starts_with("10") && digits.size() < 6 && at + 1 < pattern.size() &&
               std::isxdigit(static_cast<unsigned char>(pattern[at + 1]))) {
            digits += pattern[++at];
        }
        out += "\\x{" + digits + "}";
    }
    return out;
}

const re2::RE2* compiled(std::string_view pattern) {
    static std::mutex mutex;
    static std::map<std::string_view, std::unique_ptr<re2::RE2>> cache;  // as many as the models have
    const std::lock_guard lock(mutex);
    auto [entry, made] = cache.try_emplace(pattern);
    if (made) {
        re2::RE2::Options options;
        options.set_log_errors(false);
        auto regex = std::make_unique<re2::RE2>(to_re2(pattern), options);
        if (regex->ok()) entry->second = std::move(regex);
    }
    return entry->second.get();
}

struct Search {
    Problems& problems;

    void length(const Shape& shape, std::size_t length, const Path& path, const std::string& shown) {
        const auto count = static_cast<std::int64_t>(length);
        if (shape.has_min && count < shape.min) problems.add(ProblemKind::too_short, path, &shape, shown);
        if (shape.has_max && count > shape.max) problems.add(ProblemKind::too_long, path, &shape, shown);
    }

    void string(const Shape& shape, const std::string& text, const Path& path) {
        if (shape.has_min || shape.has_max) {
            length(shape, base::utf8_length(text).value_or(text.size()), path, text);
        }
        if (!shape.values.empty() && std::ranges::find(shape.values, text) == shape.values.end()) {
            problems.add(ProblemKind::unknown_value, path, &shape, text);
        }
        if (!shape.pattern.empty()) {
            const re2::RE2* regex = compiled(shape.pattern);
            if (regex && !re2::RE2::FullMatch(text, *regex)) {
                problems.add(ProblemKind::no_match, path, &shape, text);
            }
        }
    }

    template <class Number>
    void number(const Shape& shape, Number value, const Path& path) {
        const auto wide = static_cast<double>(value);
        if (shape.has_min && wide < static_cast<double>(shape.min)) {
            problems.add(ProblemKind::too_small, path, &shape, fmt::to_string(value));
        }
        if (shape.has_max && wide > static_cast<double>(shape.max)) {
            problems.add(ProblemKind::too_large, path, &shape, fmt::to_string(value));
        }
    }

    void list(const Shape& shape, const void* value, const Path& path) {
        const std::size_t size = shape.list->size(value);
        length(shape, size, path, "[]");
        for (std::size_t index = 0; index < size; ++index) {
            walk(*shape.element, shape.list->at(value, index), Path{.up = &path, .index = index + 1});
        }
    }

    void map(const Shape& shape, const void* value, const Path& path) {
        length(shape, shape.map->size(value), path, "{}");
        struct State {
            Search& search;
            const Shape& shape;
            const Path& path;
        } state{*this, shape, path};
        shape.map->each(value, &state, [](void* raw, const std::string& key, const void* item) {
            auto& [search, owner, up] = *static_cast<State*>(raw);
            const Path here{.up = &up, .key = key};
            search.string(*owner.key, key, here);
            search.walk(*owner.element, item, here);
        });
    }

    void structure(const Shape& shape, const void* value, const Path& path) {
        for (const Member& member : shape.members) {
            const void* held = member.in(value);
            if (!held) continue;
            const bool container = member.shape->kind == Kind::list || member.shape->kind == Kind::map;
            // An empty plain container is an absent one, unless it had to be there.
            if (container && !member.required && is_empty(*member.shape, held)) continue;
            walk(*member.shape, held, Path{.up = &path, .member = &member});
        }
    }

    static bool is_empty(const Shape& shape, const void* held) {
        return shape.kind == Kind::list ? shape.list->size(held) == 0 : shape.map->size(held) == 0;
    }

    void walk(const Shape& shape, const void* value, const Path& path) {
        switch (shape.kind) {
            case Kind::string: return string(shape, *static_cast<const std::string*>(value), path);
            case Kind::blob:
                return length(shape, static_cast<const std::string*>(value)->size(), path,
                              "java.nio.HeapByteBuffer");
            case Kind::integer: return number(shape, *static_cast<const std::int32_t*>(value), path);
            case Kind::long_integer: return number(shape, *static_cast<const std::int64_t*>(value), path);
            case Kind::floating: return number(shape, *static_cast<const float*>(value), path);
            case Kind::double_floating: return number(shape, *static_cast<const double*>(value), path);
            case Kind::list: return list(shape, value, path);
            case Kind::map: return map(shape, value, path);
            case Kind::structure: return structure(shape, value, path);
            case Kind::boolean:
            case Kind::timestamp:
            case Kind::stream_in:
            case Kind::stream_out: return;
        }
    }
};

/// A required member that was missing is plain and empty: its length is no second problem.
bool is_covered(const Problem& problem, const std::vector<Problem>& earlier) {
    return std::ranges::any_of(earlier, [&](const Problem& other) {
        return other.kind == ProblemKind::missing && other.camel_path == problem.camel_path;
    });
}

std::string constraint(const Problem& problem) {
    const Shape& shape = *problem.shape;
    switch (problem.kind) {
        case ProblemKind::missing: return "Member must not be null";
        case ProblemKind::malformed: return "Member must be a valid value of its type";
        case ProblemKind::too_short:
            return fmt::format("Member must have length greater than or equal to {}", shape.min);
        case ProblemKind::too_long:
            return fmt::format("Member must have length less than or equal to {}", shape.max);
        case ProblemKind::too_small:
            return fmt::format("Member must have value greater than or equal to {}", shape.min);
        case ProblemKind::too_large:
            return fmt::format("Member must have value less than or equal to {}", shape.max);
        case ProblemKind::unknown_value:
            return fmt::format("Member must satisfy enum value set: [{}]", fmt::join(shape.values, ", "));
        case ProblemKind::no_match:
            return fmt::format("Member must satisfy regular expression pattern: {}", shape.pattern);
    }
    __builtin_unreachable();
}

/// Coral's wording, which most of AWS shares.
std::string coral_message(const std::vector<Problem>& problems) {
    std::string out =
        fmt::format("{} validation error{} detected: ", problems.size(), problems.size() == 1 ? "" : "s");
    for (std::size_t index = 0; index < problems.size(); ++index) {
        const Problem& problem = problems[index];
        if (index > 0) out += "; ";
        const bool hidden = problem.shape && problem.shape->sensitive;
        const std::string shown = problem.kind == ProblemKind::missing ? " null"
                                  : hidden                             ? ""
                                                                       : fmt::format(" '{}'", problem.value);
        out += fmt::format("Value{} at '{}' failed to satisfy constraint: {}", shown, problem.camel_path,
                           constraint(problem));
    }
    return out;
}

Error named(std::string code, std::string message) {
    return {std::move(code), std::move(message), 400};
}

Error sqs_error(const Problem& problem) {
    if (problem.kind == ProblemKind::missing) {
        return missing_parameter(
            fmt::format("The request must contain the parameter {}.", problem.wire_path));
    }
    return invalid_parameter_value(
        fmt::format("Value {} for parameter {} is invalid. Reason: Must be a valid value.", problem.value,
                    problem.wire_path));
}

Error ec2_error(const Problem& problem) {
    if (problem.kind == ProblemKind::missing) {
        return missing_parameter(fmt::format("The request must contain the parameter {}", problem.wire_path));
    }
    return invalid_parameter_value(
        fmt::format("Value ({}) for parameter {} is invalid.", problem.value, problem.wire_path));
}

Error s3_error(const Problem& problem) {
    const Location location = problem.member ? problem.member->location : Location::body;
    if (location == Location::body) {
        return named(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema");
    }
    if (location == Location::uri) return named("InvalidURI", "Couldn't parse the specified URI.");
    const std::string name(problem.member->wire_name);
    if (problem.kind == ProblemKind::missing) {
        return named("InvalidRequest",
                     fmt::format("Missing required {} for this request: {}",
                                 location == Location::query ? "parameter" : "header", name));
    }
    const bool number =
        problem.shape && (problem.shape->kind == Kind::integer || problem.shape->kind == Kind::long_integer);
    auto error = named("InvalidArgument",
                       number ? fmt::format("Provided {} not an integer or within integer range", name)
                              : fmt::format("Invalid value for {}", name));
    return std::move(error).with("ArgumentName", name).with("ArgumentValue", problem.value);
}

bool style_checks_constraints(ValidationStyle style) {
    return style != ValidationStyle::sqs && style != ValidationStyle::s3;
}

Error secrets_manager_error(const std::vector<Problem>& problems) {
    const Problem& first = problems.front();
    if (first.member && first.member->name == "ClientRequestToken" && first.kind != ProblemKind::missing) {
        Error error("InvalidParameterException", "ClientRequestToken must be 32-64 characters long.", 400);
        return error;
    }
    return validation_exception(coral_message(problems));
}

Error worded(ValidationStyle style, const std::vector<Problem>& problems) {
    switch (style) {
        case ValidationStyle::sqs: return sqs_error(problems.front());
        case ValidationStyle::s3: return s3_error(problems.front());
        case ValidationStyle::ec2: return ec2_error(problems.front());
        case ValidationStyle::secrets_manager: return secrets_manager_error(problems);
        case ValidationStyle::validation_error:
            if (problems.front().kind == ProblemKind::malformed)
                return named("MalformedInput", "Invalid value");
            return validation_exception(coral_message(problems));
        case ValidationStyle::validation_exception: return validation_exception(coral_message(problems));
    }
    __builtin_unreachable();
}

/// SQS answers a batch without entries with EmptyBatchRequest, which is the handler's.
bool left_to_handler(ValidationStyle style, const Problem& problem) {
    return style == ValidationStyle::sqs && problem.kind == ProblemKind::missing && problem.member &&
           problem.member->name == "Entries";
}

}  // namespace

void find_problems(const Shape& shape, const void* value, const Path& path, Problems& problems) {
    Search{problems}.walk(shape, value, path);
}

Outcome<base::Unit> validate(const Service& service, const Operation& operation, const void* input,
                             Problems problems) {
    std::vector<Problem> all;
    for (const Problem& problem : problems.all()) {
        if (!left_to_handler(service.validation, problem)) all.push_back(problem);
    }
    if (style_checks_constraints(service.validation)) {
        Problems constraints;
        find_problems(*operation.input, input, Path{}, constraints);
        for (const Problem& problem : constraints.all()) {
            if (!is_covered(problem, problems.all())) all.push_back(problem);
        }
    }
    if (all.empty()) return base::Unit{};
    return worded(service.validation, all);
}

}  // namespace wire
