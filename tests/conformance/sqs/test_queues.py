"""Queues: their life, attributes, tags, permissions, and each error that these operations document."""
import json

import pytest

NOT_THERE = "AWS.SimpleQueueService.NonExistentQueue"


def arn_of(sqs, url):
    return sqs.GetQueueAttributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


# Tools create what may exist; only a difference is an error.
def test_create_queue_is_idempotent(sqs, unique, refused):
    name = unique("q")
    url = sqs.CreateQueue(QueueName=name, Attributes={"VisibilityTimeout": "40"}, tags={"a": "b"})["QueueUrl"]
    assert url.endswith(f"/000000000000/{name}")
    assert sqs.CreateQueue(QueueName=name, Attributes={"VisibilityTimeout": "40"})["QueueUrl"] == url
    assert sqs.CreateQueue(QueueName=name)["QueueUrl"] == url
    error = refused(sqs.CreateQueue, "QueueAlreadyExists", QueueName=name, Attributes={"VisibilityTimeout": "41"})
    assert error.status == 400 and error.type in (None, "QueueNameExists")


@pytest.mark.parametrize("name", ["", "a b", "x" * 81, "dot.dot", ".fifo", "q.fifo"])
def test_bad_names_are_refused(sqs, name):
    with pytest.raises(Exception) as caught:
        sqs.CreateQueue(QueueName=name)
    assert caught.value.code in ("InvalidParameterValue", "MissingParameter")


@pytest.mark.parametrize("name,value,code", [
    ("DelaySeconds", "901", "InvalidAttributeValue"), ("DelaySeconds", "-1", "InvalidAttributeValue"),
    ("DelaySeconds", "x", "InvalidAttributeValue"), ("MaximumMessageSize", "1023", "InvalidAttributeValue"),
    ("MaximumMessageSize", "1048577", "InvalidAttributeValue"), ("MessageRetentionPeriod", "59", "InvalidAttributeValue"),
    ("VisibilityTimeout", "43201", "InvalidAttributeValue"), ("ReceiveMessageWaitTimeSeconds", "21", "InvalidAttributeValue"),
    ("Policy", "{", "InvalidAttributeValue"), ("SqsManagedSseEnabled", "maybe", "InvalidAttributeValue"),
    ("KmsDataKeyReusePeriodSeconds", "59", "InvalidAttributeValue"), ("RedriveAllowPolicy", "{}", "InvalidAttributeValue"),
    ("RedrivePolicy", '{"maxReceiveCount":1}', "InvalidAttributeValue"), ("NoSuchThing", "1", "InvalidAttributeName"),
    ("QueueArn", "1", "InvalidAttributeName"), ("ContentBasedDeduplication", "true", "InvalidAttributeName"),
])
def test_bad_attributes_are_refused(sqs, unique, queue, refused, name, value, code):
    refused(sqs.CreateQueue, code, QueueName=unique("q"), Attributes={name: value})
    refused(sqs.SetQueueAttributes, code, QueueUrl=queue(), Attributes={name: value})


def test_get_queue_url(sqs, queue, refused):
    url = queue()
    assert sqs.GetQueueUrl(QueueName=url.rsplit("/")[-1])["QueueUrl"] == url
    assert sqs.GetQueueUrl(QueueName=url.rsplit("/")[-1], QueueOwnerAWSAccountId="000000000000")["QueueUrl"] == url
    error = refused(sqs.GetQueueUrl, NOT_THERE, QueueName="no-such-queue")
    assert error.status == 400 and error.type in (None, "QueueDoesNotExist")


