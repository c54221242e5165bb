#!/usr/bin/python3
"""The rules of this repository that no compiler checks. Prints file:line: rule, and fails if there is any.

Layering   inclusion points only downwards: base <- net <- wire <- generated <- stratus; cubed never includes stratus.
Sizes      hand-written sources stay under 800 lines, headers under 350, lines under 110 columns.
Banned     <regex>, <iostream> in headers, Asio and Beast outside net/, sleeps, wall clocks outside base/.
Operations every operation on an allow-list is named in a conformance test.
Map        ARCHITECTURE.md names every module folder.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = {"base": 0, "net": 1, "wire": 2, "aws": 3, "stratus": 4, "cubed": 4}
BANNED = [
    (re.compile(r"#include <regex>"), "use RE2, which is linear in time", None),
    (re.compile(r"#include <(boost/asio|boost/beast)"), "Asio and Beast stay inside net/", "net/"),
    (re.compile(r"\bsleep_for\(|\busleep\(|\bnanosleep\("), "wait for an event, not for a time", None),
    (re.compile(r"system_clock::now\(\)"), "take base::Clock", "base/"),
    (re.compile(r"std::random_device|\brand\(\)"), "take base::Random", "base/"),
]


def tracked():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True,
                           text=True, check=True)
    return [pathlib.Path(name) for name in names.stdout.splitlines() if (ROOT / name).is_file()]


def check_source(path, text, report):
    lines = text.splitlines()
    limit = 350 if path.suffix == ".h" else 800
    if len(lines) > limit:
        report(path, 1, f"{len(lines)} lines; split it (limit {limit})")
    own = path.parts[0]
    tests_codecs = own == "wire" and re.search(r"_(test|fuzz)\.cpp$", path.name)  # against generated code
    for number, line in enumerate(lines, 1):
        if len(line) > 110 and not (path.name.endswith("_test.cpp") and '"' in line) and "http" not in line:
            report(path, number, f"{len(line)} columns (limit 110)")
        include = re.match(r'#include "([a-z]+)/', line)
        if include and include.group(1) in LAYERS and own in LAYERS:
            target = include.group(1)
            if target == "aws" and tests_codecs:
                continue
            if LAYERS[target] > LAYERS[own] or {own, target} == {"stratus", "cubed"}:
                report(path, number, f"{own} must not include {target}")
        if path.suffix == ".h" and "#include <iostream>" in line:
            report(path, number, "no <iostream> in headers")
        for pattern, why, allowed in BANNED:
            if pattern.search(line) and not (allowed and str(path).startswith(allowed)):
                if "tidy: allow" not in line:
                    report(path, number, why)


def check_operations(report):
    for listing in sorted(ROOT.glob("models/*/operations.txt")):
        service = listing.parent.name
        tests = "\n".join(p.read_text() for p in ROOT.glob(f"tests/conformance/{service}/**/*") if p.suffix in
                          {".py", ".mjs", ".sh"})
        for number, line in enumerate(listing.read_text().splitlines(), 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            operation = words[0]
            snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", operation).lower()
            kebab = snake.replace("_", "-")
            if not re.search(rf"\b({operation}(Command)?|{snake}|{kebab})\b", tests):
                report(listing.relative_to(ROOT), number, f"{operation} has no conformance test")


def check_map(files, report):
    text = (ROOT / "ARCHITECTURE.md").read_text() if (ROOT / "ARCHITECTURE.md").exists() else ""
    folders = {str(p.parent) for p in files if p.name == "CMakeLists.txt" and len(p.parts) > 1}
    for folder in sorted(folders):
        if f"`{folder}" not in text:
            report(pathlib.Path("ARCHITECTURE.md"), 1, f"does not name {folder}/")


def main():
    findings = []

    def report(path, line, what):
        findings.append(f"{path}:{line}: {what}")

    files = tracked()
    for path in files:
        if path.suffix in {".cpp", ".h"} and "golden" not in path.parts:
            check_source(path, (ROOT / path).read_text(), report)
    check_operations(report)
    check_map(files, report)
    print("\n".join(findings) if findings else f"tidy: {len(files)} files, nothing to report")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
