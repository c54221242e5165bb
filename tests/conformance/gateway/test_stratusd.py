"""The daemon itself: its flags, files, refusals and the endpoints that are not AWS's."""
import json
import os
import pathlib
import signal
import stat
import subprocess
import tempfile
import time

import boto3
import botocore.credentials
import pytest

from server import MAIN_ACCOUNT, Stratus, binary

IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def run(*arguments):
    return subprocess.run([binary("stratusd"), *map(str, arguments)], capture_output=True, text=True, timeout=10)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="stratus-test-") as path:
        yield pathlib.Path(path)


@pytest.fixture
def daemon(folder):
    """daemon(*flags) starts one with the data directory folder/d; stopped at the end."""
    started = []

    def start(*flags, **options):
        started.append(Stratus(*flags, data_dir=folder / "d", **options))
        return started[-1]

    yield start
    for server in started:
        server.close()


# Secure from the first start: nobody but the owner gets at keys or data.
def test_first_start_guards_its_files(daemon):
    server = daemon()
    assert stat.S_IMODE(os.stat(server.data_dir).st_mode) == 0o700
    for path in server.data_dir.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE(server.credentials_file.stat().st_mode) == 0o600
    assert len((server.data_dir / "master.key").read_bytes()) == 32


# The promise of the first five minutes: credentials file, endpoint, nothing else.
def test_the_cli_needs_only_the_credentials_file(stratus):
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true",
                   "AWS_SHARED_CREDENTIALS_FILE": str(stratus.credentials_file)}
    done = subprocess.run(["/usr/bin/aws", "--endpoint-url", stratus.url, "sts", "get-caller-identity"], env=environment,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Account"] == MAIN_ACCOUNT


def test_credentials_survive_kill_and_restart(daemon):
    server = daemon()
    before = server.credentials_file.read_text()
    server.kill()
    server.start()
    assert server.credentials_file.read_text() == before
    assert server.client("sts").get_caller_identity()["Account"] == MAIN_ACCOUNT


# Each refusal: one sentence, an exit code, no trace of a half start.
@pytest.mark.parametrize("arguments, code, says", [
    ([], 2, "data-dir"),
    (["--data-dir", "D", "--nonsense"], 2, "nonsense"),
    (["--data-dir", "D", "--account", "12"], 2, "--account"),
    (["--data-dir", "D", "--region", "EU WEST"], 2, "--region"),
    (["--data-dir", "D", "--listen", "4566"], 2, "--listen"),
    (["--data-dir", "D", "--listen", "127.0.0.1:99999"], 2, "--listen"),
    (["--data-dir", "D", "--tls-cert", "x"], 2, "--tls-key"),
    (["--data-dir", "/proc/nothing/here"], 1, "/proc/nothing"),
    (["--data-dir", "D", "--listen", "203.0.113.1:4566"], 1, "203.0.113.1"),
], ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else str(value))
def test_wrong_usage_is_one_sentence(folder, arguments, code, says):
    done = run(*[folder / "d" if word == "D" else word for word in arguments])
    assert done.returncode == code, done
    assert says in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_directory_others_can_enter_is_refused(folder):
    data_dir = folder / "d"
    data_dir.mkdir()
    (data_dir / "something").write_text("x")
    os.chmod(data_dir, 0o755)
    done = run("--data-dir", data_dir, "--listen", "127.0.0.1:0")
    assert done.returncode == 1 and "chmod 700" in done.stderr, done


def test_a_readable_master_key_is_refused(daemon):
    server = daemon()
    server.kill()
    os.chmod(server.data_dir / "master.key", 0o644)
    done = run("--data-dir", server.data_dir, "--listen", "127.0.0.1:0")
    assert done.returncode == 1 and "master.key" in done.stderr, done


def test_one_process_per_data_directory_and_port(stratus, folder):
    done = run("--data-dir", stratus.data_dir, "--listen", "127.0.0.1:0")
    assert done.returncode == 1 and "in use" in done.stderr, done
    done = run("--data-dir", folder / "d", "--listen", f"127.0.0.1:{stratus.port}")
    assert done.returncode == 1 and str(stratus.port) in done.stderr, done


def test_sigterm_stops_promptly(daemon):
    server = daemon()
    started = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - started < 2


# Whatever moment the process dies at, the next start works.
def test_kill_during_start(folder, daemon):
    for delay_ms in range(0, 60, 6):
        process = subprocess.Popen([binary("stratusd"), "--data-dir", folder / "d", "--listen", "127.0.0.1:0"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay_ms / 1000)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert daemon().client("sts").get_caller_identity()["Account"] == MAIN_ACCOUNT


def test_health_says_what_runs(http):
    health = http("GET", "/_stratus/health").json()
    assert health["status"] == "ok"
    assert "sts" in health["services"]


# The flags for other people's suites: off unless asked for, and loud.
def test_test_endpoints_are_off_by_default(daemon):
    server = daemon(test_endpoints=False)
    assert server.http("POST", "/_stratus/reset").status == 404
    assert server.http("POST", "/_stratus/clock", '{"advance_seconds": 1}').status == 404
    assert "TEST ENDPOINTS" not in server.log()


def test_flags_are_loud(private_stratus, open_stratus):
    assert "TEST ENDPOINTS ARE ON" in private_stratus.log()
    assert "ACCEPTING ANY CREDENTIALS" in open_stratus.log()


def test_reset_is_quick(private_stratus):
    times = []
    for _ in range(6):
        started = time.monotonic()
        private_stratus.reset()
        times.append(time.monotonic() - started)
    assert min(times) < 0.010, times


def test_any_credentials(open_stratus):
    for key, account in (("333333333333", "333333333333"), ("test", MAIN_ACCOUNT), ("AKIAIOSFODNN7EXAMPLE", MAIN_ACCOUNT)):
        keys = botocore.credentials.Credentials(key, "whatever")
        answer = open_stratus.signed("sts", body=IDENTITY, headers=FORM, credentials=keys)
        assert f"<Account>{account}</Account>" in answer.text, answer
    assert f"<Account>{MAIN_ACCOUNT}</Account>" in open_stratus.http("POST", "/", IDENTITY, FORM).text


def test_the_operator_tool(stratus):
    stratus.client("sts").get_caller_identity()

    def tool(*arguments):
        return subprocess.run([binary("stratus"), *map(str, arguments)], capture_output=True, text=True, timeout=10)

    shown = tool("status", "--endpoint-url", stratus.url, "--data-dir", stratus.data_dir)
    assert shown.returncode == 0, shown.stderr
    assert "sts:GetCallerIdentity" in shown.stdout and "store.sqlite" in shown.stdout
    listed = tool("credentials", "--data-dir", stratus.data_dir)
    assert MAIN_ACCOUNT in listed.stdout
    assert stratus.credentials().secret_key not in listed.stdout
    nobody = tool("status", "--endpoint-url", "http://127.0.0.1:1")
    assert nobody.returncode == 1 and len(nobody.stderr.splitlines()) == 1


# TLS with a certificate of one's own, as any AWS client can be told to trust.
def test_tls(folder, daemon):
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True,
                   capture_output=True)
    server = daemon("--tls-cert", str(certificate), "--tls-key", str(key))
    assert server.url.startswith("https://")
    keys = server.credentials()
    sts = boto3.session.Session().client("sts", region_name="eu-west-1", endpoint_url=server.url, verify=str(certificate),
                                         aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key)
    assert sts.get_caller_identity()["Account"] == MAIN_ACCOUNT
