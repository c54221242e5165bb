"""Whatever arrives on the port gets AWS's own error and a log line; nothing brings the server down or fools it."""
import base64
import datetime
import hashlib
import socket
import threading
import time
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from server import MAIN_ACCOUNT, REGION

JSON = {"Content-Type": "application/x-amz-json-1.0"}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"
STS_SCOPE = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=00"


def still_alive(stratus):
    assert stratus.http("GET", "/_stratus/health").json()["status"] == "ok"
    return True


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


# Port scanners, broken proxies and lost TLS clients all end up here.
@pytest.mark.parametrize("garbage", [
    b"\x00" * 64, b"\xff\xfe\xfd" * 100, b"GET\r\n\r\n", b"HELO stratus\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    b"GET / HTTP/9.9\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
], ids=lambda data: repr(data[:30]))
def test_garbage_is_refused(stratus, raw, garbage):
    answer = raw(garbage, timeout=2)
    assert answer == b"" or 400 <= status_of(answer) < 600, answer
    assert still_alive(stratus)


# Half a request must not hold anything that others need.
def test_half_requests_hold_up_nobody(stratus):
    halves = [socket.create_connection((stratus.host, stratus.port)) for _ in range(50)]
    for number, half in enumerate(halves):
        half.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"[:10 + number])
    assert still_alive(stratus)
    for half in halves:
        half.close()
    assert still_alive(stratus)


def test_oversized_headers_are_refused(stratus, raw):
    answer = raw(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n", timeout=5)
    assert answer == b"" or status_of(answer) in (400, 431), answer[:200]
    assert still_alive(stratus)


# 1 GiB to an operation that takes a few KiB: refused on the head, with not a byte of the body read.
@pytest.mark.parametrize("headers", [
    f"Content-Type: application/x-www-form-urlencoded\r\nAuthorization: {STS_SCOPE}\r\n",
    "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n",
    "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: secretsmanager.PutSecretValue\r\n",
], ids=["sts", "sqs", "secretsmanager"])
def test_a_gibibyte_is_refused_before_it_is_read(stratus, raw, headers):
    started = time.monotonic()
    answer = raw(f"POST / HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {1 << 30}\r\n\r\n".encode(), timeout=5)
    assert status_of(answer) == 413, answer[:300]
    assert time.monotonic() - started < 4
    assert still_alive(stratus)


# A chunked body says no length beforehand: it must be cut off at the limit all the same.
def test_an_endless_chunked_body_is_cut_off(stratus):
    with socket.create_connection((stratus.host, stratus.port), timeout=10) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: {STS_SCOPE}\r\nTransfer-Encoding: chunked\r\n"
                           "Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode())
        chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        sent = 0
        try:
            while sent < 64 << 20:
                connection.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError, socket.timeout):
            pass
        assert sent < 64 << 20
    assert still_alive(stratus)


def test_deep_json_is_refused(signed, stratus):
    for deep in ("[" * 100_000, '{"a":' * 50_000):
        answer = signed("sqs", body=deep, headers={**JSON, "X-Amz-Target": "AmazonSQS.ListQueues"})
        assert answer.status == 400, answer
        assert answer.json()["__type"].endswith("SerializationException")
    assert still_alive(stratus)


@pytest.mark.parametrize("body", [b'{"QueueName": "\xff\xfe"}', b"\x00", b"{", b"[]", b'"x"', b'{"QueueName": 5}',
                                  b'{"QueueName": {"a": 1}}', b'{"QueueName": "a"} trailing'],
                         ids=lambda body: repr(body))
def test_malformed_json_is_a_serialization_error(signed, body):
    answer = signed("sqs", body=body, headers={**JSON, "X-Amz-Target": "AmazonSQS.CreateQueue"})
    assert answer.status == 400, answer
    assert answer.json()["__type"].endswith("SerializationException"), answer


# Billion laughs and external entities: no parser of ours may expand either.
def test_xml_entities_are_not_expanded(signed, stratus, client, unique):
    bucket = unique("bucket")
    client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    bomb = ('<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
            '<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&b;&x;</Key></Object></Delete>')
    md5 = base64.b64encode(hashlib.md5(bomb.encode()).digest()).decode()
    answer = signed("s3", path=f"/{bucket}?delete", body=bomb, headers={"Content-MD5": md5})
    assert "root:" not in answer.text
    assert "aaaaaaaaaaaaaaaaaaaa" not in answer.text
    assert answer.status in (200, 400), answer
    assert still_alive(stratus)


# Signatures.

def test_a_wrong_secret_is_a_signature_mismatch(stratus, signed):
    wrong = botocore.credentials.Credentials(stratus.credentials().access_key, "wrong" * 8)
    answer = signed("sts", body=IDENTITY, headers=FORM, credentials=wrong)
    assert (answer.status, "SignatureDoesNotMatch" in answer.text) == (403, True), answer


def test_an_unknown_key_is_an_invalid_token(signed):
    nobody = botocore.credentials.Credentials("AKIANOBODYNOBODYNOBO", "secret")
    answer = signed("sts", body=IDENTITY, headers=FORM, credentials=nobody)
    assert (answer.status, "InvalidClientTokenId" in answer.text) == (403, True), answer
    answer = signed("s3", method="GET", path="/", credentials=nobody)
    assert (answer.status, "InvalidAccessKeyId" in answer.text) == (403, True), answer


def test_no_signature_is_no_access(http):
    answer = http("POST", "/", IDENTITY, FORM)
    assert (answer.status, "MissingAuthenticationToken" in answer.text) == (403, True), answer
    answer = http("GET", "/")
    assert (answer.status, "AccessDenied" in answer.text) == (403, True), answer


