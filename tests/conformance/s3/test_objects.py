"""Objects: what is put is got, byte for byte and word for word, or refused with S3's own error."""
import base64
import datetime
import hashlib
import io
import os
import zlib

import botocore.auth
import botocore.awsrequest
import pytest

KEYS = ["plain", "a/b/c", "sp ace+plus&amp=x?y#z%41", "ünïcödé/☃", "../../etc/passwd", "/leading", "trailing/", "//", ".",
        "..", "a\tb", "line\nbreak", "\x01control", "<xml>&\"'", "k" * 1024]


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_any_key_comes_back(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert [found["Key"] for found in s3.list_objects(Bucket=bucket)["Contents"]] == [key]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    # XML 1.0 has no way to say U+0001; S3 writes a reference that parsers refuse, so nobody asks for the answer.
    quiet = "\x01" in key
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}], "Quiet": quiet})
    assert gone.get("Deleted") == (None if quiet else [{"Key": key}]) and "Errors" not in gone
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["copy"]


@pytest.mark.parametrize("size", [0, 1, 65536, 262144, 262145, 3_000_000])
def test_any_size_comes_back(s3, bucket, size):
    body = os.urandom(size)
    etag = s3.put_object(Bucket=bucket, Key="key", Body=body)["ETag"]
    assert etag == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="key")
    assert got["ContentLength"] == size and got["Body"].read() == body and got["ETag"] == etag


