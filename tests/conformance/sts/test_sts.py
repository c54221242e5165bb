"""STS is the first call of most tools: it must name the caller, and hand out nothing it cannot vouch for."""
import datetime

import boto3
import botocore.config
import botocore.exceptions
import pytest

from server import MAIN_ACCOUNT, OTHER_ACCOUNT, REGION, CliError


def temporary(stratus, service, keys, region=REGION):
    return boto3.session.Session().client(
        service, region_name=region, endpoint_url=stratus.url, aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"],
        config=botocore.config.Config(retries={"total_max_attempts": 1}))


def code_of(call, *arguments, **members):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(*arguments, **members)
    return refused.value.response["Error"]["Code"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]


# Terraform and CDK start with this; each account must see itself.
def test_get_caller_identity_names_the_account_that_signed(client):
    for account in (MAIN_ACCOUNT, OTHER_ACCOUNT):
        identity = client("sts", account=account).get_caller_identity()
        assert identity["Account"] == account
        assert identity["Arn"] == f"arn:aws:iam::{account}:root"
        assert identity["UserId"] == account
        assert identity["ResponseMetadata"]["RequestId"]


def test_get_caller_identity_in_the_cli(cli):
    assert cli("sts", "get-caller-identity")["Account"] == MAIN_ACCOUNT


# Any region name is a region of ours, also those AWS has not built yet.
def test_any_region_is_accepted(client):
    for region in ("us-east-1", "ap-southeast-7", "mars-north-1"):
        assert client("sts", region=region).get_caller_identity()["Account"] == MAIN_ACCOUNT


# Temporary credentials are worth something only if they then work, as the account that asked.
def test_get_session_token_gives_credentials_that_work(stratus, client):
    keys = client("sts", account=OTHER_ACCOUNT).get_session_token(DurationSeconds=900)["Credentials"]
    left = keys["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(minutes=14) < left <= datetime.timedelta(minutes=15)
    sts = temporary(stratus, "sts", keys)
    assert sts.get_caller_identity()["Account"] == OTHER_ACCOUNT
    assert code_of(sts.get_session_token) == ("AccessDenied", 403)


# A token that is altered, or goes with another secret, must be worth nothing.
def test_a_forged_session_is_refused(stratus, client):
    keys = client("sts").get_session_token()["Credentials"]
    altered = dict(keys, SessionToken=keys["SessionToken"][:-8] + "AAAAAAA=")
    assert code_of(temporary(stratus, "sts", altered).get_caller_identity) == ("InvalidClientTokenId", 403)
    wrong = dict(keys, SecretAccessKey="x" * 40)
    assert code_of(temporary(stratus, "sts", wrong).get_caller_identity) == ("SignatureDoesNotMatch", 403)


# Sessions end when they said they would. The services' clock moves; signatures keep to the real one.
def test_a_session_expires(private_stratus):
    keys = private_stratus.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    sts = temporary(private_stratus, "sts", keys)
    assert sts.get_caller_identity()["Account"] == MAIN_ACCOUNT
    private_stratus.advance_clock(901)
    assert code_of(sts.get_caller_identity) == ("ExpiredToken", 403)


# No IAM, no roles: handing out credentials for one would be a lie. AWS says the same of a role that does not exist.
def test_assume_role_is_denied(client, cli):
    arn = f"arn:aws:iam::{MAIN_ACCOUNT}:role/deploy"
    assert code_of(client("sts").assume_role, RoleArn=arn, RoleSessionName="test") == ("AccessDenied", 403)
    with pytest.raises(CliError, match="AccessDenied"):
        cli("sts", "assume-role", "--role-arn", arn, "--role-session-name", "test")


# The model's constraints hold before any handler runs.
def test_invalid_input_is_a_validation_error(client):
    assert code_of(client("sts").get_session_token, DurationSeconds=10) == ("ValidationError", 400)
    assert code_of(client("sts").assume_role, RoleArn="arn:aws:iam::1:role/r") == ("ValidationError", 400)


# What AWS has and we have not is said so; what AWS does not have is not.
def test_other_operations_are_refused_in_the_services_words(client, signed):
    assert code_of(client("sts").get_access_key_info, AccessKeyId="AKIAEXAMPLE000000000")[1] == 501
    answer = signed("sts", body="Action=MakeCoffee&Version=2011-06-15",
                    headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 400
    assert "<Code>InvalidAction</Code>" in answer.text
