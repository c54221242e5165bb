"""kill -9 amid large uploads: no half object is seen, and what the crash left on the disk is swept at the next start."""
import os
import pathlib
import threading
import time

import botocore.exceptions

SIZE = 6 * 1024 * 1024  # each has a file of its own


def files_of(stratus, folder):
    return {entry.name for entry in (pathlib.Path(stratus.data_dir) / "blobs" / folder).iterdir()}


def settled(condition, seconds=20):
    """The sweep runs beside the first requests; it has this long."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return condition()


def test_a_crash_leaves_no_orphans(stratus):
    stratus.client("s3").create_bucket(Bucket="orphans", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    body = os.urandom(SIZE)
    acknowledged = set()
    for moment in (0.2, 0.35, 0.5):
        def write(writer):
            s3 = stratus.client("s3")
            try:
                for number in range(1000):
                    key = f"{moment}/{writer}/{number}"
                    if "ETag" in s3.put_object(Bucket="orphans", Key=key, Body=body):
                        acknowledged.add(key)
                    upload = s3.create_multipart_upload(Bucket="orphans", Key="never")["UploadId"]
                    s3.upload_part(Bucket="orphans", Key="never", UploadId=upload, PartNumber=1, Body=body)
                    s3.abort_multipart_upload(Bucket="orphans", Key="never", UploadId=upload)
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                pass
        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
        for thread in threads:
            thread.start()
        threading.Event().wait(moment)
        stratus.kill()
        for thread in threads:
            thread.join()
        stratus.start(stratus.port)
    s3 = stratus.client("s3")
    for upload in s3.list_multipart_uploads(Bucket="orphans").get("Uploads", []):
        s3.abort_multipart_upload(Bucket="orphans", Key=upload["Key"], UploadId=upload["UploadId"])
    listed = {found["Key"] for found in s3.list_objects_v2(Bucket="orphans").get("Contents", [])}
    assert acknowledged <= listed
    for key in listed:
        assert s3.get_object(Bucket="orphans", Key=key)["Body"].read() == body, key
    assert settled(lambda: len(files_of(stratus, "files")) == len(listed)), "files that no object names"
    assert not files_of(stratus, "temporary")
    for key in listed:
        s3.delete_object(Bucket="orphans", Key=key)
    assert settled(lambda: not files_of(stratus, "files")), "deleted objects keep their space"