def test_descriptions_come_back(s3, bucket):
    expires = datetime.datetime(2031, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
    s3.put_object(Bucket=bucket, Key="key", Body=b"{}", ContentType="application/json", CacheControl="max-age=1",
                  ContentDisposition='attachment; filename="x.json"', ContentEncoding="identity", ContentLanguage="en",
                  Expires=expires, Metadata={"Colour": "blue", "empty": ""}, StorageClass="STANDARD_IA",
                  WebsiteRedirectLocation="/other", Tagging="a=1&b=2")
    for got in (s3.head_object(Bucket=bucket, Key="key"), s3.get_object(Bucket=bucket, Key="key")):
        assert got["ContentType"] == "application/json" and got["CacheControl"] == "max-age=1"
        assert got["ContentDisposition"] == 'attachment; filename="x.json"' and got["ContentLanguage"] == "en"
        assert got["ContentEncoding"] == "identity" and got["Expires"] == expires
        assert got["Metadata"] == {"colour": "blue", "empty": ""} and got["StorageClass"] == "STANDARD_IA"
        assert got["WebsiteRedirectLocation"] == "/other" and got["AcceptRanges"] == "bytes"
        assert got["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
    s3.put_object(Bucket=bucket, Key="plain", Body=b"")
    assert s3.head_object(Bucket=bucket, Key="plain")["ContentType"] == "binary/octet-stream"


def test_response_headers_can_be_overridden(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"bytes")
    got = s3.get_object(Bucket=bucket, Key="key", ResponseContentType="text/csv", ResponseCacheControl="no-store",
                        ResponseContentDisposition="inline", ResponseContentLanguage="de",
                        ResponseContentEncoding="identity")
    assert got["ContentType"] == "text/csv" and got["CacheControl"] == "no-store" and got["ContentLanguage"] == "de"
    assert got["ContentDisposition"] == "inline" and got["ContentEncoding"] == "identity"


def test_metadata_cannot_smuggle_headers(s3, bucket, signed):
    too_much = signed("s3", "PUT", f"/{bucket}/key", b"x", {"x-amz-meta-a": "v" * 2049})
    assert too_much.status == 400 and "<Code>MetadataTooLarge</Code>" in too_much.text
    injected = signed("s3", "GET", f"/{bucket}/key?response-content-type=text%2Fplain%0D%0Ax-evil%3A%201", b"", {})
    assert injected.status in (400, 404) and "x-evil" not in {name.lower() for name in dict(injected.headers)}
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    injected = signed("s3", "GET", f"/{bucket}/key?response-content-type=text%2Fplain%0D%0Ax-evil%3A%201", b"", {})
    assert injected.status == 400 and "x-evil" not in {name.lower() for name in dict(injected.headers)}


@pytest.mark.parametrize("header, body, content_range", [
    ("bytes=0-0", b"0", "bytes 0-0/10"), ("bytes=2-4", b"234", "bytes 2-4/10"), ("bytes=7-", b"789", "bytes 7-9/10"),
    ("bytes=-2", b"89", "bytes 8-9/10"), ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ("bytes=9-99", b"9", "bytes 9-9/10"), ("bytes=0-1,4-5", b"0123456789", None), ("bytes=5-4", b"0123456789", None),
    ("lines=0-1", b"0123456789", None)])
def test_ranges(s3, bucket, header, body, content_range):
    s3.put_object(Bucket=bucket, Key="key", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="key", Range=header)
    assert got["Body"].read() == body and got.get("ContentRange") == content_range
    assert got["ResponseMetadata"]["HTTPStatusCode"] == (206 if content_range else 200)
    assert s3.head_object(Bucket=bucket, Key="key", Range=header)["ContentLength"] == len(body)


def test_unsatisfiable_ranges(s3, bucket, refused):
    s3.put_object(Bucket=bucket, Key="key", Body=b"0123456789")
    error = refused("InvalidRange", s3.get_object, 416, Bucket=bucket, Key="key", Range="bytes=10-")
    assert error["Error"]["ActualObjectSize"] == "10" and error["Error"]["RangeRequested"] == "bytes=10-"
    refused("InvalidRequest", s3.get_object, 400, Bucket=bucket, Key="key", Range="bytes=0-", PartNumber=1)
    refused("InvalidPartNumber", s3.get_object, 416, Bucket=bucket, Key="key", PartNumber=2)
    assert s3.get_object(Bucket=bucket, Key="key", PartNumber=1)["Body"].read() == b"0123456789"


def test_conditional_reads(s3, bucket, refused):
    etag = s3.put_object(Bucket=bucket, Key="key", Body=b"bytes")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="key")["LastModified"]
    before, after = modified - datetime.timedelta(days=1), modified + datetime.timedelta(days=1)
    for read, suffix in ((s3.get_object, True), (s3.head_object, False)):
        assert read(Bucket=bucket, Key="key", IfMatch=etag)["ETag"] == etag
        assert read(Bucket=bucket, Key="key", IfModifiedSince=before)["ETag"] == etag
        assert read(Bucket=bucket, Key="key", IfUnmodifiedSince=after)["ETag"] == etag
        failed = "PreconditionFailed" if suffix else "412"
        refused(failed, read, 412, Bucket=bucket, Key="key", IfMatch='"other"')
        refused(failed, read, 412, Bucket=bucket, Key="key", IfUnmodifiedSince=before)
        same = refused("304", read, 304, Bucket=bucket, Key="key", IfNoneMatch=etag)
        assert same["ResponseMetadata"]["HTTPHeaders"]["etag"] == etag
        refused("304", read, 304, Bucket=bucket, Key="key", IfModifiedSince=modified)
        # If-None-Match beats If-Modified-Since.
        assert read(Bucket=bucket, Key="key", IfNoneMatch='"x"', IfModifiedSince=after)["ETag"] == etag


def test_conditional_writes(signed, s3, bucket):
    # Debian's SDK does not know these headers yet.
    put = lambda body, **headers: signed("s3", "PUT", f"/{bucket}/key", body,
                                         {name.replace("_", "-"): value for name, value in headers.items()})
    assert "NoSuchKey" in put(b"first", if_match='"x"').text
    created = put(b"first", if_none_match="*")
    assert created.status == 200
    assert put(b"second", if_none_match="*").status == 412
    assert put(b"second", if_none_match='"x"').status == 501
    assert put(b"second", if_match='"x"').status == 412
    assert put(b"second", if_match=created.headers["etag"]).status == 200
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"second"


def test_digests_are_checked(s3, bucket, refused):
    right = base64.b64encode(hashlib.md5(b"bytes").digest()).decode()
    s3.put_object(Bucket=bucket, Key="key", Body=b"bytes", ContentMD5=right)
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    refused("BadDigest", s3.put_object, 400, Bucket=bucket, Key="key", Body=b"later", ContentMD5=wrong)
    refused("InvalidDigest", s3.put_object, 400, Bucket=bucket, Key="key", Body=b"later", ContentMD5="no digest")
    crc = base64.b64encode(zlib.crc32(b"other").to_bytes(4, "big")).decode()
    refused("BadDigest", s3.put_object, 400, Bucket=bucket, Key="key", Body=b"later", ChecksumCRC32=crc)
    refused("InvalidRequest", s3.put_object, 400, Bucket=bucket, Key="key", Body=b"later", ChecksumCRC32="short")
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"bytes"


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
@pytest.mark.parametrize("body", [b"bytes", io.BytesIO], ids=["header", "stream"])
def test_checksums(s3, bucket, algorithm, body):
    sent = body if isinstance(body, bytes) else body(b"x" * 300_000)
    put = s3.put_object(Bucket=bucket, Key="key", Body=sent, ChecksumAlgorithm=algorithm)
    member = f"Checksum{algorithm}"
    assert put[member]
    assert member not in s3.head_object(Bucket=bucket, Key="key")
    got = s3.get_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    assert got[member] == put[member]
    got["Body"].read()  # boto3 checks it
    attributes = s3.get_object_attributes(Bucket=bucket, Key="key",
                                          ObjectAttributes=["Checksum", "ETag", "ObjectSize", "StorageClass"])
    assert attributes["Checksum"][member] == put[member]
    assert attributes["ETag"] == put["ETag"].strip('"') and attributes["StorageClass"] == "STANDARD"
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["ChecksumAlgorithm"] == [algorithm]
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")
    assert copied["CopyObjectResult"][member] == put[member]


class UnsignedTrailer(botocore.auth.S3SigV4Auth):
    """Signs the head of a request whose body is unsigned chunks with a trailer: what today's SDKs send."""
    def payload(self, request):
        return "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def test_checksums_in_trailers(stratus, s3, bucket):
    def put(crc, *, announced="x-amz-checksum-crc32"):
        body = b"5\r\nbytes\r\n0\r\nx-amz-checksum-crc32:" + base64.b64encode(crc) + b"\r\n\r\n"
        headers = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "5", "x-amz-trailer": announced}
        request = botocore.awsrequest.AWSRequest(method="PUT", url=f"{stratus.url}/{bucket}/key", data=body, headers=headers)
        UnsignedTrailer(stratus.credentials(), "s3", "eu-west-1").add_auth(request)
        return stratus.http("PUT", f"/{bucket}/key", body, dict(request.headers.items()))
    crc = zlib.crc32(b"bytes").to_bytes(4, "big")
    response = put(crc)
    assert response.status == 200, response
    assert response.headers["x-amz-checksum-crc32"] == base64.b64encode(crc).decode()
    got = s3.get_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"bytes" and "ContentEncoding" not in got
    assert got["ChecksumCRC32"] == base64.b64encode(crc).decode()
    wrong = put(b"\0\1\2\3")
    assert wrong.status == 400 and "<Code>BadDigest</Code>" in wrong.text
    unknown = put(crc, announced="x-amz-checksum-md4")
    assert unknown.status == 400


