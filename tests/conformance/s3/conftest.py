"""Fixtures of the S3 tests: buckets of their own, and how a refusal is told."""
import pytest
from botocore.exceptions import ClientError

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def s3(client):
    return client("s3")


@pytest.fixture
def make_bucket(s3, unique):
    """make_bucket(**parameters) -> the name of a new bucket."""
    def make(**parameters):
        name = unique("bucket")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, **parameters)
        return name
    return make


@pytest.fixture
def bucket(make_bucket):
    return make_bucket()


@pytest.fixture
def versioned(bucket, s3):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


@pytest.fixture
def refused():
    """refused(code, operation, **parameters): the operation must fail so; gives the error's response."""
    def check(code, operation, status=None, **parameters):
        with pytest.raises(ClientError) as caught:
            operation(**parameters)
        response = caught.value.response
        assert response["Error"]["Code"] == code, response
        if status is not None:
            assert response["ResponseMetadata"]["HTTPStatusCode"] == status, response
        return response
    return check
