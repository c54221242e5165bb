#!/usr/bin/python3
"""Requests as Debian's botocore really encodes them, with the parameters that went in: make_vectors.py > botocore.json.

The codec tests decode each and compare. Run again when models or patches change what is sent.
"""

import base64
import copy
import datetime
import json
import pathlib
import sys

import botocore.model
import botocore.serialize

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "modelgen"))
import model as models  # noqa: E402

WHEN = datetime.datetime(2024, 2, 29, 12, 34, 56, tzinfo=datetime.timezone.utc)
QUEUE = "http://localhost:4566/000000000000/orders"

SQS = [
    ("CreateQueue", {"QueueName": "orders.fifo", "Attributes": {"FifoQueue": "true", "DelaySeconds": "5"}, "tags": {"team": "a&b", "": "empty"}}),
    ("ListQueues", {}),
    ("ListQueues", {"QueueNamePrefix": "o", "MaxResults": 10}),
    ("SendMessage", {"QueueUrl": QUEUE, "MessageBody": "<hello> & ünïcode\n漢 +%", "DelaySeconds": 0, "MessageAttributes": {
        "n": {"DataType": "Number.int", "StringValue": "42"}, "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff\x10"}},
        "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}}),
    ("SendMessageBatch", {"QueueUrl": QUEUE, "Entries": [
        {"Id": "1", "MessageBody": "a", "MessageAttributes": {"x": {"DataType": "String", "StringValue": "y"}}},
        {"Id": "2", "MessageBody": "b", "MessageGroupId": "g", "MessageDeduplicationId": "d"}]}),
    ("ReceiveMessage", {"QueueUrl": QUEUE, "AttributeNames": ["All", "SentTimestamp"], "MessageAttributeNames": ["x", "y.*"],
                        "MaxNumberOfMessages": 10, "WaitTimeSeconds": 20, "VisibilityTimeout": 30}),
    ("DeleteMessageBatch", {"QueueUrl": QUEUE, "Entries": [{"Id": "a", "ReceiptHandle": "r/+="}]}),
    ("ChangeMessageVisibilityBatch", {"QueueUrl": QUEUE, "Entries": [{"Id": "a", "ReceiptHandle": "r", "VisibilityTimeout": 0}]}),
    ("SetQueueAttributes", {"QueueUrl": QUEUE, "Attributes": {"Policy": "{\"Version\":\"2012-10-17\"}"}}),
    ("GetQueueAttributes", {"QueueUrl": QUEUE, "AttributeNames": ["QueueArn"]}),
    ("TagQueue", {"QueueUrl": QUEUE, "Tags": {"a": "1", "b": "2"}}),
    ("UntagQueue", {"QueueUrl": QUEUE, "TagKeys": ["a", "b"]}),
    ("AddPermission", {"QueueUrl": QUEUE, "Label": "l", "AWSAccountIds": ["1", "2"], "Actions": ["SendMessage"]}),
    ("StartMessageMoveTask", {"SourceArn": "arn:aws:sqs:r:0:dlq", "MaxNumberOfMessagesPerSecond": 5}),
]

S3 = [
    ("CreateBucket", {"Bucket": "my-bucket", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}, "ACL": "private"}),
    ("ListBuckets", {}),
    ("ListObjects", {"Bucket": "my-bucket", "Prefix": "a b/", "Delimiter": "/", "Marker": "m+", "MaxKeys": 7, "EncodingType": "url"}),
    ("ListObjectsV2", {"Bucket": "my-bucket", "ContinuationToken": "t/=", "FetchOwner": True}),
    ("ListObjectVersions", {"Bucket": "my-bucket", "KeyMarker": "k"}),
    ("GetObject", {"Bucket": "my-bucket", "Key": "a b/ü+%/~.txt", "Range": "bytes=0-9", "IfModifiedSince": WHEN, "IfNoneMatch": "\"e\"", "VersionId": "null"}),
    ("HeadObject", {"Bucket": "my-bucket", "Key": "k", "PartNumber": 2}),
    ("PutObject", {"Bucket": "my-bucket", "Key": "k", "ContentType": "text/plain", "Metadata": {"Who": "me", "x-y": "z"}, "Tagging": "a=1&b=2", "ContentLength": 0}),
    ("CopyObject", {"Bucket": "my-bucket", "Key": "k2", "CopySource": "my-bucket/k%201?versionId=3", "MetadataDirective": "REPLACE"}),
    ("DeleteObject", {"Bucket": "my-bucket", "Key": "//odd//key/", "VersionId": "v"}),
    ("DeleteObjects", {"Bucket": "my-bucket", "Delete": {"Objects": [{"Key": " a<&> "}, {"Key": "b", "VersionId": "1"}], "Quiet": True}}),
    ("PutObjectTagging", {"Bucket": "my-bucket", "Key": "k", "Tagging": {"TagSet": [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "2"}]}}),
    ("PutBucketVersioning", {"Bucket": "my-bucket", "VersioningConfiguration": {"Status": "Enabled"}}),
    ("CreateMultipartUpload", {"Bucket": "my-bucket", "Key": "k", "ChecksumAlgorithm": "CRC32C"}),
    ("UploadPart", {"Bucket": "my-bucket", "Key": "k", "PartNumber": 1, "UploadId": "u/+", "ContentMD5": "x"}),
    ("UploadPartCopy", {"Bucket": "my-bucket", "Key": "k", "PartNumber": 1, "UploadId": "u", "CopySource": "b/k", "CopySourceRange": "bytes=0-5"}),
    ("CompleteMultipartUpload", {"Bucket": "my-bucket", "Key": "k", "UploadId": "u", "MultipartUpload": {"Parts": [
        {"ETag": "\"1\"", "PartNumber": 1}, {"ETag": "\"2\"", "PartNumber": 2, "ChecksumCRC32": "AAAA"}]}}),
    ("GetObjectAttributes", {"Bucket": "my-bucket", "Key": "k", "ObjectAttributes": ["ETag", "Checksum"], "MaxParts": 3}),
    ("GetBucketLocation", {"Bucket": "my.dotted.bucket"}),
]