@pytest.mark.parametrize("code, status, parameters", [
    ("NotImplemented", 501, {"ServerSideEncryption": "AES256"}),
    ("NotImplemented", 501, {"ServerSideEncryption": "aws:kms"}),
    ("InvalidEncryptionAlgorithmError", 400, {"ServerSideEncryption": "ROT13"}),
    ("AccessControlListNotSupported", 400, {"ACL": "public-read"}),
    ("AccessControlListNotSupported", 400, {"GrantRead": "id=abc"}),
    ("NotImplemented", 501, {"StorageClass": "DEEP_ARCHIVE"}),
    ("InvalidStorageClass", 400, {"StorageClass": "FAST"}),
    ("InvalidRequest", 400, {"ObjectLockMode": "GOVERNANCE"}),
    ("InvalidTag", 400, {"Tagging": "a=1&a=2"}),
    ("BadRequest", 400, {"Tagging": "&".join(f"k{i}=v" for i in range(11))}),
    ("KeyTooLongError", 400, {"Key": "k" * 1025}),
    ("NoSuchBucket", 404, {"Bucket": "nobody-has-this"}),
])
def test_what_cannot_be_kept_is_refused(s3, bucket, refused, code, status, parameters):
    refused(code, s3.put_object, status, **{"Bucket": bucket, "Key": "key", "Body": b"bytes", **parameters})
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_deletes(s3, bucket, refused):
    s3.put_object(Bucket=bucket, Key="key", Body=b"bytes")
    assert s3.delete_object(Bucket=bucket, Key="key")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.delete_object(Bucket=bucket, Key="key")["ResponseMetadata"]["HTTPStatusCode"] == 204
    refused("NoSuchKey", s3.get_object, 404, Bucket=bucket, Key="key")
    refused("404", s3.head_object, 404, Bucket=bucket, Key="key")
    refused("NoSuchBucket", s3.delete_object, 404, Bucket="nobody-has-this", Key="key")


