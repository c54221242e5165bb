"""Secrets Manager through boto3, the CLI and raw requests: every operation, and each of its errors that can be reached."""
import base64
import datetime
import json
import re
import uuid

import botocore.exceptions
import pytest

from server import MAIN_ACCOUNT, OTHER_ACCOUNT, REGION, CliError

SECRET_NOT_FOUND = "ResourceNotFoundException"
DAY = 24 * 3600


@pytest.fixture
def secrets(client):
    return client("secretsmanager")


@pytest.fixture
def name(secrets, unique):
    """A secret with the value "one"."""
    made = unique("secret")
    secrets.create_secret(Name=made, SecretString="one")
    return made


def code_of(call, **members):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**members)
    response = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["Error"]["Message"]
    return response["Error"]["Code"]


def call(signed, operation, members, **options):
    """An operation that Debian's boto3 does not know."""
    return signed("secretsmanager", body=json.dumps(members), headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"secretsmanager.{operation}"}, **options)


# CreateSecret


def test_create_gives_an_arn_with_a_random_suffix(secrets, unique):
    name = unique("app/db")
    made = secrets.create_secret(Name=name, SecretString="v", Description="d", Tags=[{"Key": "team", "Value": "cubed"}])
    assert re.fullmatch(rf"arn:aws:secretsmanager:{REGION}:{MAIN_ACCOUNT}:secret:{name}-[A-Za-z0-9]{{6}}", made["ARN"])
    assert made["Name"] == name
    uuid.UUID(made["VersionId"])
    described = secrets.describe_secret(SecretId=made["ARN"])
    assert described["Description"] == "d"
    assert described["Tags"] == [{"Key": "team", "Value": "cubed"}]
    assert described["VersionIdsToStages"] == {made["VersionId"]: ["AWSCURRENT"]}


def test_create_without_a_value_has_no_version(secrets, unique):
    made = secrets.create_secret(Name=unique())
    assert "VersionId" not in made
    assert code_of(secrets.get_secret_value, SecretId=made["ARN"]) == SECRET_NOT_FOUND
    first = secrets.put_secret_value(SecretId=made["ARN"], SecretString="v", VersionStages=["MINE"])
    assert sorted(first["VersionStages"]) == ["AWSCURRENT", "MINE"]


# SDKs retry a create that timed out with the same token.
def test_create_is_idempotent_by_its_token(secrets, unique):
    request = {"Name": unique(), "SecretString": "v", "ClientRequestToken": str(uuid.uuid4())}
    first = secrets.create_secret(**request)
    assert secrets.create_secret(**request)["ARN"] == first["ARN"]
    assert first["VersionId"] == request["ClientRequestToken"]
    assert code_of(secrets.create_secret, **{**request, "SecretString": "w"}) == "ResourceExistsException"


@pytest.mark.parametrize("members, code", [
    ({"Name": "with space"}, "ValidationException"),
    ({"Name": "a" * 513}, "ValidationException"),
    ({"Name": ""}, "ValidationException"),
    ({}, "ValidationException"),
    ({"Name": "x", "ClientRequestToken": "short", "SecretString": "v"}, "InvalidParameterException"),
    ({"Name": "x", "SecretString": "v", "SecretBinary": b"v"}, "InvalidParameterException"),
    ({"Name": "x", "SecretString": "v" * 65537}, "ValidationException"),
    ({"Name": "x", "SecretString": "v", "KmsKeyId": "alias/mine"}, "EncryptionFailure"),
    ({"Name": "x", "Tags": [{"Key": "aws:x", "Value": "v"}]}, "InvalidParameterException"),
    ({"Name": "x", "AddReplicaRegions": [{"Region": REGION}]}, "InvalidParameterException"),
])
def test_create_refuses(secrets, members, code):
    assert code_of(secrets.create_secret, **members) == code


def test_create_refuses_a_name_in_use(secrets, name):
    assert code_of(secrets.create_secret, Name=name, SecretString="x") == "ResourceExistsException"
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.create_secret, Name=name, SecretString="x") == "InvalidRequestException"


