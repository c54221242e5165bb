// SQS through the JavaScript SDK v3, which speaks the JSON protocol (Debian's boto3 speaks query) and checks every MD5.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sqs from '@aws-sdk/client-sqs';
import { refused, stratus } from './stratus.mjs';

const config = stratus();
let client;
const send = (command) => (client ??= new sqs.SQSClient(config)).send(command);
const create = async (QueueName, Attributes, tags) =>
  (await send(new sqs.CreateQueueCommand({ QueueName, Attributes, tags }))).QueueUrl;

test('a queue is made, found, listed, described, tagged and deleted', async () => {
  const QueueUrl = await create('life', { VisibilityTimeout: '7' }, { team: 'cubed' });
  assert.equal((await send(new sqs.GetQueueUrlCommand({ QueueName: 'life' }))).QueueUrl, QueueUrl);
  assert.ok((await send(new sqs.ListQueuesCommand({ QueueNamePrefix: 'lif' }))).QueueUrls.includes(QueueUrl));
  const { Attributes } = await send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  assert.equal(Attributes.VisibilityTimeout, '7');
  await send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '9' } }));
  await send(new sqs.TagQueueCommand({ QueueUrl, Tags: { a: '1' } }));
  await send(new sqs.UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
  assert.deepEqual((await send(new sqs.ListQueueTagsCommand({ QueueUrl }))).Tags, { team: 'cubed' });
  await send(new sqs.AddPermissionCommand({ QueueUrl, Label: 'x', AWSAccountIds: ['111122223333'], Actions: ['SendMessage'] }));
  await send(new sqs.RemovePermissionCommand({ QueueUrl, Label: 'x' }));
  await send(new sqs.DeleteQueueCommand({ QueueUrl }));
  assert.equal(await refused(send(new sqs.GetQueueUrlCommand({ QueueName: 'life' }))), 'QueueDoesNotExist');
});

test('messages travel with attributes; the SDK verifies the digests', async () => {
  const QueueUrl = await create('travel');
  await send(new sqs.SendMessageCommand({
    QueueUrl,
    MessageBody: 'héllo ☃',
    MessageAttributes: {
      text: { DataType: 'String', StringValue: 'tea' },
      number: { DataType: 'Number', StringValue: '3.5' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 128]) },
    },
  }));
  const { Messages } = await send(new sqs.ReceiveMessageCommand({
    QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'], WaitTimeSeconds: 1,
  }));
  assert.equal(Messages.length, 1);
  assert.equal(Messages[0].Body, 'héllo ☃');
  assert.deepEqual([...Messages[0].MessageAttributes.bytes.BinaryValue], [0, 255, 128]);
  assert.equal(Messages[0].Attributes.ApproximateReceiveCount, '1');
  const { ReceiptHandle } = Messages[0];
  await send(new sqs.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  const again = await send(new sqs.ReceiveMessageCommand({ QueueUrl, AttributeNames: ['ApproximateReceiveCount'] }));
  assert.equal(again.Messages[0].Attributes.ApproximateReceiveCount, '2');
  await send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: again.Messages[0].ReceiptHandle }));
  assert.equal((await send(new sqs.ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
});

test('a batch answers per entry, and a purge empties', async () => {
  const QueueUrl = await create('batch');
  const sent = await send(new sqs.SendMessageBatchCommand({
    QueueUrl, Entries: [{ Id: 'a', MessageBody: 'one' }, { Id: 'b', MessageBody: '\u0000' }],
  }));
  assert.deepEqual(sent.Successful.map((entry) => entry.Id), ['a']);
  assert.deepEqual(sent.Failed.map((entry) => [entry.Id, entry.SenderFault]), [['b', true]]);
  const { Messages } = await send(new sqs.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const changed = await send(new sqs.ChangeMessageVisibilityBatchCommand({
    QueueUrl, Entries: [{ Id: 'v', ReceiptHandle: Messages[0].ReceiptHandle, VisibilityTimeout: 60 }],
  }));
  assert.equal(changed.Successful.length, 1);
  const gone = await send(new sqs.DeleteMessageBatchCommand({
    QueueUrl, Entries: [{ Id: 'd', ReceiptHandle: Messages[0].ReceiptHandle }],
  }));
  assert.equal(gone.Successful.length, 1);
  await send(new sqs.PurgeQueueCommand({ QueueUrl }));
  assert.equal(await refused(send(new sqs.PurgeQueueCommand({ QueueUrl }))), 'PurgeQueueInProgress');
});

test('a FIFO queue keeps order within a group and drops duplicates', async () => {
  const QueueUrl = await create('order.fifo', { FifoQueue: 'true' });
  for (const [body, group, id] of [['1', 'g', 'a'], ['2', 'g', 'b'], ['2 again', 'g', 'b'], ['other', 'h', 'c']]) {
    await send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: body, MessageGroupId: group, MessageDeduplicationId: id }));
  }
  const { Messages } = await send(new sqs.ReceiveMessageCommand({
    QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['MessageGroupId', 'SequenceNumber'],
  }));
  const group = Messages.filter((message) => message.Attributes.MessageGroupId === 'g').map((message) => message.Body);
  assert.deepEqual(group, ['1', '2']);
  assert.equal(Messages.length, 3);
});

