"""How a shape is held in C++."""

from names import snake, type_name

SCALARS = {
    "string": ("std::string", ""),
    "character": ("std::string", ""),
    "blob": ("std::string", ""),
    "boolean": ("bool", " = false"),
    "integer": ("std::int32_t", " = 0"),
    "long": ("std::int64_t", " = 0"),
    "float": ("float", " = 0"),
    "double": ("double", " = 0"),
    "timestamp": ("base::Instant", "{}"),
}


def cpp_type(model, name):
    shape = model.all_shapes[name]
    kind = shape["type"]
    if kind in SCALARS:
        return SCALARS[kind][0]
    if kind == "list":
        item = cpp_type(model, shape["member"]["shape"])
        return f"std::deque<bool>" if item == "bool" else f"std::vector<{item}>"
    if kind == "map":
        return f"std::map<std::string, {cpp_type(model, shape['value']['shape'])}>"
    return type_name(name)


class Field:
    """One member of a generated struct."""

    def __init__(self, model, structure, name, member):
        self.model, self.structure, self.name, self.member = model, structure, name, member
        self.shape_name = member["shape"]
        self.shape = model.all_shapes[self.shape_name]
        self.required = name in model.all_shapes[structure].get("required", [])
        self.cpp_name = snake(name)
        self.streaming = model.is_streaming(member)
        self.boxed = self.shape["type"] == "structure" and self.shape_name in model.recursive

    @property
    def stream_kind(self):
        return "stream_in" if self.structure in self.model.input_side else "stream_out"

    @property
    def value_type(self):
        return cpp_type(self.model, self.shape_name)

    @property
    def holding(self):
        if self.streaming or self.shape["type"] in ("list", "map"):
            return "plain"
        if self.boxed:
            return "boxed"
        return "plain" if self.required else "optional"

    @property
    def declaration(self):
        if self.streaming:
            kind = "std::shared_ptr<wire::BodyReader>" if self.stream_kind == "stream_in" else "wire::BodySource"
            return f"{kind} {self.cpp_name};"
        if self.holding == "boxed":
            return f"wire::Box<{self.value_type}> {self.cpp_name};"
        if self.holding == "optional":
            return f"std::optional<{self.value_type}> {self.cpp_name};"
        initial = SCALARS.get(self.shape["type"], ("", ""))[1]
        return f"{self.value_type} {self.cpp_name}{initial};"


def fields(model, structure):
    members = model.all_shapes[structure]["members"]
    return [Field(model, structure, name, member) for name, member in members.items()]


def has_stream(model, structure):
    return any(field.streaming for field in fields(model, structure))


def input_type(model, operation):
    return type_name(operation["input"]["shape"])


def output_type(model, operation):
    return type_name(operation["output"]["shape"]) if "output" in operation else "base::Unit"