def test_values_of_64_kib_and_any_text_come_back(secrets, unique):
    for value in ("v" * 65536, "ü€😀\"\\\n\t\x01", "{}"):
        made = secrets.create_secret(Name=unique(), SecretString=value)
        assert secrets.get_secret_value(SecretId=made["ARN"])["SecretString"] == value


# GetSecretValue, PutSecretValue


def test_get_by_name_arn_and_partial_arn(secrets, name):
    arn = secrets.describe_secret(SecretId=name)["ARN"]
    for secret_id in (name, arn, arn[:-7]):
        got = secrets.get_secret_value(SecretId=secret_id)
        assert (got["Name"], got["ARN"], got["SecretString"], got["VersionStages"]) == (name, arn, "one", ["AWSCURRENT"])
        assert isinstance(got["CreatedDate"], datetime.datetime)
        assert "SecretBinary" not in got


def test_get_finds_only_what_there_is(secrets, name):
    version = secrets.get_secret_value(SecretId=name)["VersionId"]
    assert code_of(secrets.get_secret_value, SecretId=name + "-none") == SECRET_NOT_FOUND
    assert code_of(secrets.get_secret_value, SecretId=name, VersionStage="AWSPENDING") == SECRET_NOT_FOUND
    assert code_of(secrets.get_secret_value, SecretId=name, VersionId=str(uuid.uuid4())) == SECRET_NOT_FOUND
    assert code_of(secrets.get_secret_value, SecretId=name, VersionId=version,
                   VersionStage="AWSPREVIOUS") == "InvalidRequestException"
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.get_secret_value, SecretId=name) == "InvalidRequestException"


def test_accounts_and_regions_are_apart(client, name):
    assert code_of(client("secretsmanager", account=OTHER_ACCOUNT).get_secret_value, SecretId=name) == SECRET_NOT_FOUND
    assert code_of(client("secretsmanager", region="us-east-1").get_secret_value, SecretId=name) == SECRET_NOT_FOUND


def test_put_moves_the_labels(secrets, name):
    first = secrets.get_secret_value(SecretId=name)["VersionId"]
    put = secrets.put_secret_value(SecretId=name, SecretBinary=b"\x00\xff\x80")
    assert put["VersionStages"] == ["AWSCURRENT"]
    current = secrets.get_secret_value(SecretId=name)
    assert current["SecretBinary"] == b"\x00\xff\x80" and "SecretString" not in current
    previous = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    assert (previous["VersionId"], previous["SecretString"]) == (first, "one")


def test_put_is_idempotent_by_its_token(secrets, name):
    token = str(uuid.uuid4())
    for _ in range(2):
        assert secrets.put_secret_value(SecretId=name, SecretString="two", ClientRequestToken=token)["VersionId"] == token
    assert code_of(secrets.put_secret_value, SecretId=name, SecretString="three",
                   ClientRequestToken=token) == "ResourceExistsException"
    assert secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "one"


def test_put_refuses(secrets, name):
    # boto3 fills in a ClientRequestToken; what is missing here is the value.
    assert code_of(secrets.put_secret_value, SecretId=name) == "InvalidRequestException"
    assert code_of(secrets.put_secret_value, SecretId=name, SecretString="a", SecretBinary=b"b") == "InvalidParameterException"
    assert code_of(secrets.put_secret_value, SecretId="none-" + name, SecretString="a") == SECRET_NOT_FOUND
    assert code_of(secrets.put_secret_value, SecretId=name, SecretString="a",
                   VersionStages=[f"s{i}" for i in range(21)]) == "ValidationException"
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.put_secret_value, SecretId=name, SecretString="a") == "InvalidRequestException"


def test_too_many_versions_in_a_day(secrets, name):
    for i in range(99):
        secrets.put_secret_value(SecretId=name, SecretString=str(i))
    assert code_of(secrets.put_secret_value, SecretId=name, SecretString="more") == "LimitExceededException"


