"""One port for all services: each client says in its own way which service, region, account and bucket it means."""
import botocore.exceptions
import pytest

from server import MAIN_ACCOUNT, OTHER_ACCOUNT, REGION

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def bucket(client, unique):
    name = unique("bucket")
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


# SDKs put the bucket into the host name unless told otherwise; the ecosystem's tools use several such names.
@pytest.mark.parametrize("suffix", ["s3.eu-west-1.amazonaws.com", "s3.localhost:4566", "s3.eu-west-1.localhost:4566",
                                    "localhost:4566", "s3.localhost.localstack.cloud:4566", "S3.EU-WEST-1.LOCALHOST"])
def test_virtual_host_style(signed, client, bucket, suffix):
    host = {"Host": f"{bucket}.{suffix}"}
    assert signed("s3", "PUT", "/folder/key%20%2B.txt", "hello", headers=host).status == 200
    assert client("s3").get_object(Bucket=bucket, Key="folder/key +.txt")["Body"].read() == b"hello"
    listing = signed("s3", "GET", "/?list-type=2", headers=host)
    assert "<Key>folder/key +.txt</Key>" in listing.text, listing
    assert signed("s3", "DELETE", "/folder/key%20%2B.txt", headers=host).status == 204


# A bucket named like a host of S3 itself: the platform's model bucket is one.
def test_a_bucket_with_s3_in_its_name(signed, client):
    name = "predict.s3.withcubed.com"
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    host = {"Host": f"{name}.s3.{REGION}.localhost"}
    assert signed("s3", "PUT", "/model.json", "{}", headers=host).status == 200
    assert client("s3").get_object(Bucket=name, Key="model.json")["Body"].read() == b"{}"


# The host alone is enough for requests that nobody signed, here to be refused in the right service's words.
def test_hosts_of_services(http):
    answer = http("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15",
                  {**FORM, "Host": "sts.us-east-2.localhost:4566"})
    assert "https://sts.amazonaws.com/doc/2011-06-15/" in answer.text, answer
    answer = http("GET", "/bucket/key", headers={"Host": "anything.example:4566"})
    assert (answer.status, "AccessDenied" in answer.text) == (403, True)


# Regions and accounts are places of their own: what is made in one is not in the other.
def test_regions_and_accounts_are_kept_apart(client, unique):
    name = unique("queue")
    places = [(REGION, MAIN_ACCOUNT), ("us-east-1", MAIN_ACCOUNT), (REGION, OTHER_ACCOUNT), ("mars-north-1", OTHER_ACCOUNT)]
    urls = set()
    for region, account in places:
        sqs = client("sqs", region=region, account=account)
        with pytest.raises(botocore.exceptions.ClientError, match="NonExistentQueue|QueueDoesNotExist"):
            sqs.get_queue_url(QueueName=name)
        sqs.create_queue(QueueName=name)
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], MessageBody=f"{region} {account}")
    for region, account in places:
        sqs = client("sqs", region=region, account=account)
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        urls.add((region, url))
        bodies = [message["Body"] for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
        assert bodies == [f"{region} {account}"]
    assert len(urls) == len(places)
