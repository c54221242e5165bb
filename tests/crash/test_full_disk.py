"""A full disk is an everyday fault: each refusal is AWS's own, nothing acknowledged is lost, and work goes on when there
is room again. On a small file system of its own; needs the right to mount one."""
import ctypes
import os
import pathlib
import tempfile

import botocore.exceptions
import pytest

from server import Stratus

REGION = "eu-west-1"


@pytest.fixture
def small_disk():
    """A directory on a tmpfs of 24 MiB."""
    libc = ctypes.CDLL("libc.so.6", use_errno=True)
    with tempfile.TemporaryDirectory(prefix="stratus-test-") as folder:
        path = pathlib.Path(folder) / "disk"
        path.mkdir()
        if libc.mount(b"tmpfs", str(path).encode(), b"tmpfs", 0, b"size=24m,mode=700") != 0:
            pytest.skip(f"cannot mount a file system: {os.strerror(ctypes.get_errno())}")
        try:
            yield path
        finally:
            libc.umount2(str(path).encode(), 2)


def until_refused(call, at_most=3000):
    """Calls until a ClientError, which it gives with the number of calls that went well."""
    for done in range(at_most):
        try:
            call(done)
        except botocore.exceptions.ClientError as refused:
            return done, refused.response
    raise AssertionError("the disk never became full")


def test_a_full_disk_refuses_and_loses_nothing(small_disk):
    server = Stratus(data_dir=small_disk / "d")
    server.log_path = small_disk.parent / "log"  # not on the full disk
    try:
        s3, sqs, secrets = (server.client(name) for name in ("s3", "sqs", "secretsmanager"))
        s3.create_bucket(Bucket="disk", CreateBucketConfiguration={"LocationConstraint": REGION})
        url = sqs.create_queue(QueueName="disk")["QueueUrl"]
        ballast = os.urandom(1 << 20)
        for n in range(20):
            sqs.send_message(QueueUrl=url, MessageBody=f"early-{n} " + "m" * 50_000)
            secrets.create_secret(Name=f"early-{n}", SecretString="early")
        objects, refusal = until_refused(lambda n: s3.put_object(Bucket="disk", Key=f"k{n}", Body=ballast))
        assert refusal["ResponseMetadata"]["HTTPStatusCode"] in (500, 503), refusal
        messages, refusal = until_refused(lambda n: sqs.send_message(QueueUrl=url, MessageBody=f"{n} " + "m" * 50_000))
        assert refusal["ResponseMetadata"]["HTTPStatusCode"] in (500, 503), refusal
        made, refusal = until_refused(lambda n: secrets.create_secret(Name=f"s{n}", SecretBinary=b"s" * 60_000))
        assert refusal["ResponseMetadata"]["HTTPStatusCode"] in (500, 503), refusal

        # Reading goes on.
        assert s3.get_object(Bucket="disk", Key="k0")["Body"].read() == ballast
        assert server.http("GET", "/_stratus/health").json()["status"] == "ok"

        # The process dies in the middle of it, and comes back on the full disk's data once there is a little room.
        server.kill()
        hog = small_disk / "d" / "blobs"
        assert hog.exists()
        server.start(server.port)
        listed = {entry["Key"] for entry in s3.list_objects_v2(Bucket="disk").get("Contents", [])}
        assert listed == {f"k{n}" for n in range(objects)}
        for n in range(made):
            assert secrets.get_secret_value(SecretId=f"s{n}")["SecretBinary"] == b"s" * 60_000

        assert secrets.get_secret_value(SecretId="early-19")["SecretString"] == "early"

        # Room again: everything works again.
        for n in range(objects):
            s3.delete_object(Bucket="disk", Key=f"k{n}")
        s3.put_object(Bucket="disk", Key="after", Body=b"after")
        sqs.send_message(QueueUrl=url, MessageBody="after")
        secrets.create_secret(Name="after", SecretString="after")
        found = []
        while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages"):
            found += [message["Body"].split(" ")[0] for message in batch]
        early = [f"early-{n}" for n in range(20)]
        assert sorted(found) == sorted(early + [str(n) for n in range(messages)] + ["after"])
        print(f"objects {objects}, messages {20 + messages}, secrets {20 + made}")
    finally:
        server.close()