# UpdateSecret


def test_update_changes_description_and_value(secrets, name):
    before = secrets.describe_secret(SecretId=name)
    updated = secrets.update_secret(SecretId=name, Description="new", SecretString="two", KmsKeyId="alias/aws/secretsmanager")
    assert updated["VersionId"]
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"
    after = secrets.describe_secret(SecretId=name)
    assert after["Description"] == "new" and after["LastChangedDate"] > before["LastChangedDate"]


def test_update_refuses(secrets, name):
    token = str(uuid.uuid4())
    secrets.update_secret(SecretId=name, SecretString="two", ClientRequestToken=token)
    assert code_of(secrets.update_secret, SecretId=name, SecretString="x", ClientRequestToken=token) == "ResourceExistsException"
    assert code_of(secrets.update_secret, SecretId="none-" + name, Description="d") == SECRET_NOT_FOUND
    assert code_of(secrets.update_secret, SecretId=name, KmsKeyId="alias/mine") == "EncryptionFailure"
    assert code_of(secrets.update_secret, SecretId=name, SecretString="a", SecretBinary=b"b") == "InvalidParameterException"
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.update_secret, SecretId=name, Description="d") == "InvalidRequestException"


# Versions and labels


def test_stages_are_moved_and_listed(secrets, name):
    first = secrets.get_secret_value(SecretId=name)["VersionId"]
    second = secrets.put_secret_value(SecretId=name, SecretString="two", VersionStages=["AWSPENDING"])["VersionId"]
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "one"
    secrets.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=second,
                                        RemoveFromVersionId=first)
    secrets.update_secret_version_stage(SecretId=name, VersionStage="AWSPENDING", RemoveFromVersionId=second)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"
    assert secrets.describe_secret(SecretId=name)["VersionIdsToStages"] == {first: ["AWSPREVIOUS"], second: ["AWSCURRENT"]}


@pytest.mark.parametrize("moves, code", [
    ({"VersionStage": "AWSCURRENT"}, "InvalidParameterException"),
    ({"VersionStage": "AWSCURRENT", "MoveToVersionId": "second"}, "InvalidParameterException"),
    ({"VersionStage": "AWSCURRENT", "RemoveFromVersionId": "first"}, "InvalidParameterException"),
    ({"VersionStage": "AWSCURRENT", "RemoveFromVersionId": "second", "MoveToVersionId": "second"},
     "InvalidParameterException"),
    ({"VersionStage": "X", "MoveToVersionId": str(uuid.uuid4())}, SECRET_NOT_FOUND),
])
def test_stage_moves_that_are_refused(secrets, name, moves, code):
    ids = {"first": secrets.get_secret_value(SecretId=name)["VersionId"],
           "second": secrets.put_secret_value(SecretId=name, SecretString="2", VersionStages=["AWSPENDING"])["VersionId"]}
    moves = {key: ids.get(value, value) for key, value in moves.items()}
    assert code_of(secrets.update_secret_version_stage, SecretId=name, **moves) == code


def test_stage_moves_on_what_is_not_there(secrets, name):
    move = {"VersionStage": "X", "MoveToVersionId": secrets.get_secret_value(SecretId=name)["VersionId"]}
    assert code_of(secrets.update_secret_version_stage, SecretId="none-" + name, **move) == SECRET_NOT_FOUND
    for i in range(19):
        secrets.update_secret_version_stage(SecretId=name, **{**move, "VersionStage": f"s{i}"})
    assert code_of(secrets.update_secret_version_stage, SecretId=name, **move) == "LimitExceededException"
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.update_secret_version_stage, SecretId=name, **move) == "InvalidRequestException"


