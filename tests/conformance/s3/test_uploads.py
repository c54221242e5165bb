"""Multipart uploads: parts become one object, all at once or not at all."""
import hashlib
import os

import boto3.s3.transfer
import pytest

PART = 5 * 1024 * 1024


def begin(s3, bucket, key="key", **parameters):
    return s3.create_multipart_upload(Bucket=bucket, Key=key, **parameters)["UploadId"]


def upload(s3, bucket, upload_id, number, body, key="key", **parameters):
    done = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body, **parameters)
    return {"PartNumber": number, **{name: done[name] for name in done if name == "ETag" or name.startswith("Checksum")}}


def complete(s3, bucket, upload_id, parts, key="key"):
    return s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts})


def test_parts_become_an_object(s3, bucket, refused):
    bodies = [os.urandom(PART), os.urandom(PART), b"tail"]
    upload_id = begin(s3, bucket, ContentType="text/plain", Metadata={"a": "b"}, Tagging="c=d")
    parts = [upload(s3, bucket, upload_id, number, body) for number, body in enumerate(bodies, 1)]
    upload(s3, bucket, upload_id, 9, b"never listed")
    refused("NoSuchKey", s3.get_object, 404, Bucket=bucket, Key="key")
    listed = s3.list_parts(Bucket=bucket, Key="key", UploadId=upload_id, MaxParts=3)
    assert [part["Size"] for part in listed["Parts"]] == [PART, PART, 4] and listed["IsTruncated"]
    assert listed["NextPartNumberMarker"] == 3
    done = complete(s3, bucket, upload_id, parts)
    digest = hashlib.md5(b"".join(hashlib.md5(body).digest() for body in bodies)).hexdigest()
    assert done["ETag"] == f'"{digest}-3"' and done["Bucket"] == bucket and done["Key"] == "key" and done["Location"]
    got = s3.get_object(Bucket=bucket, Key="key")
    assert got["Body"].read() == b"".join(bodies) and got["ContentType"] == "text/plain" and got["Metadata"] == {"a": "b"}
    assert s3.get_object(Bucket=bucket, Key="key", Range=f"bytes={2 * PART - 1}-")["Body"].read() == bodies[1][-1:] + b"tail"
    third = s3.get_object(Bucket=bucket, Key="key", PartNumber=3)
    assert third["Body"].read() == b"tail" and third["PartsCount"] == 3
    refused("NoSuchUpload", s3.list_parts, 404, Bucket=bucket, Key="key", UploadId=upload_id)
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")
    assert copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(b"".join(bodies)).hexdigest()}"'


def test_what_complete_refuses(s3, bucket, refused):
    upload_id = begin(s3, bucket)
    small, last = (upload(s3, bucket, upload_id, number, b"small") for number in (1, 2))
    assert refused("EntityTooSmall", complete, 400, s3=s3, bucket=bucket, upload_id=upload_id,
                   parts=[small, last])["Error"]["MinSizeAllowed"] == str(PART)
    refused("InvalidPartOrder", complete, 400, s3=s3, bucket=bucket, upload_id=upload_id, parts=[last, small])
    refused("InvalidPart", complete, 400, s3=s3, bucket=bucket, upload_id=upload_id,
            parts=[{"PartNumber": 1, "ETag": '"x"'}])
    refused("InvalidPart", complete, 400, s3=s3, bucket=bucket, upload_id=upload_id,
            parts=[{**small, "PartNumber": 7}])
    refused("MalformedXML", complete, 400, s3=s3, bucket=bucket, upload_id=upload_id, parts=[])
    refused("NoSuchUpload", complete, 404, s3=s3, bucket=bucket, upload_id="nothing", parts=[small])
    for number in (0, 10001):
        refused("InvalidArgument", s3.upload_part, 400, Bucket=bucket, Key="key", UploadId=upload_id,
                PartNumber=number, Body=b"x")
    refused("NoSuchUpload", s3.upload_part, 404, Bucket=bucket, Key="key", UploadId="nothing", PartNumber=1, Body=b"x")
    refused("NoSuchBucket", s3.create_multipart_upload, 404, Bucket="nobody-has-this", Key="key")
    complete(s3, bucket, upload_id, [small])
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"small"


