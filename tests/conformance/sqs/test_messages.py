"""Messages: sent, received, held, deleted; one by one and in batches; and each error that these operations document."""
import base64
import hashlib
import struct
import threading
import time

import pytest

NOT_THERE = "AWS.SimpleQueueService.NonExistentQueue"


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def md5_of_attributes(attributes):
    """AWS's algorithm, written down a second time."""
    def sized(data):
        return struct.pack(">I", len(data)) + data
    digest = hashlib.md5()
    for name in sorted(attributes):
        kind = attributes[name]["DataType"]
        digest.update(sized(name.encode()) + sized(kind.encode()))
        if kind.startswith("Binary"):
            digest.update(b"\2" + sized(attributes[name]["BinaryValue"]))
        else:
            digest.update(b"\1" + sized(attributes[name]["StringValue"].encode()))
    return digest.hexdigest()


ATTRIBUTES = {
    "text": {"DataType": "String", "StringValue": "héllo"},
    "number.int": {"DataType": "Number.int", "StringValue": "-12.5e3"},
    "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff\x01"},
}


def receive_one(sqs, url, **parameters):
    messages = sqs.ReceiveMessage(QueueUrl=url, WaitTimeSeconds=2, **parameters).get("Messages", [])
    assert len(messages) == 1
    return messages[0]


def test_a_message_with_attributes_travels(sqs, queue):
    url = queue()
    sent = sqs.SendMessage(QueueUrl=url, MessageBody="body\t\n ☃ 𝄞", MessageAttributes=ATTRIBUTES,
                           MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}})
    assert sent["MD5OfMessageBody"] == md5("body\t\n ☃ 𝄞")
    assert sent["MD5OfMessageAttributes"] == md5_of_attributes(ATTRIBUTES)
    assert sent["MD5OfMessageSystemAttributes"] == md5_of_attributes(
        {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}})
    got = receive_one(sqs, url, AttributeNames=["All"], MessageAttributeNames=["All"])
    assert got["Body"] == "body\t\n ☃ 𝄞" and got["MessageId"] == sent["MessageId"]
    assert got["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert got["MessageAttributes"]["text"] == ATTRIBUTES["text"]
    value = got["MessageAttributes"]["bytes"]["BinaryValue"]
    assert (base64.b64decode(value) if isinstance(value, str) else value) == b"\x00\xff\x01"
    assert got["Attributes"]["AWSTraceHeader"] == "Root=1-2-3"
    assert got["Attributes"]["ApproximateReceiveCount"] == "1"
    assert abs(int(got["Attributes"]["SentTimestamp"]) / 1000 - time.time()) < 3600 * 24 * 365


def test_attribute_filters(sqs, queue):
    url = queue(VisibilityTimeout="0")
    sqs.SendMessage(QueueUrl=url, MessageBody="x", MessageAttributes={
        name: {"DataType": "String", "StringValue": "v"} for name in ("a.one", "a.two", "b")})
    assert "MessageAttributes" not in receive_one(sqs, url)
    assert set(receive_one(sqs, url, MessageAttributeNames=["a.*"])["MessageAttributes"]) == {"a.one", "a.two"}
    only = receive_one(sqs, url, MessageAttributeNames=["b"])
    assert only["MD5OfMessageAttributes"] == md5_of_attributes({"b": {"DataType": "String", "StringValue": "v"}})
    assert set(receive_one(sqs, url, MessageAttributeNames=[".*"])["MessageAttributes"]) == {"a.one", "a.two", "b"}
    got = receive_one(sqs, url, AttributeNames=["SenderId", "SentTimestamp"])
    assert set(got["Attributes"]) == {"SenderId", "SentTimestamp"}


def test_message_system_attribute_names(sqs_json, unique, refused):
    url = sqs_json.CreateQueue(QueueName=unique("q"))["QueueUrl"]
    sqs_json.SendMessage(QueueUrl=url, MessageBody="x")
    got = receive_one(sqs_json, url, MessageSystemAttributeNames=["SenderId"])
    assert set(got["Attributes"]) == {"SenderId"}
    refused(sqs_json.ReceiveMessage, "InvalidAttributeName", QueueUrl=url, MessageSystemAttributeNames=["Nonsense"])


@pytest.mark.parametrize("attributes", [
    {"": {"DataType": "String", "StringValue": "v"}}, {".a": {"DataType": "String", "StringValue": "v"}},
    {"a..b": {"DataType": "String", "StringValue": "v"}}, {"AWS.x": {"DataType": "String", "StringValue": "v"}},
    {"a": {"DataType": "Strange", "StringValue": "v"}}, {"a": {"DataType": "String", "StringValue": ""}},
    {"a": {"DataType": "Number", "StringValue": "one"}}, {"a": {"DataType": "Number", "StringValue": "1" * 39}},
    {"a": {"DataType": "String"}},
    {f"a{i}": {"DataType": "String", "StringValue": "v"} for i in range(11)},
])
def test_bad_message_attributes(sqs_json, unique, attributes):
    url = sqs_json.CreateQueue(QueueName=unique("q"))["QueueUrl"]
    with pytest.raises(Exception) as caught:
        sqs_json.SendMessage(QueueUrl=url, MessageBody="x", MessageAttributes=attributes)
    assert caught.value.code == "InvalidParameterValue"


def test_bad_sends(sqs, queue, refused):
    url = queue(MaximumMessageSize="1024")
    refused(sqs.SendMessage, "InvalidMessageContents", QueueUrl=url, MessageBody="\x01")
    refused(sqs.SendMessage, "InvalidMessageContents", QueueUrl=url, MessageBody="\uffff")
    refused(sqs.SendMessage, "MissingParameter", QueueUrl=url, MessageBody="")
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x" * 1025)
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x", DelaySeconds=901)
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x", DelaySeconds=-1)
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x", MessageDeduplicationId="1")
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x",
            MessageSystemAttributes={"Other": {"DataType": "String", "StringValue": "v"}})
    refused(sqs.SendMessage, NOT_THERE, QueueUrl=url + "x", MessageBody="x")
    assert sqs.SendMessage(QueueUrl=url, MessageBody="x" * 1024)["MessageId"]


