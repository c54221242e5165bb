"""A stratusd of the tests' own: started on a free port with a temporary data directory, killed whatever happens.

`Stratus` is used by the fixtures of tests/conformance and by tests that kill and restart the process themselves.
"""
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials

ROOT = pathlib.Path(__file__).resolve().parents[1]
MAIN_ACCOUNT = "000000000000"
OTHER_ACCOUNT = "111111111111"
REGION = "eu-west-1"
READY = re.compile(r"^stratusd: ready at (https?)://([^:\s]+):(\d+)")


def binary(name):
    """The program under test: STRATUS_BIN's, else the release build's, else the dev build's."""
    folders = [os.environ["STRATUS_BIN"]] if "STRATUS_BIN" in os.environ else [
        ROOT / "build" / preset / "bin" for preset in ("release", "dev")]
    for folder in folders:
        if (pathlib.Path(folder) / name).exists():
            return str(pathlib.Path(folder) / name)
    raise FileNotFoundError(f"{name} is not built (looked in {', '.join(map(str, folders))})")


def die_with_parent():
    """In the child, before exec: the kernel kills it when pytest dies, however it dies."""
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(1, signal.SIGKILL)


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {dict(self.headers)} {self.body[:500]!r}>"


class CliError(Exception):
    """aws ended with a status other than 0; str() is what it printed to standard error."""


class Stratus:
    def __init__(self, *flags, data_dir=None, port=0, test_endpoints=True):
        self._owns_data_dir = data_dir is None
        self.data_dir = pathlib.Path(data_dir or tempfile.mkdtemp(prefix="stratus-test-"))
        self.log_path = self.data_dir.parent / (self.data_dir.name + ".log")
        self._flags = list(flags) + (["--test-endpoints"] if test_endpoints else [])
        self._process = None
        self._profiles = {}
        self.start(port)

    # The process

    def start(self, port=0):
        command = [binary("stratusd"), "--data-dir", str(self.data_dir), "--listen", f"127.0.0.1:{port}",
                   "--region", REGION, "--account", MAIN_ACCOUNT, *self._flags]
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True,
                                             preexec_fn=die_with_parent)
        line = self._process.stdout.readline()
        ready = READY.match(line)
        if not ready:
            self.kill()
            raise RuntimeError(f"stratusd did not start: {line!r}\n{self.log()[-4000:]}")
        self.host, self.port = ready.group(2), int(ready.group(3))
        self.url = f"{ready.group(1)}://{self.host}:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        """kill -9, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def terminate(self):
        """SIGTERM; the exit code."""
        process, self._process = self._process, None
        process.terminate()
        code = process.wait(timeout=20)
        process.stdout.close()
        return code

    def close(self):
        self.kill()
        if self._owns_data_dir:
            shutil.rmtree(self.data_dir, ignore_errors=True)
            with contextlib.suppress(FileNotFoundError):
                self.log_path.unlink()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # Who calls

    @property
    def credentials_file(self):
        return self.data_dir / "credentials"

    def credentials(self, account=MAIN_ACCOUNT):
        """Root's keys of an account, made by the operator tool when the account is new."""
        if account not in self._profiles:
            if account != MAIN_ACCOUNT:
                subprocess.run([binary("stratus"), "credentials", "--data-dir", str(self.data_dir), "--account", account],
                               check=True, stdout=subprocess.DEVNULL)
            profile = "default" if account == MAIN_ACCOUNT else account
            loaded = botocore.credentials.SharedCredentialProvider(str(self.credentials_file), profile).load()
            if loaded is None:
                raise RuntimeError(f"no credentials of {account} in {self.credentials_file}")
            self._profiles[account] = botocore.credentials.Credentials(loaded.access_key, loaded.secret_key)
        return self._profiles[account]

    # Clients

    def client(self, service, region=REGION, account=MAIN_ACCOUNT, **config):
        """A boto3 client. It neither validates nor retries, so that what is tested is the server."""
        keys = self.credentials(account)
        endpoint = config.pop("endpoint_url", self.url)
        options = {"parameter_validation": False, "retries": {"total_max_attempts": 1}, "read_timeout": 60}
        return boto3.session.Session().client(
            service, region_name=region, endpoint_url=endpoint, aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key, config=botocore.config.Config(**{**options, **config}))

    def cli(self, *arguments, region=REGION, account=MAIN_ACCOUNT, stdin=None):
        """Debian's aws: its JSON (None when it prints nothing; text when it is not JSON). CliError when it fails."""
        self.credentials(account)
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(self.data_dir), "LC_ALL": "C.UTF-8", "AWS_MAX_ATTEMPTS": "1",
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials_file), "AWS_CONFIG_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": region, "AWS_PAGER": "",
            "AWS_PROFILE": "default" if account == MAIN_ACCOUNT else account,
        }
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", self.url, "--output", "json", *map(str, arguments)],
                              env=environment, input=stdin, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise CliError(done.stderr.strip())
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(done.stdout)
        return done.stdout or None

    def signed(self, service, method="POST", path="/", body=b"", headers=None, region=REGION, account=MAIN_ACCOUNT,
               credentials=None, unsign=None):
        """One request, signed but otherwise exactly as given; for what no SDK would send."""
        body = body.encode() if isinstance(body, str) else body
        request = botocore.awsrequest.AWSRequest(method=method, url=self.url + path, data=body, headers=headers or {})
        signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
        signer(credentials or self.credentials(account), service, region).add_auth(request)
        if unsign:
            unsign(request)
        return self.http(method, path, body, dict(request.headers.items()))

    def http(self, method, path, body=b"", headers=None):
        """One request without a signature."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body=body or None, headers=headers or {})
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def raw(self, data, timeout=20):
        """Bytes in, bytes out, until the server closes or falls silent."""
        with socket.create_connection((self.host, self.port), timeout=timeout) as connection:
            connection.sendall(data)
            received = b""
            with contextlib.suppress(socket.timeout, ConnectionResetError):
                while chunk := connection.recv(65536):
                    received += chunk
            return received

    # Test endpoints

    def advance_clock(self, seconds):
        answer = self.http("POST", "/_stratus/clock", json.dumps({"advance_seconds": seconds}),
                           {"Content-Type": "application/json"})
        assert answer.status == 200, answer

    def reset(self):
        answer = self.http("POST", "/_stratus/reset")
        assert answer.status == 200, answer

    def metrics(self):
        """{'name{labels}': value} of /_stratus/metrics."""
        lines = self.http("GET", "/_stratus/metrics").text.splitlines()
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))}


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")