def test_list_queues_in_pages(sqs, unique, refused):
    prefix = unique("list")
    urls = [sqs.CreateQueue(QueueName=f"{prefix}-{i}")["QueueUrl"] for i in range(5)]
    assert sqs.ListQueues(QueueNamePrefix=prefix)["QueueUrls"] == urls
    found, token = [], {}
    while True:
        page = sqs.ListQueues(QueueNamePrefix=prefix, MaxResults=2, **token)
        found += page["QueueUrls"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == urls
    assert not sqs.ListQueues(QueueNamePrefix="nothing-like-this").get("QueueUrls")
    refused(sqs.ListQueues, "InvalidParameterValue", MaxResults=0)
    refused(sqs.ListQueues, "InvalidParameterValue", MaxResults=1001)
    refused(sqs.ListQueues, "InvalidParameterValue", MaxResults=1, NextToken="*")


def test_delete_queue(sqs, queue, refused):
    url = queue()
    sqs.SendMessage(QueueUrl=url, MessageBody="x")
    sqs.DeleteQueue(QueueUrl=url)
    refused(sqs.DeleteQueue, NOT_THERE, QueueUrl=url)
    refused(sqs.SendMessage, NOT_THERE, QueueUrl=url, MessageBody="x")
    error = refused(sqs.CreateQueue, "AWS.SimpleQueueService.QueueDeletedRecently", QueueName=url.rsplit("/")[-1])
    assert error.type in (None, "QueueDeletedRecently")


def test_attributes(sqs, queue, refused):
    url = queue(DelaySeconds="0", VisibilityTimeout="5")
    everything = sqs.GetQueueAttributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert everything["VisibilityTimeout"] == "5" and everything["MaximumMessageSize"] == "1048576"
    assert everything["MessageRetentionPeriod"] == "345600" and everything["ApproximateNumberOfMessages"] == "0"
    assert everything["QueueArn"].startswith("arn:aws:sqs:eu-west-1:000000000000:")
    assert {"CreatedTimestamp", "LastModifiedTimestamp", "SqsManagedSseEnabled"} <= set(everything)
    assert "FifoQueue" not in everything and "RedrivePolicy" not in everything
    sqs.SetQueueAttributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7", "KmsMasterKeyId": "alias/aws/sqs"})
    some = sqs.GetQueueAttributes(QueueUrl=url, AttributeNames=["VisibilityTimeout", "KmsMasterKeyId"])["Attributes"]
    assert some == {"VisibilityTimeout": "7", "KmsMasterKeyId": "alias/aws/sqs"}
    refused(sqs.GetQueueAttributes, "InvalidAttributeName", QueueUrl=url, AttributeNames=["Nonsense"])
    assert not sqs.GetQueueAttributes(QueueUrl=url).get("Attributes")


def test_fifo_attributes(sqs, fifo, refused):
    url = fifo(ContentBasedDeduplication="true", DeduplicationScope="messageGroup",
               FifoThroughputLimit="perMessageGroupId")
    everything = sqs.GetQueueAttributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert everything["FifoQueue"] == "true" and everything["DeduplicationScope"] == "messageGroup"
    refused(sqs.SetQueueAttributes, "InvalidAttributeValue", QueueUrl=url, Attributes={"DeduplicationScope": "queue"})
    refused(sqs.SetQueueAttributes, "InvalidAttributeValue", QueueUrl=url, Attributes={"FifoQueue": "false"})


def test_redrive_policy_needs_a_fitting_target(sqs, queue, fifo, refused):
    dead = queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": "3"})
    url = queue(RedrivePolicy=redrive)
    assert sqs.ListDeadLetterSourceQueues(QueueUrl=dead)["queueUrls"] == [url]
    missing = json.dumps({"deadLetterTargetArn": arn_of(sqs, dead) + "x", "maxReceiveCount": 3})
    refused(sqs.SetQueueAttributes, "InvalidParameterValue", QueueUrl=url, Attributes={"RedrivePolicy": missing})
    refused(sqs.SetQueueAttributes, "InvalidParameterValue", QueueUrl=fifo(), Attributes={"RedrivePolicy": redrive})
    sqs.SetQueueAttributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'})
    refused(sqs.SetQueueAttributes, "InvalidParameterValue", QueueUrl=queue(), Attributes={"RedrivePolicy": redrive})
    sqs.SetQueueAttributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
    assert not sqs.ListDeadLetterSourceQueues(QueueUrl=dead).get("queueUrls")
    refused(sqs.ListDeadLetterSourceQueues, NOT_THERE, QueueUrl=dead + "x")


def test_purge_queue(sqs, queue, refused):
    url = queue()
    for body in "abc":
        sqs.SendMessage(QueueUrl=url, MessageBody=body)
    sqs.PurgeQueue(QueueUrl=url)
    assert not sqs.ReceiveMessage(QueueUrl=url).get("Messages")
    error = refused(sqs.PurgeQueue, "AWS.SimpleQueueService.PurgeQueueInProgress", QueueUrl=url)
    assert error.status == 403 and error.type in (None, "PurgeQueueInProgress")
    refused(sqs.PurgeQueue, NOT_THERE, QueueUrl=url + "x")


def test_tags(sqs, queue, refused):
    url = queue()
    sqs.TagQueue(QueueUrl=url, Tags={"a": "1", "b": "", "ü": "ö"})
    assert sqs.ListQueueTags(QueueUrl=url)["Tags"] == {"a": "1", "b": "", "ü": "ö"}
    sqs.UntagQueue(QueueUrl=url, TagKeys=["a", "b", "not there"])
    assert sqs.ListQueueTags(QueueUrl=url)["Tags"] == {"ü": "ö"}
    refused(sqs.TagQueue, "InvalidParameterValue", QueueUrl=url, Tags={f"k{i}": "v" for i in range(50)})
    refused(sqs.TagQueue, "InvalidParameterValue", QueueUrl=url, Tags={"k" * 129: "v"})
    refused(sqs.TagQueue, "InvalidParameterValue", QueueUrl=url, Tags={"aws:k": "v"})
    for operation, parameters in [("TagQueue", {"Tags": {"a": "b"}}), ("UntagQueue", {"TagKeys": ["a"]}),
                                  ("ListQueueTags", {})]:
        refused(getattr(sqs, operation), NOT_THERE, QueueUrl=url + "x", **parameters)


def test_permissions(sqs, queue, refused):
    url = queue()
    share = dict(QueueUrl=url, Label="share", AWSAccountIds=["111111111111"], Actions=["SendMessage", "ReceiveMessage"])
    sqs.AddPermission(**share)
    policy = json.loads(sqs.GetQueueAttributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
    assert policy["Statement"][0]["Sid"] == "share"
    assert policy["Statement"][0]["Action"] == ["SQS:SendMessage", "SQS:ReceiveMessage"]
    refused(sqs.AddPermission, "InvalidParameterValue", **share)
    refused(sqs.AddPermission, "InvalidParameterValue", **{**share, "Label": "x", "Actions": ["DeleteQueue"]})
    refused(sqs.AddPermission, "InvalidParameterValue", **{**share, "Label": "x", "AWSAccountIds": ["me"]})
    assert refused(sqs.AddPermission, "OverLimit", **{**share, "Label": "x", "Actions": ["SendMessage"] * 8}).status == 403
    sqs.RemovePermission(QueueUrl=url, Label="share")
    assert not sqs.GetQueueAttributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes")
    refused(sqs.RemovePermission, "InvalidParameterValue", QueueUrl=url, Label="share")
    refused(sqs.RemovePermission, NOT_THERE, QueueUrl=url + "x", Label="share")
    refused(sqs.AddPermission, NOT_THERE, **{**share, "QueueUrl": url + "x"})


# Accounts and regions are worlds of their own; only a policy opens a queue to another account.
def test_accounts_and_regions_are_kept_apart(sqs, stratus, connect, queue, refused):
    url = queue()
    name = url.rsplit("/")[-1]
    elsewhere = connect(stratus, region="us-east-1")
    refused(elsewhere.GetQueueUrl, NOT_THERE, QueueName=name)
    other = connect(stratus, account="111111111111")
    refused(other.GetQueueUrl, NOT_THERE, QueueName=name)
    with pytest.raises(Exception) as caught:
        other.SendMessage(QueueUrl=url, MessageBody="x")
    assert caught.value.status == 403
    sqs.AddPermission(QueueUrl=url, Label="share", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    assert other.SendMessage(QueueUrl=url, MessageBody="x")["MessageId"]


@pytest.mark.parametrize("url", ["", "nonsense", "http://localhost", "http://localhost/", "http://localhost/q"])
def test_addresses_that_are_none(sqs_json, url):
    with pytest.raises(Exception) as caught:
        sqs_json.GetQueueAttributes(QueueUrl=url)
    assert caught.value.code in ("InvalidAddress", "MissingParameter")
