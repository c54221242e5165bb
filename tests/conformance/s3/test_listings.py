"""Listings: every key once, whatever the prefix, delimiter and page size."""
import pytest

KEYS = sorted(["a", "a/", "a/1", "a/2", "a/b/3", "b", "c/x", "c/y", "c0", "ü/1", "z z+z"], key=str.encode)


@pytest.fixture(scope="module")
def filled(s3):
    name = "listings-of-the-tests"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for key in KEYS:
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def naive(prefix, delimiter):
    keys, groups = [], []
    for key in KEYS:
        if key.startswith(prefix):
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            if at < 0:
                keys.append(key)
            elif (group := key[:at + len(delimiter)]) not in groups:
                groups.append(group)
    return keys, groups


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("delimiter", ["", "/", "b"])
@pytest.mark.parametrize("prefix", ["", "a", "a/", "c", "ü", "nothing"])
def test_pages_together_are_the_naive_listing(s3, filled, prefix, delimiter, size):
    parameters = {"Bucket": filled, "Prefix": prefix, **({"Delimiter": delimiter} if delimiter else {})}
    for version in ("list_objects_v2", "list_objects"):
        keys, groups = [], []
        for page in s3.get_paginator(version).paginate(**parameters, PaginationConfig={"PageSize": size}):
            keys += [found["Key"] for found in page.get("Contents", [])]
            groups += [group["Prefix"] for group in page.get("CommonPrefixes", [])]
            assert len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])) <= size
        assert (keys, groups) == naive(prefix, delimiter)


def test_what_a_page_says(s3, filled, refused):
    page = s3.list_objects_v2(Bucket=filled, MaxKeys=2, StartAfter="a/1", FetchOwner=True)
    assert [found["Key"] for found in page["Contents"]] == ["a/2", "a/b/3"]
    assert page["KeyCount"] == 2 and page["MaxKeys"] == 2 and page["StartAfter"] == "a/1" and page["IsTruncated"]
    assert page["Contents"][0]["Size"] == 3 and len(page["Contents"][0]["Owner"]["ID"]) == 64
    assert "Owner" not in s3.list_objects_v2(Bucket=filled)["Contents"][0]
    empty = s3.list_objects_v2(Bucket=filled, MaxKeys=0)
    assert empty["KeyCount"] == 0 and not empty["IsTruncated"]
    first = s3.list_objects(Bucket=filled, MaxKeys=1, Delimiter="/")
    assert first["NextMarker"] == "a" and "NextMarker" not in s3.list_objects(Bucket=filled, MaxKeys=1)
    refused("InvalidArgument", s3.list_objects_v2, 400, Bucket=filled, ContinuationToken="broken!")
    refused("InvalidArgument", s3.list_objects_v2, 400, Bucket=filled, MaxKeys=-1)
    refused("InvalidArgument", s3.list_objects, 400, Bucket=filled, EncodingType="rot13")
    refused("NoSuchBucket", s3.list_objects_v2, 404, Bucket="nobody-has-this")
    refused("NoSuchBucket", s3.list_objects, 404, Bucket="nobody-has-this")
    refused("NoSuchBucket", s3.list_object_versions, 404, Bucket="nobody-has-this")


def test_encoding_type(signed, filled):
    text = signed("s3", "GET", f"/{filled}?list-type=2&encoding-type=url&prefix=z%20", b"", {}).text
    assert "<Key>z%20z%2Bz</Key>" in text and "<Prefix>z%20</Prefix>" in text
