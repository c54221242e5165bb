"""Loads a service's model, repairs it with patch.json, and prunes it to the operations of operations.txt."""

import copy
import json
import pathlib

BOTOCORE = pathlib.Path("/usr/lib/python3/dist-packages/botocore/data")
PRIMITIVES = {"string", "blob", "boolean", "integer", "long", "float", "double", "timestamp", "character"}


class ModelError(Exception):
    pass


def newest_model(service):
    versions = sorted((BOTOCORE / service).glob("*/service-2.json"))
    if not versions:
        raise ModelError(f"botocore has no model of {service}")
    return versions[-1]


def read_operations(path):
    """One operation a line, optional words after it; '#' begins a comment."""
    operations = {}
    for line in path.read_text().splitlines():
        words = line.split("#")[0].split()
        if words:
            unknown = set(words[1:]) - {"parks"}
            if unknown:
                raise ModelError(f"{path}: {words[0]}: unknown words {sorted(unknown)}")
            operations[words[0]] = set(words[1:])
    return operations


def apply_patch(document, operations):
    """JSON Patch (RFC 6902): add, replace, remove. Paths that do not exist are errors, so a patch cannot rot unseen."""
    for operation in operations:
        path = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        target = document
        for part in path[:-1]:
            target = target[int(part) if isinstance(target, list) else part]
        last, verb = path[-1], operation["op"]
        if isinstance(target, list):
            if verb == "add":
                target.insert(len(target) if last == "-" else int(last), operation["value"])
            elif verb == "replace":
                target[int(last)] = operation["value"]
            else:
                del target[int(last)]
            continue
        if verb in ("replace", "remove") and last not in target:
            raise ModelError(f"patch {verb} {operation['path']}: not there")
        if verb == "remove":
            del target[last]
        else:
            target[last] = operation["value"]


class Model:
    """The pruned model. `shapes` holds what the allowed operations reach, in dependency order for structures."""

    def __init__(self, service, document, patch, allowed):
        document = copy.deepcopy(document)
        apply_patch(document, patch)
        self.service = service
        self.metadata = document["metadata"]
        self.all_operations = document["operations"]
        self.all_shapes = document["shapes"]
        unknown = sorted(set(allowed) - set(self.all_operations))
        if unknown:
            raise ModelError(f"{service}: operations.txt names {unknown}, which the model does not have")
        self.operations = {}
        for name in sorted(allowed):
            self.operations[name] = self._operation(name, allowed[name])
        self._collect_errors(patch)
        self._reach()
        self._recursion()
        self._order()

    def _operation(self, name, words):
        operation = dict(self.all_operations[name])
        operation["parks"] = "parks" in words
        if "input" not in operation:  # a name of its own, so that handlers look alike and members can come later
            empty = name + "Request"
            self.all_shapes.setdefault(empty, {"type": "structure", "members": {}})
            operation["input"] = {"shape": empty}
        return operation

    def _collect_errors(self, patch):
        """The errors of the allowed operations, and those that the patch adds: codes that AWS never modelled."""
        patched = {entry["path"].split("/")[2] for entry in patch if entry["path"].startswith("/shapes/")}
        names = {name: None for name in patched if self.all_shapes.get(name, {}).get("exception")}
        for operation in self.operations.values():
            for error in operation.get("errors", []):
                names[error["shape"]] = None
        self.errors = sorted(names)

    def _reach(self):
        self.reached, self.input_side, self.output_side = {}, set(), set()

        def visit(name, side):
            if name in side:
                return
            side.add(name)
            self.reached[name] = self.all_shapes[name]
            for child in self.children(name):
                visit(child, side)

        for operation in self.operations.values():
            visit(operation["input"]["shape"], self.input_side)
            if "output" in operation:
                visit(operation["output"]["shape"], self.output_side)

    def children(self, name):
        shape = self.all_shapes[name]
        if shape["type"] == "structure":
            return [member["shape"] for member in shape["members"].values()]
        if shape["type"] == "list":
            return [shape["member"]["shape"]]
        if shape["type"] == "map":
            return [shape["key"]["shape"], shape["value"]["shape"]]
        return []

    def _recursion(self):
        """Structures that contain themselves through members alone need a Box."""
        self.recursive = set()

        def direct(name):
            shape = self.all_shapes[name]
            if shape["type"] != "structure":
                return []
            return [c for c in self.children(name) if self.all_shapes[c]["type"] == "structure"]

        for name in self.reached:
            seen, stack = set(), direct(name)
            while stack:
                other = stack.pop()
                if other == name:
                    self.recursive.add(name)
                    break
                if other not in seen:
                    seen.add(other)
                    stack.extend(direct(other))

    def _order(self):
        self.structures, done, doing = [], set(), set()

        def visit(name):
            if name in done or name in doing:
                return
            doing.add(name)
            for child in sorted(self.children(name)):
                visit(child)
            doing.discard(name)
            done.add(name)
            if self.all_shapes[name]["type"] == "structure":
                self.structures.append(name)

        for name in sorted(self.reached):
            visit(name)

    def is_streaming(self, member):
        return bool(member.get("streaming") or self.all_shapes[member["shape"]].get("streaming"))


def load(folder, model_path=None):
    """The Model of models/<svc>/, from botocore's newest model or the one given."""
    folder = pathlib.Path(folder)
    service = folder.name
    document = json.loads(pathlib.Path(model_path or newest_model(service)).read_text())
    patch_path = folder / "patch.json"
    patch = json.loads(patch_path.read_text()) if patch_path.exists() else []
    return Model(service, document, patch, read_operations(folder / "operations.txt"))