def test_a_message_may_be_a_mebibyte(sqs, queue, refused):
    url = queue()
    body = "m" * 1_048_576
    sqs.SendMessage(QueueUrl=url, MessageBody=body)
    assert receive_one(sqs, url)["Body"] == body
    error = refused(sqs.SendMessageBatch, "AWS.SimpleQueueService.BatchRequestTooLong", QueueUrl=url, Entries=[
        {"Id": "a", "MessageBody": body[:600_000]}, {"Id": "b", "MessageBody": body[:600_000]}])
    assert error.type in (None, "BatchRequestTooLong")


# There is no KMS: a queue that names a key which does not exist must not take messages as if it did.
def test_an_unknown_key_is_refused(sqs, queue, refused):
    url = queue(KmsMasterKeyId="alias/mine")
    error = refused(sqs.SendMessage, "KMS.NotFoundException", QueueUrl=url, MessageBody="x")
    assert error.type in (None, "KmsNotFound")
    refused(sqs.ReceiveMessage, "KMS.NotFoundException", QueueUrl=url)


def test_bad_receives(sqs, queue, refused):
    url = queue()
    for parameters in ({"MaxNumberOfMessages": 0}, {"MaxNumberOfMessages": 11}, {"WaitTimeSeconds": 21},
                       {"WaitTimeSeconds": -1}, {"VisibilityTimeout": 43201}, {"ReceiveRequestAttemptId": "x"}):
        refused(sqs.ReceiveMessage, "InvalidParameterValue", QueueUrl=url, **parameters)
    refused(sqs.ReceiveMessage, "InvalidAttributeName", QueueUrl=url, AttributeNames=["Nonsense"])
    refused(sqs.ReceiveMessage, NOT_THERE, QueueUrl=url + "x")


