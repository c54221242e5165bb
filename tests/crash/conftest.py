"""Fixtures of the crash tests: servers that are killed and started again on the same data."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from server import Stratus  # noqa: E402


@pytest.fixture
def stratus():
    server = Stratus()
    yield server
    server.close()
