"""Starts stratusd on an empty data directory, runs s3_bench on it, prints medians and their ratios.

Reads are compared from the disk (both sides' page cache dropped before): a cached file is read at memory speed, which
no server behind a socket can meet; that ratio is printed too, without a limit.
"""
import collections
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from server import Stratus  # noqa: E402

LIMITS = [("s3 put", "file write", 0.5), ("s3 get, cold", "file read, cold", 0.7), ("s3 get, cached", "file read, cached", None)]


def main():
    server = Stratus(test_endpoints=False)
    files = tempfile.TemporaryDirectory(prefix="s3-bench-", dir=server.data_dir.parent)
    try:
        client = server.client("s3")
        client.create_bucket(Bucket="bench", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        keys = server.credentials()
        samples = collections.defaultdict(list)
        command = [ROOT / "build/release/bench/s3_bench", "--port", str(server.port), "--bucket", "bench",
                   "--access-key", keys.access_key, "--secret-key", keys.secret_key,
                   "--files", files.name, "--blobs", server.data_dir / "blobs", *sys.argv[1:]]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bench:
            for line in bench.stdout:
                row = json.loads(line)
                samples[row["name"]].append(row["per_second"])
        if bench.returncode != 0:
            return 2
        met = True
        for ours, peer, limit in LIMITS:
            mine, theirs = statistics.median(samples[ours]), statistics.median(samples[peer])
            met = met and (limit is None or mine >= limit * theirs)
            print(f"{ours:16s} {mine:9,.0f}/s   {peer:18s} {theirs:9,.0f}/s   {mine / theirs:5.2f}x"
                  + (f"   (limit {limit}x)" if limit else "   (no limit: memory against a socket)"))
        return 0 if met else 1
    finally:
        server.close()
        files.cleanup()


sys.exit(main())