SECRETS = [
    ("CreateSecret", {"Name": "cubed/attrib", "ClientRequestToken": "t" * 32, "SecretString": "{\"a\":\"ü\"}", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("PutSecretValue", {"SecretId": "s", "SecretBinary": b"\x00\x01\xfe", "VersionStages": ["AWSCURRENT", "x"]}),
    ("GetRandomPassword", {"PasswordLength": 20, "ExcludePunctuation": True}),
    ("ListSecrets", {"MaxResults": 5, "Filters": [{"Key": "name", "Values": ["a", "!b"]}], "SortOrder": "desc"}),
    ("DeleteSecret", {"SecretId": "s", "RecoveryWindowInDays": 7}),
    ("BatchGetSecretValue", {"SecretIdList": ["a", "b"]}),
]

STS = [
    ("GetCallerIdentity", {}),
    ("AssumeRole", {"RoleArn": "arn:aws:iam::000000000000:role/r", "RoleSessionName": "session", "DurationSeconds": 900, "PolicyArns": [{"arn": "arn:aws:iam::000000000000:policy/p"}],
                    "Tags": [{"Key": "a", "Value": "b"}], "TransitiveTagKeys": ["a"]}),
]


def document_of(service):
    document = json.loads(models.newest_model(service).read_text())
    patch = ROOT / "models" / service / "patch.json"
    models.apply_patch(document, json.loads(patch.read_text()))
    return document


def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return int(value.timestamp())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def without_locations(shape_document):
    """Newer models of SQS have no locationName; botocore's JSON serializer would follow those of the query protocol."""
    document = copy.deepcopy(shape_document)
    for shape in document["shapes"].values():
        shape.pop("locationName", None)
        for part in [*shape.get("members", {}).values(), shape.get("member", {}), shape.get("key", {}), shape.get("value", {})]:
            part.pop("locationName", None)
    return document


def vectors(service, document, protocol, cases):
    document["metadata"]["protocol"] = protocol
    service_model = botocore.model.ServiceModel(document, service)
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    for operation, parameters in cases:
        sent = serializer.serialize_to_request(parameters, service_model.operation_model(operation))
        body = sent["body"]
        if isinstance(body, dict):
            from urllib.parse import urlencode
            body = urlencode(body)
        if isinstance(body, str):
            body = body.encode()
        path, _, literal = sent["url_path"].partition("?")
        from urllib.parse import quote
        pairs = [(key, item) for key, value in (sent["query_string"] or {}).items()
                 for item in (value if isinstance(value, list) else [value])]
        query = "&".join([literal] * bool(literal) + [f"{quote(str(k), safe='-._~')}={quote(str(v), safe='-._~')}" for k, v in pairs])
        yield {"service": service, "protocol": protocol, "operation": operation, "method": sent["method"], "path": path, "query": query,
               "headers": {k: str(v) for k, v in sent["headers"].items()}, "body": base64.b64encode(body or b"").decode(), "parameters": plain(parameters)}


def main():
    sqs = document_of("sqs")
    out = [*vectors("sqs", copy.deepcopy(sqs), "query", SQS), *vectors("sqs", without_locations(sqs), "json", SQS),
           *vectors("s3", document_of("s3"), "rest-xml", S3), *vectors("secretsmanager", document_of("secretsmanager"), "json", SECRETS),
           *vectors("sts", document_of("sts"), "query", STS)]
    print("[\n" + ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in out) + "\n]")


if __name__ == "__main__":
    main()