def test_version_ids_are_listed_in_pages(secrets, name):
    for i in range(5):
        secrets.put_secret_value(SecretId=name, SecretString=str(i))
    assert len(secrets.list_secret_version_ids(SecretId=name)["Versions"]) == 2
    seen, token = [], {}
    while True:
        page = secrets.list_secret_version_ids(SecretId=name, IncludeDeprecated=True, MaxResults=4, **token)
        seen += [version["VersionId"] for version in page["Versions"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert len(seen) == len(set(seen)) == 6
    assert code_of(secrets.list_secret_version_ids, SecretId=name, NextToken="bogus") == "InvalidNextTokenException"
    assert code_of(secrets.list_secret_version_ids, SecretId="none-" + name) == SECRET_NOT_FOUND
    assert code_of(secrets.list_secret_version_ids, SecretId=name, MaxResults=101) == "ValidationException"


# DeleteSecret, RestoreSecret, DescribeSecret


def test_delete_and_restore(secrets, name):
    deleted = secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    window = deleted["DeletionDate"] - secrets.describe_secret(SecretId=name)["CreatedDate"]
    assert datetime.timedelta(days=7) <= window < datetime.timedelta(days=7, minutes=10)
    assert secrets.describe_secret(SecretId=name)["DeletedDate"] == deleted["DeletionDate"]
    assert code_of(secrets.delete_secret, SecretId=name) == "InvalidRequestException"
    assert secrets.restore_secret(SecretId=name)["Name"] == name
    assert "DeletedDate" not in secrets.describe_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "one"


def test_force_delete_frees_the_name(secrets, name):
    old = secrets.describe_secret(SecretId=name)["ARN"]
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert code_of(secrets.describe_secret, SecretId=name) == SECRET_NOT_FOUND
    assert code_of(secrets.restore_secret, SecretId=name) == SECRET_NOT_FOUND
    assert secrets.create_secret(Name=name, SecretString="again")["ARN"] != old
    assert code_of(secrets.get_secret_value, SecretId=old) == SECRET_NOT_FOUND


def test_delete_refuses(secrets, name):
    for days in (6, 31):
        assert code_of(secrets.delete_secret, SecretId=name, RecoveryWindowInDays=days) == "InvalidParameterException"
    assert code_of(secrets.delete_secret, SecretId=name, RecoveryWindowInDays=7,
                   ForceDeleteWithoutRecovery=True) == "InvalidParameterException"
    assert code_of(secrets.delete_secret, SecretId="none-" + name) == SECRET_NOT_FOUND


# The window ends by the clock, not by luck.
def test_after_the_recovery_window_the_secret_is_gone(private_stratus):
    secrets = private_stratus.client("secretsmanager")
    secrets.create_secret(Name="s", SecretString="v")
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    private_stratus.advance_clock(7 * DAY - 60)
    secrets.restore_secret(SecretId="s")
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    private_stratus.advance_clock(7 * DAY + 1)
    assert code_of(secrets.restore_secret, SecretId="s") == SECRET_NOT_FOUND
    secrets.create_secret(Name="s", SecretString="new")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "new"


# A crash loses nothing that was answered, and what is on disk is not in clear.
def test_secrets_survive_a_crash_and_are_sealed_on_disk(private_stratus):
    secrets = private_stratus.client("secretsmanager")
    arn = secrets.create_secret(Name="s", SecretString="correct horse battery staple")["ARN"]
    private_stratus.kill()
    for path in private_stratus.data_dir.rglob("*"):
        if path.is_file():
            assert b"correct horse" not in path.read_bytes(), path
    private_stratus.start()
    got = private_stratus.client("secretsmanager").get_secret_value(SecretId=arn)
    assert got["SecretString"] == "correct horse battery staple"
    assert "correct horse" not in private_stratus.log()


# ListSecrets


def names_of(secrets, **members):
    names = []
    while True:
        page = secrets.list_secrets(**members)
        names += [secret["Name"] for secret in page["SecretList"]]
        if "NextToken" not in page:
            return names
        members["NextToken"] = page["NextToken"]


def test_list_filters_sorts_and_pages(secrets, unique):
    stem = unique("list")
    for i in range(7):
        secrets.create_secret(Name=f"{stem}/{i}", Description=f"Number {i} of {stem}", SecretString="v",
                              Tags=[{"Key": f"{stem}-{i % 2}", "Value": f"value-{stem}"}])
    expected = [f"{stem}/{i}" for i in range(7)]
    by_name = {"Filters": [{"Key": "name", "Values": [stem + "/"]}]}
    for size in (1, 3, 100):
        assert names_of(secrets, SortOrder="asc", MaxResults=size, **by_name) == expected
        assert names_of(secrets, SortOrder="desc", MaxResults=size, **by_name) == expected[::-1]
    assert len(names_of(secrets, Filters=[{"Key": "tag-key", "Values": [f"{stem}-1"]}])) == 3
    assert len(names_of(secrets, Filters=[{"Key": "tag-value", "Values": [f"value-{stem}"]}])) == 7
    assert names_of(secrets, Filters=[{"Key": "description", "Values": [f"NUMBER 3 of {stem}"]}]) == [f"{stem}/3"]
    assert len(names_of(secrets, Filters=[{"Key": "all", "Values": [stem]}])) == 7
    assert len(names_of(secrets, Filters=by_name["Filters"] + [{"Key": "name", "Values": [f"!{stem}/6"]}])) == 6
    secrets.delete_secret(SecretId=f"{stem}/0")
    assert len(names_of(secrets, **by_name)) == 6
    entry = secrets.list_secrets(**by_name, SortOrder="asc")["SecretList"][0]
    assert list(entry["SecretVersionsToStages"].values()) == [["AWSCURRENT"]]


def test_planned_deletions_are_listed_when_asked_for(secrets, signed, name):
    secrets.delete_secret(SecretId=name)
    listed = call(signed, "ListSecrets", {"IncludePlannedDeletion": True, "Filters": [{"Key": "name", "Values": [name]}]})
    assert [secret["Name"] for secret in listed.json()["SecretList"]] == [name]


def test_list_refuses(secrets):
    assert code_of(secrets.list_secrets, NextToken="bogus") == "InvalidNextTokenException"
    assert code_of(secrets.list_secrets, MaxResults=0) == "ValidationException"
    assert code_of(secrets.list_secrets, Filters=[{"Key": "nope", "Values": ["x"]}]) in (
        "ValidationException", "InvalidParameterException")


# BatchGetSecretValue


def test_batch_get_by_ids_reports_each_error(secrets, signed, name):
    answer = call(signed, "BatchGetSecretValue", {"SecretIdList": [name, "none-" + name]})
    assert answer.status == 200
    assert [value["SecretString"] for value in answer.json()["SecretValues"]] == ["one"]
    (error,) = answer.json()["Errors"]
    assert (error["SecretId"], error["ErrorCode"]) == ("none-" + name, SECRET_NOT_FOUND)


def test_batch_get_by_filters_in_pages(secrets, signed, unique):
    stem = unique("batch")
    for i in range(3):
        secrets.create_secret(Name=f"{stem}/{i}", SecretString=str(i))
    seen, token = [], {}
    while True:
        page = call(signed, "BatchGetSecretValue",
                    {"Filters": [{"Key": "name", "Values": [stem]}], "MaxResults": 2, **token}).json()
        seen += [value["SecretString"] for value in page["SecretValues"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sorted(seen) == ["0", "1", "2"]


@pytest.mark.parametrize("members, code", [
    ({}, "InvalidParameterException"),
    ({"SecretIdList": ["a"], "Filters": [{"Key": "name", "Values": ["a"]}]}, "InvalidParameterException"),
    ({"SecretIdList": ["a"], "MaxResults": 5}, "InvalidParameterException"),
    ({"Filters": [{"Key": "name", "Values": ["a"]}], "NextToken": "bogus"}, "InvalidNextTokenException"),
])
def test_batch_get_refuses(signed, members, code):
    answer = call(signed, "BatchGetSecretValue", members)
    assert (answer.status, answer.json()["__type"].split("#")[-1]) == (400, code)


# GetRandomPassword


def test_random_passwords_keep_their_promises(secrets):
    def password(**options):
        return secrets.get_random_password(**options)["RandomPassword"]

    assert len(password()) == 32 and password() != password()
    assert re.fullmatch("[0-9]{50}", password(PasswordLength=50, ExcludeUppercase=True, ExcludeLowercase=True,
                                               ExcludePunctuation=True))
    assert re.fullmatch("[a-zA-Z0-9]{4096}", password(PasswordLength=4096, ExcludePunctuation=True))
    assert not set(password(PasswordLength=200, ExcludeCharacters="abc\"'\\")) & set("abc\"'\\")
    for _ in range(20):
        five = password(PasswordLength=5, IncludeSpace=True)
        assert all(re.search(kind, five) for kind in ("[a-z]", "[A-Z]", "[0-9]", " ", "[^a-zA-Z0-9 ]"))
    assert len(password(PasswordLength=1, RequireEachIncludedType=False)) == 1


@pytest.mark.parametrize("options, codes", [
    ({"PasswordLength": 3}, ["InvalidParameterException"]),
    ({"PasswordLength": 4097}, ["InvalidParameterException", "ValidationException"]),
    ({"ExcludeUppercase": True, "ExcludeLowercase": True, "ExcludeNumbers": True, "ExcludePunctuation": True},
     ["InvalidParameterException"]),
])
def test_impossible_passwords_are_refused(secrets, options, codes):
    assert code_of(secrets.get_random_password, **options) in codes


# Tags


def test_tags_are_added_replaced_and_removed(secrets, name):
    secrets.tag_resource(SecretId=name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    secrets.tag_resource(SecretId=name, Tags=[{"Key": "a", "Value": "3"}])
    secrets.untag_resource(SecretId=name, TagKeys=["b"])
    assert secrets.describe_secret(SecretId=name)["Tags"] == [{"Key": "a", "Value": "3"}]


def test_tags_refuse(secrets, name):
    assert code_of(secrets.tag_resource, SecretId="none-" + name, Tags=[{"Key": "a"}]) == SECRET_NOT_FOUND
    assert code_of(secrets.untag_resource, SecretId="none-" + name, TagKeys=["a"]) == SECRET_NOT_FOUND
    many = [{"Key": f"k{i}", "Value": "v"} for i in range(51)]
    assert code_of(secrets.tag_resource, SecretId=name, Tags=many) == "InvalidParameterException"
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.tag_resource, SecretId=name, Tags=[{"Key": "a"}]) == "InvalidRequestException"
    assert code_of(secrets.untag_resource, SecretId=name, TagKeys=["a"]) == "InvalidRequestException"


# Resource policies

STATEMENT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MAIN_ACCOUNT}:root"},
             "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
PUBLIC = json.dumps({"Version": "2012-10-17", "Statement": [{**STATEMENT, "Principal": "*"}]})


def test_resource_policies_are_kept(secrets, name):
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=name)
    secrets.put_resource_policy(SecretId=name, ResourcePolicy=POLICY)
    assert secrets.get_resource_policy(SecretId=name)["ResourcePolicy"] == POLICY
    assert secrets.delete_resource_policy(SecretId=name)["Name"] == name
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=name)


def test_resource_policies_are_validated(secrets, name):
    assert secrets.validate_resource_policy(SecretId=name, ResourcePolicy=POLICY)["PolicyValidationPassed"]
    refused = secrets.validate_resource_policy(ResourcePolicy=PUBLIC)
    assert not refused["PolicyValidationPassed"]
    assert refused["ValidationErrors"][0]["CheckName"]
    assert code_of(secrets.validate_resource_policy, ResourcePolicy="{") == "MalformedPolicyDocumentException"
    assert code_of(secrets.validate_resource_policy, SecretId="none-" + name, ResourcePolicy=POLICY) == SECRET_NOT_FOUND


def test_resource_policies_refuse(secrets, name):
    for broken in ("{", "[]", "{}", json.dumps({"Statement": [{"Effect": "Maybe"}]})):
        assert code_of(secrets.put_resource_policy, SecretId=name, ResourcePolicy=broken) == "MalformedPolicyDocumentException"
    assert code_of(secrets.put_resource_policy, SecretId=name, ResourcePolicy=PUBLIC,
                   BlockPublicPolicy=True) == "PublicPolicyException"
    missing = "none-" + name
    assert code_of(secrets.put_resource_policy, SecretId=missing, ResourcePolicy=POLICY) == SECRET_NOT_FOUND
    assert code_of(secrets.get_resource_policy, SecretId=missing) == SECRET_NOT_FOUND
    assert code_of(secrets.delete_resource_policy, SecretId=missing) == SECRET_NOT_FOUND
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.put_resource_policy, SecretId=name, ResourcePolicy=POLICY) == "InvalidRequestException"
    assert code_of(secrets.get_resource_policy, SecretId=name) == "InvalidRequestException"
    assert code_of(secrets.delete_resource_policy, SecretId=name) == "InvalidRequestException"
    assert code_of(secrets.validate_resource_policy, SecretId=name, ResourcePolicy=POLICY) == "InvalidRequestException"