def test_batch_deletes(s3, bucket, refused):
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"bytes")
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [
        {"Key": "a"}, {"Key": "missing"}, {"Key": "b", "VersionId": "nonsense"}, {"Key": "k" * 1025}]})
    assert sorted(deleted["Key"] for deleted in done["Deleted"]) == ["a", "missing"]
    assert {error["Key"]: error["Code"] for error in done["Errors"]} == {"b": "InvalidArgument",
                                                                        "k" * 1025: "KeyTooLongError"}
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    assert "Deleted" not in quiet and "Errors" not in quiet
    refused("MalformedXML", s3.delete_objects, 400, Bucket=bucket, Delete={"Objects": [{"Key": "c"}] * 1001})
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["c"]


def test_a_batch_needs_a_digest(signed, bucket):
    body = b"<Delete><Object><Key>a</Key></Object></Delete>"
    response = signed("s3", "POST", f"/{bucket}?delete", body, {})
    assert response.status == 400 and "<Code>InvalidRequest</Code>" in response.text
    entity = b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>'
    digest = base64.b64encode(hashlib.md5(entity).digest()).decode()
    response = signed("s3", "POST", f"/{bucket}?delete", entity, {"content-md5": digest})
    assert "root:" not in response.text


def test_copies(s3, bucket, make_bucket, refused):
    other = make_bucket()
    s3.put_object(Bucket=bucket, Key="from", Body=b"bytes", Metadata={"colour": "blue"}, Tagging="a=1",
                  ContentType="text/plain")
    etag = s3.copy_object(Bucket=other, Key="to", CopySource={"Bucket": bucket, "Key": "from"})["CopyObjectResult"]["ETag"]
    got = s3.get_object(Bucket=other, Key="to")
    assert got["Body"].read() == b"bytes" and got["ETag"] == etag and got["Metadata"] == {"colour": "blue"}
    assert got["ContentType"] == "text/plain"
    assert s3.get_object_tagging(Bucket=other, Key="to")["TagSet"] == [{"Key": "a", "Value": "1"}]
    s3.delete_object(Bucket=bucket, Key="from")
    assert s3.get_object(Bucket=other, Key="to")["Body"].read() == b"bytes"
    source = {"Bucket": other, "Key": "to"}
    s3.copy_object(Bucket=other, Key="to", CopySource=source, MetadataDirective="REPLACE", Metadata={"colour": "red"},
                   TaggingDirective="REPLACE", Tagging="b=2", ContentType="text/csv")
    got = s3.get_object(Bucket=other, Key="to")
    assert got["Body"].read() == b"bytes" and got["Metadata"] == {"colour": "red"} and got["ContentType"] == "text/csv"
    assert s3.get_object_tagging(Bucket=other, Key="to")["TagSet"] == [{"Key": "b", "Value": "2"}]
    refused("InvalidRequest", s3.copy_object, 400, Bucket=other, Key="to", CopySource=source)
    refused("NoSuchKey", s3.copy_object, 404, Bucket=other, Key="x", CopySource=f"{other}/missing")
    refused("NoSuchBucket", s3.copy_object, 404, Bucket=other, Key="x", CopySource="nobody-has-this/key")
    refused("InvalidArgument", s3.copy_object, 400, Bucket=other, Key="x", CopySource="nothing")
    refused("InvalidArgument", s3.copy_object, 400, Bucket=other, Key="x", CopySource=source, MetadataDirective="MERGE")
    refused("PreconditionFailed", s3.copy_object, 412, Bucket=other, Key="x", CopySource=source, CopySourceIfMatch='"x"')
    refused("PreconditionFailed", s3.copy_object, 412, Bucket=other, Key="x", CopySource=source,
            CopySourceIfNoneMatch=etag)