def test_abort(s3, bucket, refused):
    upload_id = begin(s3, bucket)
    upload(s3, bucket, upload_id, 1, b"bytes")
    assert [row["UploadId"] for row in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload_id]
    s3.abort_multipart_upload(Bucket=bucket, Key="key", UploadId=upload_id)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    refused("NoSuchUpload", s3.abort_multipart_upload, 404, Bucket=bucket, Key="key", UploadId=upload_id)
    refused("NoSuchBucket", s3.list_multipart_uploads, 404, Bucket="nobody-has-this")


def test_parts_of_other_objects(s3, bucket, refused):
    s3.put_object(Bucket=bucket, Key="from", Body=b"0123456789")
    upload_id = begin(s3, bucket)
    copy = dict(Bucket=bucket, Key="key", UploadId=upload_id, PartNumber=1, CopySource=f"{bucket}/from")
    etag = s3.upload_part_copy(**copy, CopySourceRange="bytes=2-4")["CopyPartResult"]["ETag"]
    assert etag == f'"{hashlib.md5(b"234").hexdigest()}"'
    refused("InvalidRange", s3.upload_part_copy, 416, **copy, CopySourceRange="bytes=5-10")
    refused("InvalidArgument", s3.upload_part_copy, 400, **copy, CopySourceRange="bytes=5-")
    refused("PreconditionFailed", s3.upload_part_copy, 412, **copy, CopySourceIfMatch='"x"')
    refused("NoSuchKey", s3.upload_part_copy, 404, **{**copy, "CopySource": f"{bucket}/missing"})
    complete(s3, bucket, upload_id, [{"PartNumber": 1, "ETag": etag}])
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"234"


def test_listing_pages(s3, bucket):
    ids = {(key, begin(s3, bucket, key)) for key in ("a", "a", "b/1", "b/2", "c")}
    seen, parameters = [], {}
    while True:
        page = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2, **parameters)
        seen += [(row["Key"], row["UploadId"]) for row in page["Uploads"]]
        if not page["IsTruncated"]:
            break
        parameters = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    assert set(seen) == ids and len(seen) == len(ids) and [key for key, _ in seen] == sorted(key for key, _ in ids)
    grouped = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [group["Prefix"] for group in grouped["CommonPrefixes"]] == ["b/"] and len(grouped["Uploads"]) == 3


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_composite_checksums(s3, bucket, refused, algorithm):
    upload_id = begin(s3, bucket, ChecksumAlgorithm=algorithm)
    refused("InvalidRequest", upload, 400, s3=s3, bucket=bucket, upload_id=upload_id, number=1, body=b"x")
    parts = [upload(s3, bucket, upload_id, number, body, ChecksumAlgorithm=algorithm)
             for number, body in ((1, b"a" * PART), (2, b"b"))]
    member = f"Checksum{algorithm}"
    refused("InvalidRequest", complete, 400, s3=s3, bucket=bucket, upload_id=upload_id,
            parts=[{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts])
    assert complete(s3, bucket, upload_id, parts)[member].endswith("-2")
    attributes = s3.get_object_attributes(Bucket=bucket, Key="key", ObjectAttributes=["ObjectParts", "Checksum"])
    assert attributes["ObjectParts"]["TotalPartsCount"] == 2
    assert [part[member] for part in attributes["ObjectParts"]["Parts"]] == [part[member] for part in parts]


def test_boto3s_transfers(s3, bucket, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(17 * 1024 * 1024 + 3))
    transfer = boto3.s3.transfer.TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=4)
    s3.upload_file(str(source), bucket, "big", Config=transfer)
    s3.download_file(bucket, "big", str(tmp_path / "back"), Config=transfer)
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copy", Config=transfer)
    s3.download_file(bucket, "copy", str(tmp_path / "copy"), Config=transfer)
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
