"""Versions: nothing that was kept is lost, nothing that was deleted is seen."""
import pytest


def listed(s3, bucket, **parameters):
    """Every (key, bytes or None for a marker, latest?) in order, page by page."""
    rows = []
    while True:
        page = s3.list_object_versions(Bucket=bucket, **parameters)
        for version in page.get("Versions", []):
            body = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
            rows.append((version["Key"], body.decode(), version["IsLatest"]))
        rows += [(marker["Key"], None, marker["IsLatest"]) for marker in page.get("DeleteMarkers", [])]
        if not page["IsTruncated"]:
            return rows
        parameters["KeyMarker"] = page["NextKeyMarker"]
        parameters["VersionIdMarker"] = page["NextVersionIdMarker"]


def test_enabled_keeps_every_version(s3, bucket, refused):
    s3.put_object(Bucket=bucket, Key="key", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="key", Body=b"first")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="key", Body=b"second")["VersionId"]
    assert listed(s3, bucket) == [("key", "second", True), ("key", "first", False), ("key", "before", False)]
    assert s3.get_object(Bucket=bucket, Key="key", VersionId="null")["Body"].read() == b"before"
    assert s3.head_object(Bucket=bucket, Key="key", VersionId=first)["VersionId"] == first
    deleted = s3.delete_object(Bucket=bucket, Key="key")
    assert deleted["DeleteMarker"] is True
    gone = refused("NoSuchKey", s3.get_object, 404, Bucket=bucket, Key="key")["ResponseMetadata"]["HTTPHeaders"]
    assert gone["x-amz-delete-marker"] == "true" and gone["x-amz-version-id"] == deleted["VersionId"]
    error = refused("MethodNotAllowed", s3.get_object, 405, Bucket=bucket, Key="key", VersionId=deleted["VersionId"])
    assert error["ResponseMetadata"]["HTTPHeaders"]["allow"] == "DELETE"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    undone = s3.delete_object(Bucket=bucket, Key="key", VersionId=deleted["VersionId"])
    assert undone["DeleteMarker"] is True and undone["VersionId"] == deleted["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="key")["VersionId"] == second
    s3.delete_object(Bucket=bucket, Key="key", VersionId=second)
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"first"
    refused("NoSuchVersion", s3.get_object, 404, Bucket=bucket, Key="key", VersionId=second)
    refused("InvalidArgument", s3.get_object, 400, Bucket=bucket, Key="key", VersionId="nonsense")


def test_suspended_replaces_the_null_version(s3, versioned):
    kept = s3.put_object(Bucket=versioned, Key="key", Body=b"kept")["VersionId"]
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    for body in (b"one", b"two"):
        assert s3.put_object(Bucket=versioned, Key="key", Body=body)["VersionId"] == "null"
    assert listed(s3, versioned) == [("key", "two", True), ("key", "kept", False)]
    assert s3.delete_object(Bucket=versioned, Key="key")["VersionId"] == "null"
    assert listed(s3, versioned) == [("key", "kept", False), ("key", None, True)]
    assert s3.get_object(Bucket=versioned, Key="key", VersionId=kept)["Body"].read() == b"kept"


@pytest.mark.parametrize("size", [1, 2, 4, 1000])
def test_pages_cut_between_versions(s3, versioned, size):
    for key in ("a", "a/b", "c"):
        for body in (b"1", b"2"):
            s3.put_object(Bucket=versioned, Key=key, Body=body)
    assert listed(s3, versioned, MaxKeys=size) == [(key, body, body == "2") for key in ("a", "a/b", "c")
                                                   for body in ("2", "1")]
    grouped = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert [prefix["Prefix"] for prefix in grouped["CommonPrefixes"]] == ["a/"] and len(grouped["Versions"]) == 4


def test_batches_and_copies_of_versions(s3, versioned, refused):
    old = s3.put_object(Bucket=versioned, Key="key", Body=b"old")["VersionId"]
    s3.put_object(Bucket=versioned, Key="key", Body=b"new")
    copied = s3.copy_object(Bucket=versioned, Key="copy",
                            CopySource={"Bucket": versioned, "Key": "key", "VersionId": old})
    assert copied["CopySourceVersionId"] == old and copied["VersionId"]
    assert s3.get_object(Bucket=versioned, Key="copy")["Body"].read() == b"old"
    # Restoring an old version: a copy onto itself is legal when the source names a version.
    s3.copy_object(Bucket=versioned, Key="key", CopySource={"Bucket": versioned, "Key": "key", "VersionId": old})
    assert s3.get_object(Bucket=versioned, Key="key")["Body"].read() == b"old"
    done = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "key"}, {"Key": "copy", "VersionId": copied["VersionId"]}]})
    marker, removed = sorted(done["Deleted"], key=lambda row: row["Key"], reverse=True)
    assert marker["DeleteMarker"] is True and marker["DeleteMarkerVersionId"]
    assert removed["VersionId"] == copied["VersionId"] and "DeleteMarker" not in removed
    refused("InvalidRequest", s3.copy_object, 400, Bucket=versioned, Key="x", CopySource={
        "Bucket": versioned, "Key": "key", "VersionId": marker["DeleteMarkerVersionId"]})


def test_tags_belong_to_a_version(s3, versioned):
    first = s3.put_object(Bucket=versioned, Key="key", Body=b"1", Tagging="a=1")["VersionId"]
    s3.put_object(Bucket=versioned, Key="key", Body=b"2")
    assert s3.get_object_tagging(Bucket=versioned, Key="key")["TagSet"] == []
    tagged = s3.get_object_tagging(Bucket=versioned, Key="key", VersionId=first)
    assert tagged["TagSet"] == [{"Key": "a", "Value": "1"}] and tagged["VersionId"] == first
    s3.delete_object_tagging(Bucket=versioned, Key="key", VersionId=first)
    assert s3.get_object_tagging(Bucket=versioned, Key="key", VersionId=first)["TagSet"] == []


def test_conditional_deletes(signed, s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="key", Body=b"bytes")["ETag"]
    assert signed("s3", "DELETE", f"/{bucket}/key", b"", {"if-match": '"other"'}).status == 412
    assert signed("s3", "DELETE", f"/{bucket}/key", b"", {"if-match": etag}).status == 204
    assert signed("s3", "DELETE", f"/{bucket}/key", b"", {"if-match": etag}).status == 204
