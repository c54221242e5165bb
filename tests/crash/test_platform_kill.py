"""kill -9 of the DPS, PostgreSQL, the DCS and stratusd at random moments under load: every hit that was acknowledged is in the
database once, and nothing else is. The moments are random; their seed is printed and can be given again as CRASH_SEED.
"""
import http.client
import json
import os
import random
import sys
import threading
import time
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from platform_stack import Platform  # noqa: E402

SENDERS = 4
ROUNDS = 6


@pytest.fixture
def dice():
    seed = int(os.environ.get("CRASH_SEED", time.time_ns() % 1_000_000))
    print(f"CRASH_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def platform():
    stack = Platform()
    try:
        yield stack
    finally:
        stack.close()


class Sender(threading.Thread):
    """Sends hits until told to stop; each again and again until it is acknowledged. Counts what was acknowledged."""

    def __init__(self, number, address):
        super().__init__()
        self.number, self.address = number, address
        self.stop, self.acknowledged = threading.Event(), 0

    def run(self):
        now = int(time.time() * 1000)
        while not self.stop.is_set():
            i = self.acknowledged
            visitor = f"{self.number:016x}{i // 10:016x}"
            hit = {"aid": Platform.ACCOUNT, "hid": f"crash-{self.number}-{i:08d}", "vid": visitor, "sid": visitor, "ct": now + i,
                   "st": now + i, "url": f"https://shop.example/{self.number}/{i}"}
            if i % 7 == 0:
                hit["events"] = [{"name": "purchase", "revenue": 100, "transaction_id": f"T{self.number}-{i}"}]
            self.send(json.dumps(hit))
            self.acknowledged += 1

    def send(self, body):
        while True:
            try:
                connection = http.client.HTTPConnection(self.address, timeout=5)
                connection.request("POST", "/hit", body, {"Content-Type": "text/plain"})
                answer = connection.getresponse()
                text = answer.read()
                if answer.status == 200:
                    return
                assert answer.status == 503, text
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.02)


def kill_and_start(platform, name, dice):
    if name == "postgres":
        platform.postgres("kill")
        time.sleep(dice.uniform(0, 0.5))
        platform.postgres("start")
    elif name == "stratusd":
        platform.stratus.kill()
        time.sleep(dice.uniform(0, 0.5))
        platform.stratus.start(platform.stratus.port)
    else:
        platform.parts[name].kill()
        time.sleep(dice.uniform(0, 0.5))
        platform.parts[name].start()


# The whole promise of the pipeline, from the acknowledgement to the row, with any of its parts dying.
def test_every_acknowledged_hit_is_stored_once(platform, dice):
    platform.start_dcs()
    platform.start_dps()
    address = platform.parts["dcs"].addresses[0]
    senders = [Sender(number, address) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        victims = ["dps", "postgres", "dcs", "stratusd"]
        for round_number in range(ROUNDS):
            time.sleep(dice.uniform(0.3, 1.0))
            kill_and_start(platform, victims[round_number % 4] if round_number < 4 else dice.choice(victims), dice)
        time.sleep(0.5)
    finally:
        for sender in senders:
            sender.stop.set()
        for sender in senders:
            sender.join()
    sent = sum(sender.acknowledged for sender in senders)
    sales = sum((sender.acknowledged + 6) // 7 for sender in senders)
    assert sent > 50

    def count():
        return platform.query("SELECT (SELECT count(*) FROM attrib_page), (SELECT count(*) FROM attrib_event_item)")[0]

    platform.wait_for(f"{sent} hits in the database", lambda: count()[0] >= sent, seconds=180)
    time.sleep(1)  # whatever would come twice, comes now
    assert count() == (sent, sales)
    pages = platform.query("SELECT count(DISTINCT url), (SELECT sum(views) FROM attrib_visit), "
                           "(SELECT count(*) FROM attrib_quarantine) FROM attrib_page")[0]
    assert pages == (sent, sent, 0)
