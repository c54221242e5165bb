"""FIFO queues, dead letters and message move tasks."""
import json
import time

NOT_THERE = "AWS.SimpleQueueService.NonExistentQueue"


def send(sqs, url, body, group="g", **more):
    return sqs.SendMessage(QueueUrl=url, MessageBody=body, MessageGroupId=group, **more)


def receive(sqs, url, count=10, **more):
    return sqs.ReceiveMessage(QueueUrl=url, MaxNumberOfMessages=count, **more).get("Messages", [])


def arn_of(sqs, url):
    return sqs.GetQueueAttributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def test_order_and_locks(sqs, fifo):
    url = fifo(ContentBasedDeduplication="true")
    numbers = [send(sqs, url, body, group)["SequenceNumber"] for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"))]
    assert numbers == sorted(numbers) and all(len(number) == 20 for number in numbers)
    first = receive(sqs, url, 1, AttributeNames=["All"])[0]
    assert first["Body"] == "a1" and first["Attributes"]["MessageGroupId"] == "a"
    assert first["Attributes"]["SequenceNumber"] == numbers[0] and first["Attributes"]["MessageDeduplicationId"]
    assert [message["Body"] for message in receive(sqs, url)] == ["b1"]
    sqs.DeleteMessage(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert [message["Body"] for message in receive(sqs, url)] == ["a2"]


def test_deduplication(sqs, fifo):
    url = fifo()
    first = send(sqs, url, "x", MessageDeduplicationId="1")
    again = send(sqs, url, "y", MessageDeduplicationId="1")
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    assert [message["Body"] for message in receive(sqs, url)] == ["x"]


def test_bad_fifo_sends(sqs, fifo, refused):
    url = fifo()
    refused(sqs.SendMessage, "MissingParameter", QueueUrl=url, MessageBody="x", MessageDeduplicationId="1")
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x", MessageGroupId="g")
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x", MessageGroupId="a b",
            MessageDeduplicationId="1")
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x", MessageGroupId="g",
            MessageDeduplicationId="1" * 129)
    refused(sqs.SendMessage, "InvalidParameterValue", QueueUrl=url, MessageBody="x", MessageGroupId="g",
            MessageDeduplicationId="1", DelaySeconds=1)


def test_a_late_delete_is_refused(sqs, fifo, refused):
    url = fifo(ContentBasedDeduplication="true", VisibilityTimeout="0")
    send(sqs, url, "x")
    handle = receive(sqs, url)[0]["ReceiptHandle"]
    error = refused(sqs.DeleteMessage, "InvalidParameterValue", QueueUrl=url, ReceiptHandle=handle)
    assert "expired" in error.message


def test_receive_attempts_can_be_repeated(sqs, fifo):
    url = fifo(ContentBasedDeduplication="true")
    send(sqs, url, "x")
    first = receive(sqs, url, ReceiveRequestAttemptId="try")
    assert receive(sqs, url, ReceiveRequestAttemptId="try")[0]["ReceiptHandle"] == first[0]["ReceiptHandle"]
    assert not receive(sqs, url, ReceiveRequestAttemptId="another")


def test_standard_queues_take_groups_too(sqs, queue):
    url = queue()
    send(sqs, url, "x", "tenant-1")
    assert receive(sqs, url, AttributeNames=["MessageGroupId"])[0]["Attributes"]["MessageGroupId"] == "tenant-1"


def redriven(sqs, queue, bodies):
    """A queue and its dead-letter queue, which holds these messages already."""
    dead = queue("dead")
    url = queue(RedrivePolicy=json.dumps({"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 1}),
                VisibilityTimeout="0")
    for body in bodies:
        sqs.SendMessage(QueueUrl=url, MessageBody=body)
    assert len(receive(sqs, url)) == len(bodies)
    assert not receive(sqs, url)
    return url, dead


def test_dead_letters(sqs, queue):
    url, dead = redriven(sqs, queue, ["poison"])
    got = receive(sqs, dead, AttributeNames=["All"])
    assert [message["Body"] for message in got] == ["poison"]
    assert got[0]["Attributes"]["DeadLetterQueueSourceArn"] == arn_of(sqs, url)


def test_move_tasks(sqs_json, unique, refused):
    sqs = sqs_json

    def queue(stem="q", **attributes):
        return sqs.CreateQueue(QueueName=unique(stem), Attributes=attributes)["QueueUrl"]
    url, dead = redriven(sqs, queue, ["a", "b", "c"])
    source = arn_of(sqs, dead)
    assert sqs.ListMessageMoveTasks(SourceArn=source).get("Results", []) == []
    sqs.StartMessageMoveTask(SourceArn=source)
    task = wait_for(sqs, source, "COMPLETED")
    assert task["ApproximateNumberOfMessagesMoved"] == 3 and task["SourceArn"] == source
    sqs.SetQueueAttributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(
        {"deadLetterTargetArn": source, "maxReceiveCount": 5})})
    assert {message["Body"] for message in receive(sqs, url)} == {"a", "b", "c"}

    refused(sqs.StartMessageMoveTask, "InvalidParameterValue", SourceArn=arn_of(sqs, url))
    refused(sqs.StartMessageMoveTask, "InvalidParameterValue", SourceArn=source, DestinationArn=source)
    refused(sqs.StartMessageMoveTask, "InvalidParameterValue", SourceArn=source, MaxNumberOfMessagesPerSecond=501)
    for operation in (sqs.StartMessageMoveTask, sqs.ListMessageMoveTasks):
        assert refused(operation, "ResourceNotFoundException", SourceArn=source + "x").status == 404
    refused(sqs.ListMessageMoveTasks, "InvalidParameterValue", SourceArn=source, MaxResults=11)
    refused(sqs.CancelMessageMoveTask, "ResourceNotFoundException", TaskHandle="nonsense")


def test_move_tasks_can_be_cancelled(sqs_json, unique, refused):
    sqs = sqs_json

    def queue(stem="q", **attributes):
        return sqs.CreateQueue(QueueName=unique(stem), Attributes=attributes)["QueueUrl"]
    _, dead = redriven(sqs, queue, [str(i) for i in range(10)])
    source = arn_of(sqs, dead)
    target = queue("target")
    handle = sqs.StartMessageMoveTask(SourceArn=source, DestinationArn=arn_of(sqs, target),
                                      MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    refused(sqs.StartMessageMoveTask, "AWS.SimpleQueueService.UnsupportedOperation", SourceArn=source)
    moved = sqs.CancelMessageMoveTask(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]
    assert moved < 10
    task = wait_for(sqs, source, "CANCELLED")
    assert task["MaxNumberOfMessagesPerSecond"] == 1 and task["DestinationArn"] == arn_of(sqs, target)
    refused(sqs.CancelMessageMoveTask, "InvalidParameterValue", TaskHandle=handle)
    unknown = "eyJ0YXNrSWQiOiAieCIsICJzb3VyY2VBcm4iOiAieSJ9"
    refused(sqs.CancelMessageMoveTask, "ResourceNotFoundException", TaskHandle=unknown)


def wait_for(sqs, source, status):
    for _ in range(200):
        task = sqs.ListMessageMoveTasks(SourceArn=source)["Results"][0]
        if task["Status"] == status:
            return task
        time.sleep(0.05)
    raise AssertionError(f"the task is {task}")
