#!/usr/bin/python3
"""Turns one service's model into C++: modelgen.py --service models/<svc> --out <generated>/aws/<svc>.

Files whose content would not change are not touched, so that a build stops there.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import emit_api  # noqa: E402
import emit_client  # noqa: E402
import emit_errors  # noqa: E402
import emit_schema  # noqa: E402
import emit_types  # noqa: E402
import model as models  # noqa: E402


def generate(model):
    """File name -> text."""
    return {
        "types.h": emit_types.emit(model),
        "api.h": emit_api.emit_api(model),
        "overrides.inc": emit_api.emit_overrides(model),
        "errors.h": emit_errors.emit_header(model),
        "errors.cpp": emit_errors.emit_source(model),
        "schema.h": emit_schema.emit_header(model),
        "schema.cpp": emit_schema.emit_source(model),
        "service.cpp": emit_api.emit_service(model),
        "client.h": emit_client.emit_header(model),
        "client.cpp": emit_client.emit_source(model),
    }


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--service", required=True, help="models/<svc>")
    arguments.add_argument("--model", help="a service-2.json; default: Debian's botocore's newest")
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--model-path", action="store_true", help="print the model's path and stop")
    given = arguments.parse_args()
    try:
        write(pathlib.Path(given.out), generate(models.load(given.service, given.model)))
    except (models.ModelError, KeyError) as error:
        sys.exit(f"modelgen: {given.service}: {error}")


if __name__ == "__main__":
    main()