# Replicas


def test_a_replica_follows_its_primary_until_it_is_promoted(client, secrets, name):
    there = client("secretsmanager", region="us-west-2")
    answer = secrets.replicate_secret_to_regions(SecretId=name, AddReplicaRegions=[{"Region": "us-west-2"}])
    assert [(one["Region"], one["Status"]) for one in answer["ReplicationStatus"]] == [("us-west-2", "InSync")]
    secrets.put_secret_value(SecretId=name, SecretString="two")
    got = there.get_secret_value(SecretId=name)
    assert got["SecretString"] == "two" and ":us-west-2:" in got["ARN"] and got["ARN"][-6:] == answer["ARN"][-6:]
    assert there.describe_secret(SecretId=name)["PrimaryRegion"] == REGION
    assert code_of(there.put_secret_value, SecretId=name, SecretString="x") == "InvalidRequestException"
    assert code_of(secrets.delete_secret, SecretId=name) == "InvalidRequestException"
    there.stop_replication_to_replica(SecretId=name)
    secrets.put_secret_value(SecretId=name, SecretString="three")
    assert there.get_secret_value(SecretId=name)["SecretString"] == "two"
    there.put_secret_value(SecretId=name, SecretString="own")
    assert there.get_secret_value(SecretId=name)["SecretString"] == "own"


