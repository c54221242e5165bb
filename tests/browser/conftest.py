import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from platform_stack import Platform  # noqa: E402


@pytest.fixture(scope="session")
def platform():
    stack = Platform()
    try:
        stack.start_dcs()
        stack.start_dps()
        stack.start_dash()
        yield stack
    finally:
        stack.close()
