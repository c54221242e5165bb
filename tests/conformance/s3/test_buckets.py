"""Buckets: names are global, regions are real, and what S3 does not hold here it says so."""
import pytest

from server import OTHER_ACCOUNT


def test_a_bucket_is_made_found_and_removed(s3, unique, refused):
    name = unique("bucket")
    refused("404", s3.head_bucket, 404, Bucket=name)
    made = s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert made["Location"] == f"/{name}"
    found = s3.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPHeaders"]
    assert found["x-amz-bucket-region"] == "eu-west-1"
    listed = s3.list_buckets()
    assert name in [bucket["Name"] for bucket in listed["Buckets"]]
    assert len(listed["Owner"]["ID"]) == 64
    s3.delete_bucket(Bucket=name)
    refused("NoSuchBucket", s3.delete_bucket, 404, Bucket=name)


def test_names_are_shared_by_all_accounts(client, s3, bucket, refused):
    location = {"LocationConstraint": "eu-west-1"}
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, 409, Bucket=bucket, CreateBucketConfiguration=location)
    other = client("s3", account=OTHER_ACCOUNT)
    error = refused("BucketAlreadyExists", other.create_bucket, 409, Bucket=bucket, CreateBucketConfiguration=location)
    assert error["Error"]["BucketName"] == bucket
    refused("403", other.head_bucket, 403, Bucket=bucket)
    refused("AccessDenied", other.list_objects_v2, 403, Bucket=bucket)
    refused("AccessDenied", s3.list_objects_v2, 403, Bucket=bucket, ExpectedBucketOwner=OTHER_ACCOUNT)
    assert bucket not in [mine["Name"] for mine in other.list_buckets()["Buckets"]]


@pytest.mark.parametrize("name", ["ab", "Capital", "under_score", "192.168.5.4", "xn--abc", "a..b", "-ab", "x" * 64])
def test_names_follow_the_rules(s3, signed, refused, name):
    # boto3 sends any name when it does not validate; S3 has the last word.
    response = signed("s3", "PUT", f"/{name}", b"", {})
    assert response.status == 400 and "<Code>InvalidBucketName</Code>" in response.text


