"""`cubed train` and `cubed report` against a real PostgreSQL and a real stratusd: the model file in S3 and every number of the
reports, counted a second time in Python."""
import csv
import io
import json
import hashlib
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from platform_stack import Platform  # noqa: E402
from server import binary  # noqa: E402

BUCKET = "predict.s3.withcubed.com"

# 400 visitors, up to four visits each over 30 days; channels by arithmetic, some visits without one; every second visitor buys
# in the last visit, a few with no channel at all.
FILL = """
WITH channel AS (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM attrib_referer),
visitor AS (INSERT INTO attrib_visitor (token, first_seen, last_seen)
            SELECT lpad(n::text, 32, '0'), '2026-05-01', '2026-05-30' FROM generate_series(1, 400) n RETURNING id, token),
visit AS (INSERT INTO attrib_visit (visitor_id, token, session_token, first_visit, last_visit, landing_hit, referer_id)
          SELECT v.id, lpad(v.token::bigint || '0' || k, 32, '0'), 's', t, t + interval '9 min', gen_random_uuid(),
                 (SELECT id FROM channel WHERE v.token::bigint > 10
                  AND channel.n = 1 + (v.token::bigint * 7 + k * k) %% least(many, 6) AND (v.token::bigint + k) %% 11 > 0)
          FROM visitor v, generate_series(0, 3) k,
          LATERAL (SELECT timestamptz '2026-05-01 08:00+00' + (v.token::bigint %% 20 + 2 * k) * interval '1 day' AS t) AS x
          WHERE k <= v.token::bigint %% 4 RETURNING id, visitor_id, first_visit, token)
INSERT INTO attrib_event_item (hit_id, event_id, visit_id, visitor_id, time, revenue, transaction_id)
SELECT gen_random_uuid(), (SELECT min(event_id) FROM attrib_product_event), max(id), visitor_id, max(first_visit) + interval '2 min',
       1000 + visitor_id %% 97, 'order-' || visitor_id FROM visit GROUP BY visitor_id HAVING visitor_id %% 2 = 0 RETURNING id
"""


@pytest.fixture(scope="module")
def platform():
    stack = Platform()
    try:
        assert len(stack.query(FILL)) == 200
        yield stack
    finally:
        stack.close()


@pytest.fixture(scope="module")
def trained(platform):
    return platform.cubed("train", "customer", "--account", platform.ACCOUNT, "--replicates", "20")


def report(platform, *arguments):
    return platform.cubed("report", *arguments, "--account", platform.ACCOUNT)


def goal(platform):
    return platform.query("SELECT product_id FROM attrib_product_event ORDER BY event_id LIMIT 1")[0][0]


# What the product promises on every screen: both views account for exactly the conversions and the pennies.
def test_channels_reconcile_in_every_format(platform, trained):
    pence = platform.query("SELECT sum(revenue) FROM attrib_event_item")[0][0]
    answer = json.loads(report(platform, "channels", "--format", "json"))
    name = platform.query("SELECT name FROM attrib_product WHERE id = %s", goal(platform))[0][0]
    rows = answer[name]
    parts, total = [row for row in rows if row["channel"] != "Total"], rows[-1]
    for column in ("fm_sales", "lc_sales"):
        assert round(sum(row[column] for row in parts) * 10000) == 200 * 10000
        assert total[column] == 200
    for column in ("fm_revenue", "lc_revenue"):
        assert round(sum(row[column] for row in parts) * 100) == pence
        assert round(total[column] * 100) == pence
    table = list(csv.DictReader(io.StringIO(report(platform, "channels", "--format", "csv").split("\n\n")[1])))
    assert [row["channel"] for row in table] == [row["channel"] for row in rows]
    assert [float(row["fm_sales"]) for row in table] == [row["fm_sales"] for row in rows]
    assert "Total" in report(platform, "channels")


# Last click, counted by hand in Python.
def test_last_click_is_what_python_counts(platform, trained):
    expected = dict(platform.query("""
        SELECT coalesce((SELECT r.name FROM attrib_visit v JOIN attrib_referer r ON r.id = v.referer_id
                         WHERE v.visitor_id = i.visitor_id AND v.first_visit <= i.time AND i.time - v.first_visit <= interval '30 days'
                         ORDER BY v.first_visit DESC LIMIT 1), 'Unattributed'), count(*)
        FROM attrib_event_item i GROUP BY 1"""))
    rows = next(rows for name, rows in json.loads(report(platform, "channels", "--format", "json")).items()
                if name != "models" and "all models" not in name)
    assert {row["channel"]: row["lc_sales"] for row in rows if row["lc_sales"] and row["channel"] != "Total"} == expected