def test_object_tags(s3, bucket, refused):
    s3.put_object(Bucket=bucket, Key="key", Body=b"bytes")
    assert s3.get_object_tagging(Bucket=bucket, Key="key")["TagSet"] == []
    s3.put_object_tagging(Bucket=bucket, Key="key", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="key")["TagSet"] == [{"Key": "a", "Value": "1"}]
    refused("InvalidTag", s3.put_object_tagging, 400, Bucket=bucket, Key="key",
            Tagging={"TagSet": [{"Key": "k" * 129, "Value": "1"}]})
    s3.delete_object_tagging(Bucket=bucket, Key="key")
    assert s3.get_object_tagging(Bucket=bucket, Key="key")["TagSet"] == []
    for operation in (s3.get_object_tagging, s3.delete_object_tagging):
        refused("NoSuchKey", operation, 404, Bucket=bucket, Key="missing")
    refused("NoSuchKey", s3.put_object_tagging, 404, Bucket=bucket, Key="missing", Tagging={"TagSet": []})


def test_object_access_is_the_owners_alone(s3, bucket, refused):
    s3.put_object(Bucket=bucket, Key="key", Body=b"bytes", ACL="bucket-owner-full-control")
    acl = s3.get_object_acl(Bucket=bucket, Key="key")
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]
    refused("NoSuchKey", s3.get_object_acl, 404, Bucket=bucket, Key="missing")
    refused("NoSuchKey", s3.get_object_attributes, 404, Bucket=bucket, Key="missing", ObjectAttributes=["ETag"])


def test_presigned_urls(client, bucket, stratus, http):
    s3 = client("s3", signature_version="s3v4")  # boto3 still presigns with version 2 unless told
    path = lambda url: url[len(stratus.url):]
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "key"}, ExpiresIn=60)
    assert http("PUT", path(put), b"bytes", {}).status == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key",
                                                          "ResponseContentType": "text/x-test"}, ExpiresIn=60)
    got = http("GET", path(get), b"", {})
    assert got.status == 200 and got.body == b"bytes" and got.headers["content-type"] == "text/x-test"
    assert http("DELETE", path(get), b"", {}).status == 403
    assert http("GET", path(get).replace("key", "other", 1), b"", {}).status == 403
    assert http("GET", f"/{bucket}/key", b"", {}).status == 403