def test_location_constraints_agree_with_the_endpoint(client, s3, unique, refused):
    refused("IllegalLocationConstraintException", s3.create_bucket, 400, Bucket=unique("bucket"))
    refused("IllegalLocationConstraintException", s3.create_bucket, 400, Bucket=unique("bucket"),
            CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    refused("InvalidLocationConstraint", s3.create_bucket, 400, Bucket=unique("bucket"),
            CreateBucketConfiguration={"LocationConstraint": "mars"})
    first = client("s3", region="us-east-1")
    name = unique("bucket")
    first.create_bucket(Bucket=name)
    assert first.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    first.create_bucket(Bucket=name)  # us-east-1 says yes to its owner asking again
    elsewhere = unique("bucket")
    first.create_bucket(Bucket=elsewhere, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket=elsewhere)["LocationConstraint"] == "eu-west-1"


def test_clients_of_another_region_are_sent_to_the_right_one(client, s3, bucket, signed):
    s3.put_object(Bucket=bucket, Key="key", Body=b"bytes")
    response = signed("s3", "GET", f"/{bucket}/key", b"", {}, region="us-west-2")
    assert response.status == 301 and "<Code>PermanentRedirect</Code>" in response.text
    assert response.headers["x-amz-bucket-region"] == "eu-west-1"
    # boto3 follows by signing again for the region it was told.
    elsewhere = client("s3", region="us-west-2")
    assert elsewhere.get_object(Bucket=bucket, Key="key")["Body"].read() == b"bytes"


def test_only_empty_buckets_go(s3, versioned, refused):
    version = s3.put_object(Bucket=versioned, Key="key", Body=b"bytes")["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="key")["VersionId"]
    refused("BucketNotEmpty", s3.delete_bucket, 409, Bucket=versioned)
    s3.delete_object(Bucket=versioned, Key="key", VersionId=version)
    refused("BucketNotEmpty", s3.delete_bucket, 409, Bucket=versioned)
    s3.delete_object(Bucket=versioned, Key="key", VersionId=marker)
    s3.delete_bucket(Bucket=versioned)


def test_versioning_states(s3, bucket, refused):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ("Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status
    refused("IllegalVersioningConfigurationException", s3.put_bucket_versioning, 400, Bucket=bucket,
            VersioningConfiguration={"Status": "Maybe"})
    refused("NotImplemented", s3.put_bucket_versioning, 501, Bucket=bucket, MFA="serial 123456",
            VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"})
    refused("NoSuchBucket", s3.get_bucket_versioning, 404, Bucket="nobody-has-this")


def test_bucket_tags(s3, bucket, refused):
    refused("NoSuchTagSet", s3.get_bucket_tagging, 404, Bucket=bucket)
    tags = [{"Key": "team", "Value": "blue"}, {"Key": "ünï", "Value": ""}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert sorted(s3.get_bucket_tagging(Bucket=bucket)["TagSet"], key=lambda tag: tag["Key"]) == tags
    refused("InvalidTag", s3.put_bucket_tagging, 400, Bucket=bucket, Tagging={"TagSet": tags + tags[:1]})
    refused("InvalidTag", s3.put_bucket_tagging, 400, Bucket=bucket,
            Tagging={"TagSet": [{"Key": "aws:x", "Value": "y"}]})
    s3.delete_bucket_tagging(Bucket=bucket)
    refused("NoSuchTagSet", s3.get_bucket_tagging, 404, Bucket=bucket)


def test_access_is_the_owners_alone(s3, bucket, unique, refused):
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    refused("InvalidBucketAclWithObjectOwnership", s3.create_bucket, 400, Bucket=unique("bucket"), ACL="public-read")
    refused("NoSuchBucket", s3.get_bucket_acl, 404, Bucket="nobody-has-this")
    refused("NoSuchBucket", s3.get_bucket_ownership_controls, 404, Bucket="nobody-has-this")
    refused("NoSuchBucket", s3.get_bucket_location, 404, Bucket="nobody-has-this")


# What is not implemented must never look as if it were: not as another operation, not as a success.
@pytest.mark.parametrize("operation, parameters", [
    ("get_bucket_policy", {}), ("get_bucket_website", {}), ("get_bucket_lifecycle_configuration", {}),
    ("get_bucket_cors", {}), ("get_bucket_encryption", {}), ("get_bucket_replication", {}),
    ("put_bucket_policy", {"Policy": "{}"}),
    ("put_bucket_acl", {"ACL": "private"}),
    ("put_object_lock_configuration", {}),
    ("delete_bucket_policy", {}),
    ("get_object_torrent", {"Key": "key"}),
    ("get_object_retention", {"Key": "key"}),
    ("put_object_acl", {"Key": "key", "ACL": "private"}),
])
def test_the_rest_says_not_implemented(s3, bucket, refused, operation, parameters):
    refused("NotImplemented", getattr(s3, operation), 501, Bucket=bucket, **parameters)


def test_virtual_host_style(s3, bucket, stratus, signed):
    # The names need not resolve: what counts is what the client puts into Host.
    for domain in ("s3.localhost", "localhost", "s3.eu-west-1.amazonaws.com", "s3.localhost.localstack.cloud"):
        host = {"Host": f"{bucket}.{domain}:{stratus.port}"}
        put = signed("s3", "PUT", "/a%20b/%C3%BC", b"bytes", host)
        assert put.status == 200, (domain, put)
        assert signed("s3", "GET", "/a%20b/%C3%BC", b"", host).body == b"bytes"
        assert "<Key>a b/ü</Key>" in signed("s3", "GET", "/?list-type=2", b"", host).text
    assert s3.get_object(Bucket=bucket, Key="a b/ü")["Body"].read() == b"bytes"