test('a dead-letter queue names its sources and its messages can be moved back', async () => {
  const dead = await create('dead');
  const { Attributes: { QueueArn } } = await send(new sqs.GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }));
  const source = await create('source', { VisibilityTimeout: '0', RedrivePolicy: JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount: '1' }) });
  assert.deepEqual((await send(new sqs.ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }))).queueUrls, [source]);
  await send(new sqs.SendMessageCommand({ QueueUrl: source, MessageBody: 'poison' }));
  await send(new sqs.ReceiveMessageCommand({ QueueUrl: source }));
  assert.equal((await send(new sqs.ReceiveMessageCommand({ QueueUrl: source }))).Messages, undefined);
  const { TaskHandle } = await send(new sqs.StartMessageMoveTaskCommand({ SourceArn: QueueArn }));
  assert.ok(TaskHandle);
  const { Results } = await send(new sqs.ListMessageMoveTasksCommand({ SourceArn: QueueArn }));
  assert.equal(Results.length, 1);
  const back = await send(new sqs.ReceiveMessageCommand({ QueueUrl: source, WaitTimeSeconds: 5 }));
  assert.equal(back.Messages[0].Body, 'poison');
  assert.equal(await refused(send(new sqs.CancelMessageMoveTaskCommand({ TaskHandle: 'bm9uZQ==' }))), 'ResourceNotFoundException');
});

test('errors carry the names that the SDK knows', async () => {
  const QueueUrl = await create('errors');
  const none = QueueUrl.replace('errors', 'none');
  assert.equal(await refused(send(new sqs.SendMessageCommand({ QueueUrl: none, MessageBody: 'x' }))), 'QueueDoesNotExist');
  assert.equal(await refused(create('errors', { VisibilityTimeout: '5' })), 'QueueNameExists');
  assert.equal(await refused(send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'junk' }))), 'ReceiptHandleIsInvalid');
  assert.equal(await refused(send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries: [] }))), 'EmptyBatchRequest');
  assert.equal(await refused(send(new sqs.SendMessageBatchCommand({
    QueueUrl, Entries: [{ Id: 'a', MessageBody: '1' }, { Id: 'a', MessageBody: '2' }],
  }))), 'BatchEntryIdsNotDistinct');
  assert.equal(await refused(send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes: { Nonsense: '1' } }))), 'InvalidAttributeName');
  const wrong = new sqs.SQSClient({ ...config, credentials: { ...config.credentials, secretAccessKey: 'wrong' } });
  assert.equal(await refused(wrong.send(new sqs.ListQueuesCommand({}))), 'SignatureDoesNotMatch');
});
