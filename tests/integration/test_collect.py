"""From a browser's request to the account's rows, through the real processes: what the DCS promises in docs/contracts/hit.md."""
import http.client
import json
import pathlib
import socket
import sys
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from platform_stack import Platform  # noqa: E402

PAGE = "https://www.shop.example/"


@pytest.fixture(scope="module")
def platform():
    made = Platform()
    made.start_dcs()
    made.start_dps()
    yield made
    made.close()


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)


def send(platform, method, target, body=None, headers=None):
    connection = http.client.HTTPConnection(platform.parts["dcs"].addresses[0], timeout=30)
    try:
        connection.request(method, target, body=body, headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def hit(platform, **fields):
    fields = {"aid": platform.ACCOUNT, "url": PAGE, **fields}
    return send(platform, "POST", "/hit", json.dumps(fields), {"Content-Type": "text/plain", "User-Agent": "Mozilla/5.0"})


def raw(platform, data):
    host, port = platform.parts["dcs"].addresses[0].split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


def stored(platform, url):
    return platform.query("SELECT v.token, p.url FROM attrib_page p JOIN attrib_visitor v ON v.id = p.visitor_id WHERE url = %s", url)


def test_a_hit_becomes_a_visit(platform):
    url = PAGE + "?one"
    answer = hit(platform, url=url, ref="https://www.google.com/?gclid=1&utm_medium=cpc&utm_source=google")
    assert answer.status == 200
    platform.wait_for("the page", lambda: stored(platform, url))
    assert stored(platform, url) == [(answer.json()["vid"], url)]
    rows = platform.query("SELECT r.name FROM attrib_visit t JOIN attrib_referer r ON r.id = t.referer_id WHERE t.session_token = %s",
                          answer.json()["sid"])
    assert rows == [("PPC",)]


# A client that got no answer sends again: one row.
def test_a_repeated_hit_is_stored_once(platform):
    url = PAGE + "?repeated"
    fields = {"url": url, "hid": uuid.uuid4().hex, "ct": 1772366390000, "st": 1772366390000}
    first, second = hit(platform, **fields), hit(platform, **fields)
    assert first.json() == second.json()
    marker = PAGE + "?after-repeated"
    hit(platform, url=marker)
    platform.wait_for("the marker", lambda: stored(platform, marker))
    assert len(stored(platform, url)) == 1


# SQL, markup and every kind of quote in every field: text is text.
def test_hostile_text_is_stored_as_text(platform):
    evil = "'; DROP TABLE attrib_page; -- \" \\ $1 %s <script>"
    answer = hit(platform, url=PAGE + "?evil", title=evil, ref="https://x.example/" + evil,
                 labels=[{"name": evil, "type": "string", "value": evil}], sync=[evil],
                 events=[{"name": "purchase", "revenue": 5, "transaction_id": evil}])
    assert answer.status == 200
    platform.wait_for("the page", lambda: stored(platform, PAGE + "?evil"))
    assert platform.query("SELECT title FROM attrib_page WHERE url = %s", PAGE + "?evil") == [(evil,)]
    assert platform.query("SELECT value FROM attrib_label WHERE name = %s", evil) == [(evil,)]


def test_a_reduced_hit_leaves_its_reasons(platform):
    url = PAGE + "?reduced"
    answer = hit(platform, url=url, labels=[{"name": "n", "type": "integer", "value": "many"}])
    assert answer.json()["reduced"] == {"labels[0].value": "Not of its type"}
    platform.wait_for("the reason", lambda: platform.query(
        "SELECT reason FROM attrib_validation WHERE stage = 'dcs' AND field = 'labels[0].value'"))
    assert stored(platform, url)


def test_impressions_and_subscriptions(platform):
    pixel = send(platform, "GET", f"/{platform.ACCOUNT}/cubedimpression.gif?medium=email&source=letter")
    assert pixel.status == 200 and pixel.body.startswith(b"GIF89a") and pixel.headers["CUBED-STATUS"] == "accepted"
    bad = send(platform, "GET", "/subscription.js?aid=" + platform.ACCOUNT)
    assert bad.json() == {"status": False, "message": "Validation errors", "errors": {"tid": "Required"}}
    good = send(platform, "GET", f"/subscription.js?aid={platform.ACCOUNT}&tid=S-1&rvn=900")
    assert good.status == 200
    platform.wait_for("the impression", lambda: platform.query("SELECT * FROM attrib_impression WHERE source = 'letter'"))
    platform.wait_for("the sale", lambda: platform.query("SELECT * FROM attrib_subscription WHERE transaction_id = 'S-1'"))


# Blocking takes effect within the refresh, with no restart.
def test_a_blocked_visitor_is_refused_once_the_configuration_is_read(platform):
    visitor = uuid.uuid4().hex
    assert hit(platform, vid=visitor).status == 200
    platform.attrib("INSERT INTO attrib_blocked_visitor (account_id, visitor_token) SELECT id, %s FROM attrib_account WHERE token = %s",
                    visitor, platform.ACCOUNT)
    platform.wait_for("the block", lambda: hit(platform, vid=visitor).status == 403, seconds=30)


@pytest.mark.parametrize("data", [
    b"\x16\x03\x01\x02\x00\x01\x00", b"GARBAGE\r\n\r\n", b"GET /hit HTTP/9.9\r\n\r\n", b"\x00" * 4096,
    b"POST /hit HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /hit HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
], ids=["tls", "no-http", "version", "zeros", "negative", "gigantic", "header"])
def test_garbage_on_the_port_is_refused_and_the_service_goes_on(platform, data):
    try:
        answer = raw(platform, data)
    except ConnectionError:
        answer = b""
    assert answer == b"" or answer.split(b" ")[1][:1] in (b"4", b"5")
    assert send(platform, "GET", "/health").status == 200


def test_an_oversized_body_is_refused_before_it_is_read(platform):
    answer = raw(platform, b"POST /hit HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n")
    assert b" 413 " in answer.split(b"\r\n")[0]


def test_headers_cannot_be_injected(platform):
    target = f"/{platform.ACCOUNT}/cubedimpression.gif?medium=a%0d%0aX-Evil:%201&source=%0aSet-Cookie:x=1"
    assert send(platform, "GET", target).headers.get("X-Evil") is None
    answer = send(platform, "GET", "/hit?aid=none&url=" + PAGE, headers={"Origin": "https://a.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"


# With the central database away the collector serves what it knows, also after a restart.
def test_the_collector_starts_without_its_database(platform):
    dcs = platform.parts["dcs"]
    dcs.kill()
    platform.postgres("stop")
    try:
        dcs.start()
        answer = hit(platform, url=PAGE + "?away")
        assert answer.status == 200
    finally:
        platform.postgres("start")
    platform.wait_for("the page", lambda: stored(platform, PAGE + "?away"))


def test_a_simulated_month_arrives_whole(platform):
    printed = platform.cubed("simulate", "--account", platform.ACCOUNT, "--scenario", "L", "--visitors", 400, "--dcs",
                             platform.parts["dcs"].url, "--wait", "--wait-seconds", 120)
    assert "all stored" in printed
    truth = platform.query("SELECT count(*) FROM simulate_truth WHERE scenario = 'L'")
    sales = platform.query("SELECT count(*) FROM attrib_event_item WHERE transaction_id LIKE 'sim-L-%%'")
    assert truth == sales and truth[0][0] > 5
    # Every purchase belongs to the visitor that the truth names.
    assert platform.query("SELECT count(*) FROM simulate_truth t JOIN attrib_event_item e USING (transaction_id) "
                          "JOIN attrib_visitor v ON v.id = e.visitor_id WHERE v.token = t.visitor_token") == truth
    assert "nothing to do" in platform.cubed("simulate", "--account", platform.ACCOUNT, "--scenario", "L", "--visitors", 400,
                                             "--dcs", platform.parts["dcs"].url)
    assert "baseline" in platform.cubed("simulate", "--account", platform.ACCOUNT, "--print-truth")
