"""The whole platform of a test's own: PostgreSQL, stratusd, an account, DCS, DPS and Dash, each a real process on a port that the
system chose, in a temporary directory, killed with the tests whatever happens. Each part can be killed and started by itself."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

import psycopg2

from server import ROOT, Stratus, binary, die_with_parent

POSTGRES = ROOT / "tools" / "postgres" / "postgres"


class Part:
    """A process that prints one line with its address when it is ready."""

    def __init__(self, name, command, environment, folder):
        self.name, self.command, self.environment = name, command, environment
        self.log_path = folder / f"{name}.log"
        self.process = None
        self.address = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True,
                                            preexec_fn=die_with_parent)
        line = self.process.stdout.readline()
        if "ready" not in line:
            self.kill()
            raise RuntimeError(f"{self.name} did not start: {line!r}\n{self.log()[-3000:]}")
        self.addresses = re.findall(r"http://([\d.]+:\d+)", line)
        # Started again, it must come back where its peers expect it.
        for address in self.addresses:
            port = address.rsplit(":", 1)[1]
            self.command = [f"127.0.0.1:{port}" if re.fullmatch(r"127\.0\.0\.1:0", word) else word for word in self.command]
        return self

    @property
    def url(self):
        return "http://" + self.addresses[0]

    def kill(self):
        """kill -9, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""


class Platform:
    ACCOUNT = "c-a-demo-uk"

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cubed-test-"))
        self.folder.chmod(0o755)  # user postgres must reach its part of it
        self.parts = {}
        self.stratus = None
        self.postgres_url = self.postgres("start")
        try:
            self.stratus = Stratus(data_dir=self.folder / "cloud", test_endpoints=False)
            self.cubed("control", "install", "--database", self.postgres_url)
            self.cubed("control", "create-account", "--name", "demo", "--location", "uk", "--domain", "shop.example",
                       "--simulated", "--demo")
        except BaseException:
            self.close()
            raise

    def postgres(self, verb, *arguments):
        done = subprocess.run([POSTGRES, verb, self.folder / "postgres", *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    @property
    def environment(self):
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "AWS_REGION": "eu-west-1",
                "AWS_SHARED_CREDENTIALS_FILE": str(self.stratus.credentials_file), "AWS_ENDPOINT_URL": self.stratus.url}

    def cubed(self, *arguments):
        """Runs a cubed command to its end; what it printed."""
        done = subprocess.run([binary("cubed"), *map(str, arguments)], env=self.environment, capture_output=True, text=True,
                              timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"cubed {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stderr[-4000:]}")
        return done.stdout

    def start(self, name, *arguments):
        self.parts[name] = Part(name, [binary("cubed"), *map(str, arguments)], self.environment, self.folder).start()
        return self.parts[name]

    def start_dcs(self):
        return self.start("dcs", "dcs", "--listen", "127.0.0.1:0", "--spool-dir", self.folder / "spool")

    def start_dps(self):
        return self.start("dps", "dps", "--all-accounts", "--listen", "127.0.0.1:0")

    def start_dash(self):
        return self.start("dash", "dash", "--listen", "127.0.0.1:0", "--shop-listen", "127.0.0.1:0",
                          "--shop-account", self.ACCOUNT, "--collector", self.parts["dcs"].url)

    def dashboard_password(self):
        secret = self.stratus.client("secretsmanager").get_secret_value(SecretId=f"cubed/dash/{self.ACCOUNT}")
        return json.loads(secret["SecretString"])["password"]

    def query(self, sql, *values):
        """Rows of the account's database, as its owner sees them."""
        base = self.postgres_url.rsplit("/", 1)[0]
        connection = psycopg2.connect(f"{base}/cubed_a_demo_uk")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def attrib(self, sql, *values):
        """Changes the central database, as its owner does."""
        connection = psycopg2.connect(self.postgres_url.rsplit("/", 1)[0] + "/attrib")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, values)
        finally:
            connection.close()

    def wait_for(self, what, check, seconds=60):
        """Until check() is true: for what another process does and tells nobody."""
        end = time.monotonic() + seconds
        while not check():
            if time.monotonic() > end:
                logs = "\n".join(f"--- {part.name}\n{part.log()[-1500:]}" for part in self.parts.values())
                raise TimeoutError(f"{what}: not within {seconds} s\n{logs}")
            time.sleep(0.05)

    def get(self, url):
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.read()

    def close(self):
        for part in self.parts.values():
            part.kill()
        if self.stratus is not None:
            self.stratus.close()
        subprocess.run([POSTGRES, "wipe", self.folder / "postgres"], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)