# What was signed is what counts: a changed body, header or query must not pass.
def test_changing_anything_signed_breaks_it(stratus):
    def change(part):
        request = botocore.awsrequest.AWSRequest(method="POST", url=stratus.url + "/", data=IDENTITY, headers=dict(FORM))
        botocore.auth.SigV4Auth(stratus.credentials(), "sts", REGION).add_auth(request)
        headers, path, body = dict(request.headers.items()), "/", IDENTITY
        if part == "body":
            body = IDENTITY + "&a=b"
        elif part == "query":
            path = "/?x=y"
        elif part == "date":
            headers["X-Amz-Date"] = (datetime.datetime.now(datetime.timezone.utc) -
                                     datetime.timedelta(seconds=90)).strftime("%Y%m%dT%H%M%SZ")
        return stratus.http("POST", path, body, headers)

    assert change("nothing").status == 200
    for part in ("body", "query", "date"):
        answer = change(part)
        assert (answer.status, "SignatureDoesNotMatch" in answer.text) == (403, True), (part, answer)


@pytest.mark.parametrize("authorization", [
    "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=", "AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request",
    "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/sts/aws4_request, SignedHeaders=, Signature=",
    "Basic dXNlcjpwYXNz", "Bearer x", "AWS AKIA:signature", "x" * 8000,
], ids=lambda text: text[:40])
def test_malformed_authorization_is_refused(http, stratus, authorization):
    answer = http("POST", "/", IDENTITY, {**FORM, "Authorization": authorization})
    assert 400 <= answer.status < 500, answer
    assert still_alive(stratus)


def signed_at(stratus, monkeypatch, when):
    """A request signed as if the client's clock stood at `when`."""
    class Frozen(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return when.replace(tzinfo=None)

    class Module:
        datetime = Frozen

    with monkeypatch.context() as patch:
        patch.setattr(botocore.auth, "datetime", Module)
        return stratus.signed("sts", body=IDENTITY, headers=FORM)


# Fifteen minutes of clock skew are fine, more is not: a replay must age out.
@pytest.mark.parametrize("minutes, accepted", [(0, True), (-14, True), (14, True), (-16, False), (16, False)])
def test_clock_skew(stratus, monkeypatch, minutes, accepted):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    answer = signed_at(stratus, monkeypatch, when)
    assert (answer.status == 200) is accepted, answer
    if not accepted:
        assert "SignatureDoesNotMatch" in answer.text or "RequestExpired" in answer.text, answer


# A presigned URL ends when it says, and is good only for what it says.
def test_presigned_urls_expire_and_bind(stratus, client, unique):
    s3 = client("s3", signature_version="s3v4")
    bucket = unique("bucket")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    url = urllib.parse.urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"},
                                                          ExpiresIn=60))
    target = f"{url.path}?{url.query}"
    assert stratus.http("GET", target).body == b"hello"
    assert stratus.http("GET", target).status == 200  # again within its time: that is what presigned URLs are for
    assert stratus.http("PUT", target, b"x").status == 403
    assert stratus.http("GET", target.replace("/k?", "/other?")).status == 403
    assert stratus.http("GET", target.replace("X-Amz-Expires=60", "X-Amz-Expires=6000")).status == 403
    parameters = dict(urllib.parse.parse_qsl(url.query))
    parameters["X-Amz-Date"] = (datetime.datetime.now(datetime.timezone.utc) -
                                datetime.timedelta(hours=2)).strftime("%Y%m%dT%H%M%SZ")
    answer = stratus.http("GET", f"{url.path}?{urllib.parse.urlencode(parameters)}")
    assert answer.status == 403 and ("xpired" in answer.text or "SignatureDoesNotMatch" in answer.text), answer


# Services nobody hosts are refused in the protocol the client speaks.
def test_an_unknown_service_is_refused(signed):
    answer = signed("ec2", body="Action=DescribeInstances&Version=2016-11-15", headers=FORM)
    assert answer.status == 501 and "<Code>UnsupportedOperation</Code>" in answer.text, answer
    answer = signed("dynamodb", body="{}", headers={**JSON, "X-Amz-Target": "DynamoDB_20120810.ListTables"})
    assert answer.status == 501 and answer.json()["__type"].endswith("UnsupportedOperation"), answer


# Path and host tricks must end as an error or as that literal name, never as a file elsewhere.
@pytest.mark.parametrize("path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd",
                                  "/a%00b/c", "/bucket/%", "/bucket/%zz", "//", "/_stratus/../etc/passwd"])
def test_path_tricks(stratus, signed, path):
    for answer in (signed("s3", method="GET", path=path), stratus.http("GET", path)):
        assert 400 <= answer.status < 500, answer
        assert "root:" not in answer.text


def test_metrics_count_what_happened(stratus, client):
    client("sts").get_caller_identity()
    metrics = stratus.metrics()
    assert metrics['stratus_requests_total{service="sts",operation="GetCallerIdentity"}'] >= 1
    assert any(name.startswith("stratus_request_seconds_bucket") for name in metrics)


# Nothing a client sends may forge a log line.
def test_the_log_cannot_be_forged(stratus, http):
    http("GET", "/forged%0aline=1", headers={"User-Agent": "x", "X-Amz-Target": "a\tb"})
    assert "\nline=1" not in stratus.log()


def test_many_clients_at_once(client):
    answers = []
    sts = client("sts", max_pool_connections=32)
    threads = [threading.Thread(target=lambda: answers.append(sts.get_caller_identity()["Account"])) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [MAIN_ACCOUNT] * 32
