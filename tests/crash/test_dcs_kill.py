"""kill -9 of the collector, and of the cloud behind it, under load: every acknowledged hit reaches the database, exactly once."""
import http.client
import json
import pathlib
import random
import sys
import threading
import time
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from platform_stack import Platform  # noqa: E402

SENDERS = 8
KILLS = 6


@pytest.fixture
def platform():
    made = Platform()
    made.start_dcs()
    made.start_dps()
    yield made
    made.close()


class Sender(threading.Thread):
    """A browser that does not give up: a hit without an answer is sent again, by the same name, until there is one."""

    def __init__(self, platform, stop):
        super().__init__(daemon=True)
        self.platform, self.stop = platform, stop
        self.acknowledged = []  # urls
        self.errors = []
        self.tries = 0

    def run(self):
        connection = None
        while not self.stop.is_set():
            url = f"https://www.shop.example/{uuid.uuid4().hex}"
            now = int(time.time() * 1000)
            body = json.dumps({"aid": self.platform.ACCOUNT, "url": url, "hid": uuid.uuid4().hex, "ct": now, "st": now})
            while True:
                self.tries += 1
                try:
                    connection = connection or http.client.HTTPConnection(self.platform.parts["dcs"].addresses[0], timeout=10)
                    connection.request("POST", "/hit", body, {"Content-Type": "text/plain"})
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status == 200:
                        self.acknowledged.append(url)
                        break
                    if answer.status != 503:
                        self.errors.append(answer.status)
                        return
                except (OSError, http.client.HTTPException):
                    connection.close()
                    connection = None
                time.sleep(0.02)


def test_no_acknowledged_hit_is_lost_and_none_counts_twice(platform):
    stop = threading.Event()
    senders = [Sender(platform, stop) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    chance = random.Random(7)
    for number in range(KILLS):
        time.sleep(chance.uniform(0.2, 1.0))
        if number % 3 == 2:
            port = platform.stratus.port
            platform.stratus.kill()
            time.sleep(chance.uniform(0.1, 0.5))
            platform.stratus.start(port)
        else:
            platform.parts["dcs"].kill()
            platform.parts["dcs"].start()
    time.sleep(0.5)
    stop.set()
    for sender in senders:
        sender.join(timeout=60)
    assert not [error for sender in senders for error in sender.errors]

    acknowledged = [url for sender in senders for url in sender.acknowledged]
    assert len(acknowledged) > 200
    assert sum(sender.tries for sender in senders) > len(acknowledged), "no request was ever cut off: the kills hit nothing"
    platform.wait_for("every hit", lambda: platform.query("SELECT count(*) FROM attrib_page")[0][0] >= len(acknowledged), 90)
    time.sleep(1)  # a second copy, were there one, would arrive about now
    stored = [url for (url,) in platform.query("SELECT url FROM attrib_page")]
    assert sorted(stored) == sorted(acknowledged)


def test_a_spool_over_its_limit_sheds_load_and_loses_nothing(platform):
    dcs = platform.parts["dcs"]
    dcs.kill()
    dcs.command += ["--spool-bytes-max", str(200_000)]
    dcs.start()
    port = platform.stratus.port
    platform.stratus.kill()  # nothing can leave the spool
    acknowledged, refused = [], None
    connection = http.client.HTTPConnection(dcs.addresses[0], timeout=30)
    for _ in range(5000):
        url = f"https://www.shop.example/{uuid.uuid4().hex}"
        connection.request("POST", "/hit", json.dumps({"aid": platform.ACCOUNT, "url": url, "title": "x" * 400}))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            refused = answer
            break
        acknowledged.append(url)
        if answer.headers.get("Connection") == "close":
            connection.close()
    assert refused is not None and refused.status == 503 and refused.headers["Retry-After"]
    platform.stratus.start(port)
    platform.wait_for("every hit", lambda: platform.query("SELECT count(*) FROM attrib_page")[0][0] >= len(acknowledged), 90)
    assert sorted(url for (url,) in platform.query("SELECT url FROM attrib_page")) == sorted(acknowledged)
    again = http.client.HTTPConnection(dcs.addresses[0], timeout=30)

    def taken():
        again.request("POST", "/hit", json.dumps({"aid": platform.ACCOUNT, "url": "https://www.shop.example/again"}))
        answer = again.getresponse()
        answer.read()
        again.close()
        return answer.status == 200
    platform.wait_for("room again", taken, 30)