# The pointer, the version, the digest and the table must name the same bytes: that is how a scorer knows what it runs.
def test_the_model_file_is_the_one_that_the_tables_name(platform, trained):
    s3 = platform.stratus.client("s3")
    prefix = f"{platform.ACCOUNT}/customer/{goal(platform)}/"
    pointer = json.loads(s3.get_object(Bucket=BUCKET, Key=prefix + "latest")["Body"].read())
    file = s3.get_object(Bucket=BUCKET, Key=pointer["key"])["Body"].read()
    assert file[:8] == b"CUBEDMDL"
    assert hashlib.sha256(file).hexdigest() == pointer["sha256"]
    row = platform.query("SELECT version, object_key, sha256, bucket FROM report_model WHERE product_id = %s", goal(platform))
    assert row == [(pointer["version"], pointer["key"], pointer["sha256"], BUCKET)]
    assert pointer["version"] in trained


# A version names data, not a run: training twice must neither pile up files nor change a number.
def test_training_again_changes_nothing(platform, trained):
    before = report(platform, "channels", "--format", "csv").split("\n\n")[1:]
    again = platform.cubed("train", "customer", "--account", platform.ACCOUNT, "--replicates", "20")
    assert again == trained
    assert report(platform, "channels", "--format", "csv").split("\n\n")[1:] == before
    keys = platform.stratus.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{platform.ACCOUNT}/")["Contents"]
    assert len(keys) == 2 * len(platform.query("SELECT id FROM attrib_product WHERE active"))


# The inspector's view of one visitor: each model shares exactly one conversion among the touches.
def test_a_journey_adds_up_under_every_model(platform, trained):
    visitor = platform.query("""SELECT v.token FROM report_conversion c JOIN attrib_visitor v ON v.id = c.visitor_id
                                WHERE touches > 2 ORDER BY v.token LIMIT 1""")[0][0]
    rows = json.loads(report(platform, "journeys", "--visitor", visitor, "--format", "json"))["journeys"]
    assert len(rows) > 2 and {row["visitor"] for row in rows} == {visitor}
    models = [name for name in rows[0] if name not in ("visitor", "goal", "converted", "revenue", "transaction", "step",
                                                       "touched", "channel")]
    assert len(models) == 12
    for model in models:
        assert sum(row[model] for row in rows) == pytest.approx(1, abs=1e-9), model


def test_validation_lists_complaints_by_reason(platform, trained):
    platform.query("INSERT INTO attrib_validation (time, stage, field, reason) VALUES (now(), 'dcs', 'url', '=cmd') RETURNING id")
    ledger = json.loads(report(platform, "validation", "--format", "json"))["ledger"]
    assert {"kind": "validation", "field": "url", "reason": "=cmd", "count": 1}.items() <= ledger[0].items()
    assert "'=cmd" in report(platform, "validation", "--format", "csv"), "a spreadsheet must not run it"


# Wrong use ends with a sentence and a status, not with half a report.
@pytest.mark.parametrize("arguments, status, words", [
    (("report", "channels", "--account", "c-a-nobody-uk"), 1, "c-a-nobody-uk"),
    (("report", "channels", "--account", Platform.ACCOUNT, "--format", "xml"), 2, "table, json or csv"),
    (("report", "channels", "--account", Platform.ACCOUNT, "--from", "1; DROP TABLE x"), 2, "YYYY-MM-DD"),
    (("report", "channels", "--account", Platform.ACCOUNT, "--goal", "999"), 1, "no active goal"),
    (("report",), 2, ""),
    (("train", "customer"), 2, "--account"),
    (("train", "customer", "--account", Platform.ACCOUNT, "--from", "2027-01-01", "--to", "2026-01-01"), 1, "window"),
])
def test_wrong_use_is_told(platform, arguments, status, words):
    done = subprocess.run([binary("cubed"), *arguments], env=platform.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stderr
    assert words in done.stderr + done.stdout