def test_replicas_are_removed(client, secrets, unique):
    name = unique()
    made = secrets.create_secret(Name=name, SecretString="v", AddReplicaRegions=[{"Region": "us-east-2"}])
    assert made["ReplicationStatus"][0]["Region"] == "us-east-2"
    answer = secrets.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=["us-east-2"])
    assert answer.get("ReplicationStatus", []) == []
    assert code_of(client("secretsmanager", region="us-east-2").describe_secret, SecretId=name) == SECRET_NOT_FOUND


def test_replication_refuses(client, secrets, name):
    missing = "none-" + name
    west = [{"Region": "us-west-2"}]
    client("secretsmanager", region="us-west-2").create_secret(Name=name, SecretString="in the way")
    assert code_of(secrets.replicate_secret_to_regions, SecretId=name, AddReplicaRegions=west) == "InvalidRequestException"
    assert code_of(secrets.replicate_secret_to_regions, SecretId=name,
                   AddReplicaRegions=[{"Region": REGION}]) == "InvalidParameterException"
    assert code_of(secrets.replicate_secret_to_regions, SecretId=missing, AddReplicaRegions=west) == SECRET_NOT_FOUND
    assert code_of(secrets.remove_regions_from_replication, SecretId=name,
                   RemoveReplicaRegions=["us-west-2"]) == "InvalidParameterException"
    assert code_of(secrets.remove_regions_from_replication, SecretId=missing,
                   RemoveReplicaRegions=["us-west-2"]) == SECRET_NOT_FOUND
    assert code_of(secrets.stop_replication_to_replica, SecretId=name) == "InvalidRequestException"
    assert code_of(secrets.stop_replication_to_replica, SecretId=missing) == SECRET_NOT_FOUND
    forced = secrets.replicate_secret_to_regions(SecretId=name, AddReplicaRegions=west, ForceOverwriteReplicaSecret=True)
    assert forced["ReplicationStatus"]
    assert client("secretsmanager", region="us-west-2").get_secret_value(SecretId=name)["SecretString"] == "one"
    secrets.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=["us-west-2"])
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.replicate_secret_to_regions, SecretId=name, AddReplicaRegions=west) == "InvalidRequestException"
    assert code_of(secrets.remove_regions_from_replication, SecretId=name,
                   RemoveReplicaRegions=["us-west-2"]) == "InvalidRequestException"


