#include "wire/service.h"

#include <algorithm>

namespace wire {

const Operation* find_operation(const Service& service, std::string_view name) {
    const auto found = std::find_if(service.operations.begin(), service.operations.end(),
                                    [&](const Operation& operation) { return operation.name == name; });
    return found == service.operations.end() ? nullptr : &*found;
}

bool is_known(const Service& service, std::string_view operation_name) {
    return std::any_of(service.routes.begin(), service.routes.end(),
                       [&](const Route& route) { return route.name == operation_name; });
}

}  // namespace wire