def test_visibility(sqs, queue, refused):
    url = queue()
    sqs.SendMessage(QueueUrl=url, MessageBody="x")
    handle = receive_one(sqs, url)["ReceiptHandle"]
    assert not sqs.ReceiveMessage(QueueUrl=url).get("Messages")
    sqs.ChangeMessageVisibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    error = refused(sqs.ChangeMessageVisibility, "AWS.SimpleQueueService.MessageNotInflight", QueueUrl=url,
                    ReceiptHandle=handle, VisibilityTimeout=10)
    assert error.type in (None, "MessageNotInflight")
    got = receive_one(sqs, url, AttributeNames=["ApproximateReceiveCount"])
    assert got["Attributes"]["ApproximateReceiveCount"] == "2"
    change = dict(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"])
    refused(sqs.ChangeMessageVisibility, "InvalidParameterValue", **change, VisibilityTimeout=43201)
    refused(sqs.ChangeMessageVisibility, "InvalidParameterValue", **change, VisibilityTimeout=-1)
    sqs.ChangeMessageVisibility(**change, VisibilityTimeout=43100)
    sqs.DeleteMessage(**change)
    refused(sqs.ChangeMessageVisibility, "InvalidParameterValue", **change, VisibilityTimeout=10)


def test_receipt_handles_cannot_be_made_up(sqs, queue, refused):
    url, other = queue(), queue()
    sqs.SendMessage(QueueUrl=other, MessageBody="x")
    foreign = receive_one(sqs, other)["ReceiptHandle"]
    for handle in ("nonsense", "A" * 44, foreign):
        error = refused(sqs.DeleteMessage, "ReceiptHandleIsInvalid", QueueUrl=url, ReceiptHandle=handle)
        assert error.status == 404
        refused(sqs.ChangeMessageVisibility, "ReceiptHandleIsInvalid", QueueUrl=url, ReceiptHandle=handle,
                VisibilityTimeout=1)
    refused(sqs.DeleteMessage, NOT_THERE, QueueUrl=url + "x", ReceiptHandle=foreign)
    sqs.DeleteMessage(QueueUrl=other, ReceiptHandle=foreign)
    sqs.DeleteMessage(QueueUrl=other, ReceiptHandle=foreign)


def test_batches(sqs, queue):
    url = queue()
    sent = sqs.SendMessageBatch(QueueUrl=url, Entries=[
        {"Id": "good", "MessageBody": "a", "MessageAttributes": {"t": ATTRIBUTES["text"]}},
        {"Id": "bad", "MessageBody": "\x01"}, {"Id": "late", "MessageBody": "c", "DelaySeconds": 900}])
    assert [entry["Id"] for entry in sent["Successful"]] == ["good", "late"]
    assert sent["Successful"][0]["MD5OfMessageAttributes"] == md5_of_attributes({"t": ATTRIBUTES["text"]})
    assert sent["Failed"][0]["Id"] == "bad" and sent["Failed"][0]["Code"] == "InvalidMessageContents"
    assert sent["Failed"][0]["SenderFault"] is True
    counts = sqs.GetQueueAttributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessages"] == "1" and counts["ApproximateNumberOfMessagesDelayed"] == "1"
    handle = receive_one(sqs, url, MaxNumberOfMessages=10)["ReceiptHandle"]
    changed = sqs.ChangeMessageVisibilityBatch(QueueUrl=url, Entries=[
        {"Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 50},
        {"Id": "2", "ReceiptHandle": "nonsense", "VisibilityTimeout": 50}])
    assert changed["Successful"][0]["Id"] == "1" and changed["Failed"][0]["Code"] == "ReceiptHandleIsInvalid"
    deleted = sqs.DeleteMessageBatch(QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": handle},
                                                            {"Id": "2", "ReceiptHandle": "nonsense"}])
    assert deleted["Successful"][0]["Id"] == "1" and deleted["Failed"][0]["Code"] == "ReceiptHandleIsInvalid"


def test_bad_batches(sqs, queue, refused):
    url = queue()
    extra = {"SendMessageBatch": {"MessageBody": "x"}, "DeleteMessageBatch": {"ReceiptHandle": "x"},
             "ChangeMessageVisibilityBatch": {"ReceiptHandle": "x", "VisibilityTimeout": 1}}
    prefix = "AWS.SimpleQueueService."
    for operation, rest in extra.items():
        call = getattr(sqs, operation)
        entry = {"Id": "1", **rest}
        refused(call, prefix + "BatchEntryIdsNotDistinct", QueueUrl=url, Entries=[entry, entry])
        refused(call, prefix + "InvalidBatchEntryId", QueueUrl=url, Entries=[{**entry, "Id": "a b"}])
        refused(call, prefix + "TooManyEntriesInBatchRequest", QueueUrl=url,
                Entries=[{**entry, "Id": str(i)} for i in range(11)])
        refused(call, NOT_THERE, QueueUrl=url + "x", Entries=[entry])
        if sqs.protocol == "json":  # the query protocol cannot say "an empty list"
            refused(call, prefix + "EmptyBatchRequest", QueueUrl=url, Entries=[])


# A long poll answers as soon as there is a message, not at its end.
def test_a_long_poll_wakes(sqs, queue):
    url = queue()
    threading.Timer(0.3, lambda: sqs.SendMessage(QueueUrl=url, MessageBody="x")).start()
    began = time.monotonic()
    assert sqs.ReceiveMessage(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]["Body"] == "x"
    assert time.monotonic() - began < 5


def test_a_long_poll_ends_empty(sqs, queue):
    url = queue(ReceiveMessageWaitTimeSeconds="1")
    began = time.monotonic()
    assert not sqs.ReceiveMessage(QueueUrl=url).get("Messages")
    assert 0.9 < time.monotonic() - began < 5


# A consumer that waits gets the message that another one gave up, at the moment it becomes visible.
def test_a_long_poll_gets_what_becomes_visible(sqs, queue):
    url = queue()
    sqs.SendMessage(QueueUrl=url, MessageBody="x")
    receive_one(sqs, url, VisibilityTimeout=1)
    began = time.monotonic()
    assert sqs.ReceiveMessage(QueueUrl=url, WaitTimeSeconds=10)["Messages"][0]["Body"] == "x"
    assert time.monotonic() - began < 5


# Nothing acknowledged is lost by kill -9, and nothing deleted comes back.
def test_kill_and_restart(private_stratus, connect):
    sqs = connect(private_stratus)
    url = sqs.CreateQueue(QueueName="q", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    for i in range(20):
        sqs.SendMessage(QueueUrl=url, MessageBody=str(i))
    for _ in range(5):
        sqs.DeleteMessage(QueueUrl=url, ReceiptHandle=receive_one(sqs, url)["ReceiptHandle"])
    private_stratus.kill()
    private_stratus.start(private_stratus.port)
    found = set()
    while messages := sqs.ReceiveMessage(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found |= {message["Body"] for message in messages}
    assert found == {str(i) for i in range(5, 20)}


# Test suites reset between tests; nothing may remain and it must be quick.
def test_reset(private_stratus, connect):
    sqs = connect(private_stratus)
    url = sqs.CreateQueue(QueueName="q")["QueueUrl"]
    sqs.SendMessage(QueueUrl=url, MessageBody="x")
    began = time.monotonic()
    private_stratus.reset()
    assert time.monotonic() - began < 0.5
    assert not sqs.ListQueues().get("QueueUrls")
    assert not sqs.ReceiveMessage(QueueUrl=sqs.CreateQueue(QueueName="q")["QueueUrl"]).get("Messages")


def test_metrics(sqs, queue, stratus):
    url = queue()
    sqs.SendMessage(QueueUrl=url, MessageBody="x")
    name = url.rsplit("/")[-1]
    depth = [value for metric, value in stratus.metrics().items()
             if metric.startswith("stratus_sqs_messages_visible") and f'"{name}"' in metric]
    assert depth == [1.0]