# Rotation: there is no Lambda, and nobody may be told that something was rotated.


def test_rotation_is_refused_without_lambda(secrets, name):
    assert code_of(secrets.rotate_secret, SecretId=name) == "InvalidRequestException"
    assert code_of(secrets.rotate_secret, SecretId="none-" + name) == SECRET_NOT_FOUND
    function = f"arn:aws:lambda:{REGION}:{MAIN_ACCOUNT}:function:rotate"
    assert code_of(secrets.rotate_secret, SecretId=name, RotationLambdaARN=function) == "AccessDeniedException"
    assert code_of(secrets.rotate_secret, SecretId=name, RotationLambdaARN=function, RotationRules={
        "AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(1 day)"}) == "InvalidParameterException"
    assert not secrets.describe_secret(SecretId=name).get("RotationEnabled", False)
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.rotate_secret, SecretId=name) == "InvalidRequestException"


def test_cancelling_leaves_rotation_off(secrets, name):
    assert secrets.cancel_rotate_secret(SecretId=name)["Name"] == name
    assert code_of(secrets.cancel_rotate_secret, SecretId="none-" + name) == SECRET_NOT_FOUND
    secrets.delete_secret(SecretId=name)
    assert code_of(secrets.cancel_rotate_secret, SecretId=name) == "InvalidRequestException"


