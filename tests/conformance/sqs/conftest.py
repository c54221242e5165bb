"""SQS over both of its protocols: tests that take `sqs` run twice, once as query (boto3), once as AWS JSON."""
import base64
import json
import re

import botocore.exceptions
import pytest


class ApiError(Exception):
    """An error as the client saw it: `code` as the query protocol says it, `type` as JSON does (None for query)."""

    def __init__(self, code, message, status, type_=None):
        super().__init__(f"{code} ({status}): {message}")
        self.code, self.message, self.status, self.type = code, message, status, type_


class Query:
    """boto3's client; errors as ApiError."""
    protocol = "query"

    def __init__(self, stratus, **who):
        self._client = stratus.client("sqs", **who)

    def __getattr__(self, operation):
        method = getattr(self._client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())

        def call(**parameters):
            try:
                answer = method(**parameters)
            except botocore.exceptions.ClientError as error:
                answer = error.response
                raise ApiError(answer["Error"]["Code"], answer["Error"]["Message"],
                               answer["ResponseMetadata"]["HTTPStatusCode"]) from None
            answer.pop("ResponseMetadata")
            return answer
        return call


class Json:
    """AWS JSON 1.0, signed by hand, so that what is sent and answered is seen as it is."""
    protocol = "json"

    def __init__(self, stratus, **who):
        self._stratus, self._who = stratus, who

    def __getattr__(self, operation):
        def call(**parameters):
            answer = self._stratus.signed("sqs", body=json.dumps(parameters, default=_binary), headers={
                "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{operation}"}, **self._who)
            content = json.loads(answer.body) if answer.body else {}
            if answer.status != 200:
                code = answer.headers.get("x-amzn-query-error", "").split(";")[0]
                type_ = content.get("__type", "").split("#")[-1]
                raise ApiError(code or type_, content.get("message", ""), answer.status, type_)
            return content
        return call


def _binary(value):
    return base64.b64encode(value).decode()


@pytest.fixture(params=[Query, Json], ids=["query", "json"])
def sqs(request, stratus):
    return request.param(stratus)


@pytest.fixture
def sqs_json(stratus):
    return Json(stratus)


@pytest.fixture
def connect(request):
    """connect(server, account=...) -> a client of the JSON protocol on another server or for another account."""
    return Json


@pytest.fixture
def queue(sqs, unique):
    """queue(stem=..., **attributes) -> the URL of a new queue."""
    def make(stem="q", **attributes):
        return sqs.CreateQueue(QueueName=unique(stem), Attributes=attributes)["QueueUrl"]
    return make


@pytest.fixture
def fifo(sqs, unique):
    """fifo(**attributes) -> the URL of a new FIFO queue."""
    def make(**attributes):
        return sqs.CreateQueue(QueueName=unique("f") + ".fifo",
                               Attributes={"FifoQueue": "true", **attributes})["QueueUrl"]
    return make


@pytest.fixture
def refused():
    """refused(call, ..., code="Code") -> the ApiError that the call ended in."""
    def expect(call, code, **parameters):
        with pytest.raises(ApiError) as caught:
            call(**parameters)
        assert caught.value.code == code, caught.value
        return caught.value
    return expect
