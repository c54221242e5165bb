"""Fixtures of the conformance tests: one stratusd for the session, real clients on it.

    def test_something(client):
        sqs = client("sqs")                          # boto3; client("sqs", region="us-east-1", account=OTHER_ACCOUNT)

Tests share the server: take names from `unique`, clean up nothing, and never call reset.
"""
import itertools
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from server import Stratus  # noqa: E402

_names = itertools.count(1)


@pytest.fixture(scope="session")
def stratus():
    """The server: url, port, data_dir, credentials(account), metrics(), log(), and everything below."""
    server = Stratus()
    yield server
    server.close()


@pytest.fixture(scope="session")
def client(stratus):
    """client(service, region="eu-west-1", account="000000000000", **botocore_config) -> boto3 client."""
    return stratus.client


@pytest.fixture(scope="session")
def cli(stratus):
    """cli("sqs", "list-queues") runs Debian's aws and gives its JSON; raises server.CliError."""
    return stratus.cli


@pytest.fixture(scope="session")
def signed(stratus):
    """signed(service, method, path, body, headers) sends one signed request, exactly as given."""
    return stratus.signed


@pytest.fixture(scope="session")
def http(stratus):
    """http(method, path, body, headers) sends one unsigned request."""
    return stratus.http


@pytest.fixture(scope="session")
def raw(stratus):
    """raw(bytes) -> bytes on a connection of its own."""
    return stratus.raw


@pytest.fixture
def advance_clock(stratus):
    """advance_clock(seconds) moves the clock that services see. Signatures are judged by the real time all along.
    Everybody's clock moves: a test that needs others' state unmoved takes `private_stratus`."""
    return stratus.advance_clock


@pytest.fixture
def private_stratus():
    """A server of the test's own, for what would disturb the others: moving the clock far, resetting, killing."""
    server = Stratus()
    yield server
    server.close()


@pytest.fixture(scope="session")
def open_stratus():
    """A server with --accept-any-credentials."""
    server = Stratus("--accept-any-credentials")
    yield server
    server.close()


@pytest.fixture
def unique():
    """unique("queue") -> a name nobody else uses."""
    return lambda stem="test": f"{stem}-{os.getpid()}-{next(_names)}"
