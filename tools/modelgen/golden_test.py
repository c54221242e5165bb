#!/usr/bin/python3
"""The generator's output for the toy model, which has every kind of shape, must be exactly what golden/expected holds.

A change of the generator shows here as a readable diff. golden_test.py --update accepts it.
"""

import difflib
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import model as models  # noqa: E402
import modelgen  # noqa: E402

EXPECTED = HERE / "golden" / "expected"


def toy():
    return models.load(HERE / "golden" / "toy", HERE / "golden" / "toy-model.json")


def expected_name(name):
    """With .txt, so that nothing compiles or formats these by mistake."""
    return EXPECTED / (name + ".txt")


def test_the_output_is_the_golden_one():
    for name, text in modelgen.generate(toy()).items():
        wanted = expected_name(name).read_text()
        diff = "\n".join(difflib.unified_diff(wanted.splitlines(), text.splitlines(), "expected", name, lineterm=""))
        assert not diff, diff


def test_a_patch_that_replaces_what_is_not_there_fails():
    document = {"shapes": {}}
    try:
        models.apply_patch(document, [{"op": "replace", "path": "/shapes/Gone", "value": {}}])
    except models.ModelError as error:
        assert "/shapes/Gone" in str(error)
    else:
        raise AssertionError("a rotten patch went unseen")


def test_unused_shapes_are_pruned():
    assert "NotOursRequest" not in toy().reached
    assert "Item" in toy().reached


def main():
    if "--update" in sys.argv:
        EXPECTED.mkdir(exist_ok=True)
        for name, text in modelgen.generate(toy()).items():
            expected_name(name).write_text(text)
        return
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()


if __name__ == "__main__":
    main()