# The wire


def test_the_cli_reads_what_boto3_wrote(cli, secrets, name):
    assert cli("secretsmanager", "get-secret-value", "--secret-id", name)["SecretString"] == "one"
    with pytest.raises(CliError, match="ResourceNotFoundException"):
        cli("secretsmanager", "describe-secret", "--secret-id", "none-" + name)


def test_wrong_types_and_unknown_operations_are_told_so(signed):
    wrong = call(signed, "GetSecretValue", {"SecretId": 5})
    assert (wrong.status, wrong.json()["__type"].split("#")[-1]) == (400, "SerializationException")
    unknown = call(signed, "MakeCoffee", {})
    assert unknown.status == 400 and "UnknownOperationException" in unknown.json()["__type"]
    deep = signed("secretsmanager", body='{"SecretId":' + "[" * 5000 + "]" * 5000 + "}", headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue"})
    assert deep.status == 400
    blob = call(signed, "CreateSecret", {"Name": "x", "SecretBinary": "not base64!"})
    assert blob.status == 400 and "SerializationException" in blob.json()["__type"]


# Binary values travel as base64 in JSON; the stored bytes are the decoded ones.
def test_binary_on_the_wire_is_base64(signed, unique):
    name = unique()
    body = {"Name": name, "SecretBinary": base64.b64encode(b"\x00\x01").decode(), "ClientRequestToken": str(uuid.uuid4())}
    assert call(signed, "CreateSecret", body).status == 200
    assert call(signed, "GetSecretValue", {"SecretId": name}).json()["SecretBinary"] == "AAE="
