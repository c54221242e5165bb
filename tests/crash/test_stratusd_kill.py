"""kill -9 at random moments under load, again and again: what was acknowledged is there, and is there whole.

The moments are random but their seed is printed, and can be given again as CRASH_SEED.
"""
import collections
import hashlib
import os
import random
import threading
import time

import botocore.exceptions
import pytest

REGION = "eu-west-1"
ROUNDS = 5
WRITERS = 6
GONE = (botocore.exceptions.EndpointConnectionError, botocore.exceptions.ConnectionClosedError,
        botocore.exceptions.ReadTimeoutError, botocore.exceptions.HTTPClientError)


@pytest.fixture
def dice():
    seed = int(os.environ.get("CRASH_SEED", time.time_ns() % 1_000_000))
    print(f"CRASH_SEED={seed}")
    return random.Random(seed)


def kill_under_load(stratus, dice, write, rounds=ROUNDS):
    """Runs write(writer, stop) in several threads and kills the server amid; then starts it again. `rounds` times."""
    for _ in range(rounds):
        stop = threading.Event()
        failures = []

        def guarded(writer, stop=stop, failures=failures):
            try:
                write(writer, stop)
            except GONE:
                pass
            except Exception as problem:  # anything else is a finding
                failures.append(problem)

        threads = [threading.Thread(target=guarded, args=(number,)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        time.sleep(dice.uniform(0.3, 1.2))
        stratus.kill()
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures, failures
        stratus.start(stratus.port)


def drain(sqs, url):
    """Every message once: bodies to counts."""
    bodies = collections.Counter()
    while True:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages", [])
        if not messages:
            return bodies
        bodies.update(message["Body"] for message in messages)


# Sent and acknowledged means kept: every message, once, whole; and what was deleted stays deleted.
def test_acknowledged_messages_survive(stratus, dice):
    url = stratus.client("sqs").create_queue(QueueName="crash")["QueueUrl"]
    sent, deleted, touched = set(), set(), set()
    numbers = iter(range(10**9))
    lock = threading.Lock()

    def write(writer, stop):
        sqs = stratus.client("sqs")
        while not stop.is_set():
            with lock:
                batch = [f"message-{next(numbers)}-" + "x" * (writer * 300) for _ in range(10)]
            entries = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(batch)]
            answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
            with lock:
                sent.update(batch[int(entry["Id"])] for entry in answer["Successful"])
            if writer % 3 == 0:
                consume(sqs)

    def consume(sqs):
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages", [])
        with lock:
            touched.update(message["Body"] for message in messages)
        for message in messages[:5]:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            with lock:
                deleted.add(message["Body"])

    kill_under_load(stratus, dice, write)
    stratus.advance_clock(601)  # what was in flight comes back
    found = drain(stratus.client("sqs"), url)
    print(f"acknowledged {len(sent)}, deleted {len(deleted)}, found {len(found)}")
    assert len(sent) > 100
    # A message whose delete was cut off by a kill may be gone or not; all others must be there.
    lost = {body for body in sent - deleted if body not in found and body not in touched}
    assert not lost, f"{len(lost)} of {len(sent)} acknowledged messages are lost"
    assert not deleted & set(found), "deleted messages came back"
    twice = [body for body, count in found.items() if count > 1]
    assert not twice, f"{len(twice)} messages are there twice"


# A FIFO queue keeps its promises over a crash: order per group, no gap, no duplicate of what was acknowledged.
def test_fifo_order_survives(stratus, dice):
    url = stratus.client("sqs").create_queue(QueueName="crash.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    sent = collections.defaultdict(list)

    def write(writer, stop):
        sqs = stratus.client("sqs")
        group = f"group-{writer}"
        while not stop.is_set():
            number = len(sent[group])
            body = f"{group} {number}"
            # The same deduplication id again after a crash: what was written but not acknowledged must not double.
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=f"{writer}-{number}")
            sent[group].append(body)

    kill_under_load(stratus, dice, write, rounds=3)
    sqs = stratus.client("sqs")
    received = collections.defaultdict(list)
    while True:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])
        if not messages:
            break
        for message in messages:
            received[message["Attributes"]["MessageGroupId"]].append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert sum(map(len, sent.values())) > 20
    for group, bodies in sent.items():
        # At most one more than acknowledged: the one that the last kill cut off.
        assert received[group][:len(bodies)] == bodies
        assert len(received[group]) <= len(bodies) + 1


# No acknowledged object is lost, and no object is ever half there, acknowledged or not.
def test_acknowledged_objects_survive_whole(stratus, dice):
    stratus.client("s3").create_bucket(Bucket="crash", CreateBucketConfiguration={"LocationConstraint": REGION})
    kept, removed = {}, set()
    numbers = iter(range(10**9))
    lock = threading.Lock()

    def body_of(key):
        size = {0: 0, 1: 17, 2: 5_000, 3: 70_000, 4: 400_000}[int(hashlib.md5(key.encode()).hexdigest(), 16) % 5]
        return (hashlib.sha256(key.encode()).digest() * (size // 32 + 1))[:size]

    def write(writer, stop):
        s3 = stratus.client("s3")
        while not stop.is_set():
            with lock:
                key = f"{writer}/object-{next(numbers)}"
            answer = s3.put_object(Bucket="crash", Key=key, Body=body_of(key))
            if "ETag" not in answer:
                return  # botocore takes the last request's "200" for this one's when the connection ends unanswered
            with lock:
                kept[key] = True
            if next(numbers) % 7 == 0:
                with lock:
                    kept.pop(key)
                s3.delete_object(Bucket="crash", Key=key)
                with lock:
                    removed.add(key)

    kill_under_load(stratus, dice, write)
    s3 = stratus.client("s3")
    listed = [entry["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="crash")
              for entry in page.get("Contents", [])]
    print(f"acknowledged {len(kept)}, deleted {len(removed)}, listed {len(listed)}")
    assert len(kept) > 50
    assert not set(kept) - set(listed), "acknowledged objects are lost"
    assert not removed & set(listed), "deleted objects came back"
    for key in listed:
        answer = s3.get_object(Bucket="crash", Key=key)
        assert answer["Body"].read() == body_of(key), key


# Control-plane writes go through the store's group commit: the same promise.
def test_acknowledged_secrets_survive(stratus, dice):
    kept = {}
    lock = threading.Lock()

    def write(writer, stop):
        secrets = stratus.client("secretsmanager")
        while not stop.is_set():
            name = f"secret-{writer}-{len(kept)}-{time.monotonic_ns()}"
            secrets.create_secret(Name=name, SecretString=name[::-1])
            with lock:
                kept[name] = name[::-1]

    kill_under_load(stratus, dice, write, rounds=3)
    secrets = stratus.client("secretsmanager")
    assert len(kept) > 20
    for name, value in kept.items():
        assert secrets.get_secret_value(SecretId=name)["SecretString"] == value
