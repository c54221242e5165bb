// Secrets Manager and STS through the JavaScript SDK v3, including BatchGetSecretValue, which Debian's boto3 does not know.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as sts from '@aws-sdk/client-sts';
import { refused, stratus } from './stratus.mjs';

const config = stratus();
let client;
const send = (command) => (client ??= new secrets.SecretsManagerClient(config)).send(command);

test('a secret lives: made, read, rotated by hand, found, deleted, restored', async () => {
  const made = await send(new secrets.CreateSecretCommand({ Name: 'cubed/test', SecretString: 'one', Tags: [{ Key: 'team', Value: 'cubed' }] }));
  assert.match(made.ARN, /^arn:aws:secretsmanager:eu-west-1:\d{12}:secret:cubed\/test-[A-Za-z0-9]{6}$/);
  await send(new secrets.PutSecretValueCommand({ SecretId: 'cubed/test', SecretBinary: new Uint8Array([1, 2, 255]) }));
  const current = await send(new secrets.GetSecretValueCommand({ SecretId: made.ARN }));
  assert.deepEqual([...current.SecretBinary], [1, 2, 255]);
  const previous = await send(new secrets.GetSecretValueCommand({ SecretId: 'cubed/test', VersionStage: 'AWSPREVIOUS' }));
  assert.equal(previous.SecretString, 'one');
  const described = await send(new secrets.DescribeSecretCommand({ SecretId: 'cubed/test' }));
  assert.equal(Object.keys(described.VersionIdsToStages).length, 2);
  await send(new secrets.UpdateSecretCommand({ SecretId: 'cubed/test', Description: 'for tests' }));
  const listed = await send(new secrets.ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['cubed/'] }] }));
  assert.deepEqual(listed.SecretList.map((secret) => secret.Name), ['cubed/test']);
  const batch = await send(new secrets.BatchGetSecretValueCommand({ SecretIdList: ['cubed/test', 'cubed/none'] }));
  assert.equal(batch.SecretValues.length, 1);
  assert.equal(batch.Errors[0].ErrorCode, 'ResourceNotFoundException');
  await send(new secrets.DeleteSecretCommand({ SecretId: 'cubed/test', RecoveryWindowInDays: 7 }));
  assert.equal(await refused(send(new secrets.GetSecretValueCommand({ SecretId: 'cubed/test' }))), 'InvalidRequestException');
  await send(new secrets.RestoreSecretCommand({ SecretId: 'cubed/test' }));
  assert.equal((await send(new secrets.GetSecretValueCommand({ SecretId: 'cubed/test', VersionStage: 'AWSPREVIOUS' }))).SecretString, 'one');
});

test('random passwords keep their promises', async () => {
  const { RandomPassword } = await send(new secrets.GetRandomPasswordCommand({ PasswordLength: 40, ExcludePunctuation: true }));
  assert.match(RandomPassword, /^[A-Za-z0-9]{40}$/);
});

test('errors carry the names that the SDK knows', async () => {
  assert.equal(await refused(send(new secrets.GetSecretValueCommand({ SecretId: 'none' }))), 'ResourceNotFoundException');
  assert.equal(await refused(send(new secrets.CreateSecretCommand({ Name: 'cubed/test', SecretString: 'x' }))), 'ResourceExistsException');
  assert.equal(await refused(send(new secrets.RotateSecretCommand({ SecretId: 'cubed/test' }))), 'InvalidRequestException');
});

test('STS says who the root credentials are, and refuses what is not signed with them', async () => {
  const identity = await new sts.STSClient(config).send(new sts.GetCallerIdentityCommand({}));
  assert.equal(identity.Account, '000000000000');
  assert.equal(identity.Arn, 'arn:aws:iam::000000000000:root');
  const stranger = new sts.STSClient({ ...config, credentials: { accessKeyId: 'AKIDNOBODY', secretAccessKey: 'x' } });
  assert.equal(await refused(stranger.send(new sts.GetCallerIdentityCommand({}))), 'InvalidClientTokenId');
});
