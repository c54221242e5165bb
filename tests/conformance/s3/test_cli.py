"""The aws command line, as people use it."""
import os
import urllib.request

import pytest

from server import CliError


def test_the_high_level_commands(cli, unique, tmp_path):
    bucket = unique("bucket")
    cli("s3", "mb", f"s3://{bucket}")
    assert bucket in cli("s3", "ls")
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a b.txt").write_text("hello")
    (tree / "sub" / "ü.bin").write_bytes(os.urandom(9 * 1024 * 1024))  # above the threshold of multipart uploads
    cli("s3", "sync", str(tree), f"s3://{bucket}/tree")
    assert "PRE tree/" in cli("s3", "ls", f"s3://{bucket}/")
    assert "a b.txt" in cli("s3", "ls", "--recursive", f"s3://{bucket}/tree/")
    assert cli("s3", "sync", str(tree), f"s3://{bucket}/tree") is None, "nothing is left to do"
    back = tmp_path / "back"
    cli("s3", "sync", f"s3://{bucket}/tree", str(back))
    assert (back / "sub" / "ü.bin").read_bytes() == (tree / "sub" / "ü.bin").read_bytes()
    cli("s3", "cp", f"s3://{bucket}/tree/a b.txt", f"s3://{bucket}/copy.txt")
    assert cli("s3", "cp", f"s3://{bucket}/copy.txt", "-") == "hello"
    cli("s3", "mv", f"s3://{bucket}/copy.txt", f"s3://{bucket}/moved.txt")
    url = cli("s3", "presign", f"s3://{bucket}/moved.txt", "--expires-in", "60").strip()
    with urllib.request.urlopen(url) as response:
        assert response.read() == b"hello"
    with pytest.raises(CliError, match="BucketNotEmpty"):
        cli("s3", "rb", f"s3://{bucket}")
    cli("s3", "rm", "--recursive", f"s3://{bucket}/")
    cli("s3", "rb", f"s3://{bucket}")
    with pytest.raises(CliError, match="NoSuchBucket"):
        cli("s3", "ls", f"s3://{bucket}")


def test_the_api_commands(cli, unique, tmp_path):
    bucket = unique("bucket")
    cli("s3api", "create-bucket", "--bucket", bucket, "--create-bucket-configuration", "LocationConstraint=eu-west-1")
    body = tmp_path / "body"
    body.write_bytes(b"bytes")
    put = cli("s3api", "put-object", "--bucket", bucket, "--key", "key", "--body", body, "--checksum-algorithm", "SHA256",
              "--metadata", "colour=blue")
    head = cli("s3api", "head-object", "--bucket", bucket, "--key", "key", "--checksum-mode", "ENABLED")
    assert head["ETag"] == put["ETag"] and head["ChecksumSHA256"] == put["ChecksumSHA256"]
    assert head["Metadata"] == {"colour": "blue"}
    assert cli("s3api", "get-object", "--bucket", bucket, "--key", "key", "--range", "bytes=0-2",
               tmp_path / "out")["ContentRange"] == "bytes 0-2/5"
    cli("s3api", "put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Enabled")
    assert cli("s3api", "delete-object", "--bucket", bucket, "--key", "key")["DeleteMarker"] is True
    versions = cli("s3api", "list-object-versions", "--bucket", bucket)
    assert versions["Versions"][0]["VersionId"] == "null" and versions["DeleteMarkers"][0]["IsLatest"] is True
    assert cli("s3api", "get-bucket-location", "--bucket", bucket)["LocationConstraint"] == "eu-west-1"
    cli("s3api", "wait", "bucket-exists", "--bucket", bucket)
