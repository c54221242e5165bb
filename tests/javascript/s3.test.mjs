// S3 through the JavaScript SDK v3, which sends checksums in trailers of aws-chunked bodies and presigns by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Readable } from 'node:stream';
import * as s3 from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { refused, stratus } from './stratus.mjs';

const config = stratus();
let shared;
const client = () => (shared ??= new s3.S3Client({ ...config, forcePathStyle: true }));
const send = (command) => client().send(command);
const Bucket = 'predict.s3.withcubed.com';
const text = (answer) => answer.Body.transformToString();

test('a bucket is made, found, versioned, tagged', async () => {
  await send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
  await send(new s3.HeadBucketCommand({ Bucket }));
  assert.ok((await send(new s3.ListBucketsCommand({}))).Buckets.some((bucket) => bucket.Name === Bucket));
  assert.equal((await send(new s3.GetBucketLocationCommand({ Bucket }))).LocationConstraint, 'eu-west-1');
  await send(new s3.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }));
  assert.deepEqual((await send(new s3.GetBucketTaggingCommand({ Bucket }))).TagSet, [{ Key: 'a', Value: 'b' }]);
  await send(new s3.DeleteBucketTaggingCommand({ Bucket }));
  assert.equal(await refused(send(new s3.GetBucketTaggingCommand({ Bucket }))), 'NoSuchTagSet');
  assert.equal((await send(new s3.GetBucketVersioningCommand({ Bucket }))).Status, undefined);
});

test('an object goes in and comes out, with metadata, ranges, conditions and the checksum the SDK chose', async () => {
  const put = await send(new s3.PutObjectCommand({ Bucket, Key: 'a/☃ &<x>.txt', Body: 'hello world', Metadata: { who: 'me' }, ContentType: 'text/plain' }));
  assert.match(put.ETag, /^"[0-9a-f]{32}"$/);
  assert.ok(put.ChecksumCRC32);
  const got = await send(new s3.GetObjectCommand({ Bucket, Key: 'a/☃ &<x>.txt' }));
  assert.equal(await text(got), 'hello world');
  assert.deepEqual(got.Metadata, { who: 'me' });
  assert.equal(await text(await send(new s3.GetObjectCommand({ Bucket, Key: 'a/☃ &<x>.txt', Range: 'bytes=-5' }))), 'world');
  assert.equal((await send(new s3.HeadObjectCommand({ Bucket, Key: 'a/☃ &<x>.txt' }))).ContentLength, 11);
  assert.equal(await refused(send(new s3.GetObjectCommand({ Bucket, Key: 'a/☃ &<x>.txt', IfMatch: '"0"' }))), 'PreconditionFailed');
  assert.equal(await refused(send(new s3.PutObjectCommand({ Bucket, Key: 'a/☃ &<x>.txt', Body: 'x', IfNoneMatch: '*' }))), 'PreconditionFailed');
  assert.equal(await refused(send(new s3.GetObjectCommand({ Bucket, Key: 'none' }))), 'NoSuchKey');
  const parts = await send(new s3.GetObjectAttributesCommand({ Bucket, Key: 'a/☃ &<x>.txt', ObjectAttributes: ['ETag', 'ObjectSize'] }));
  assert.equal(parts.ObjectSize, 11);
});

test('a stream of unknown hash is sent in signed chunks or trailers and arrives whole', async () => {
  const size = 3 * 1024 * 1024 + 17;
  const body = Buffer.alloc(size, 'abcdefg');
  await send(new s3.PutObjectCommand({ Bucket, Key: 'stream', Body: Readable.from([body]), ContentLength: size }));
  const got = await send(new s3.GetObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
  assert.ok(body.equals(Buffer.from(await got.Body.transformToByteArray())));
});

test('multipart uploads complete, list and abort', async () => {
  const Key = 'parts';
  const { UploadId } = await send(new s3.CreateMultipartUploadCommand({ Bucket, Key }));
  const first = Buffer.alloc(5 * 1024 * 1024, 'x');
  const one = await send(new s3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: first }));
  const two = await send(new s3.UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 2, CopySource: `${Bucket}/stream` }));
  assert.equal((await send(new s3.ListPartsCommand({ Bucket, Key, UploadId }))).Parts.length, 2);
  assert.equal((await send(new s3.ListMultipartUploadsCommand({ Bucket }))).Uploads.length, 1);
  const done = await send(new s3.CompleteMultipartUploadCommand({
    Bucket, Key, UploadId,
    MultipartUpload: { Parts: [{ PartNumber: 1, ETag: one.ETag }, { PartNumber: 2, ETag: two.CopyPartResult.ETag }] },
  }));
  assert.match(done.ETag, /-2"$/);
  assert.equal((await send(new s3.HeadObjectCommand({ Bucket, Key }))).ContentLength, first.length + 3 * 1024 * 1024 + 17);
  const other = await send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'aborted' }));
  await send(new s3.AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId: other.UploadId }));
  assert.equal(await refused(send(new s3.ListPartsCommand({ Bucket, Key: 'aborted', UploadId: other.UploadId }))), 'NoSuchUpload');
});

test('listings page and group', async () => {
  for (const Key of ['l/1', 'l/2', 'l/x/3', 'l/x/4', 'l/y']) await send(new s3.PutObjectCommand({ Bucket, Key, Body: Key }));
  const grouped = await send(new s3.ListObjectsV2Command({ Bucket, Prefix: 'l/', Delimiter: '/' }));
  assert.deepEqual(grouped.Contents.map((entry) => entry.Key), ['l/1', 'l/2', 'l/y']);
  assert.deepEqual(grouped.CommonPrefixes, [{ Prefix: 'l/x/' }]);
  const keys = [];
  for await (const page of s3.paginateListObjectsV2({ client: client(), pageSize: 2 }, { Bucket, Prefix: 'l/' })) {
    keys.push(...page.Contents.map((entry) => entry.Key));
  }
  assert.deepEqual(keys, ['l/1', 'l/2', 'l/x/3', 'l/x/4', 'l/y']);
  assert.equal((await send(new s3.ListObjectsCommand({ Bucket, Prefix: 'l/', MaxKeys: 1 }))).IsTruncated, true);
});

test('tags, copies, versions and deletes', async () => {
  await send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const old = await send(new s3.PutObjectCommand({ Bucket, Key: 'v', Body: 'old', Tagging: 'a=1' }));
  await send(new s3.PutObjectCommand({ Bucket, Key: 'v', Body: 'new' }));
  assert.equal(await text(await send(new s3.GetObjectCommand({ Bucket, Key: 'v', VersionId: old.VersionId }))), 'old');
  assert.deepEqual((await send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'v', VersionId: old.VersionId }))).TagSet, [{ Key: 'a', Value: '1' }]);
  await send(new s3.PutObjectTaggingCommand({ Bucket, Key: 'v', Tagging: { TagSet: [{ Key: 'b', Value: '2' }] } }));
  await send(new s3.DeleteObjectTaggingCommand({ Bucket, Key: 'v' }));
  const copy = await send(new s3.CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/v?versionId=${old.VersionId}` }));
  assert.ok(copy.CopyObjectResult.ETag);
  const marker = await send(new s3.DeleteObjectCommand({ Bucket, Key: 'v' }));
  assert.equal(marker.DeleteMarker, true);
  assert.equal(await refused(send(new s3.GetObjectCommand({ Bucket, Key: 'v' }))), 'NoSuchKey');
  const versions = await send(new s3.ListObjectVersionsCommand({ Bucket, Prefix: 'v' }));
  assert.equal(versions.Versions.length, 2);
  assert.equal(versions.DeleteMarkers.length, 1);
  const gone = await send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'copy' }, { Key: 'l/1' }] } }));
  assert.equal(gone.Deleted.length, 2);
});

test('a presigned URL works for whoever holds it, and only as signed', async () => {
  await send(new s3.PutObjectCommand({ Bucket, Key: 'signed', Body: 'secret' }));
  const url = await getSignedUrl(client(), new s3.GetObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'secret');
  assert.equal((await fetch(url.replace('signed', 'stream'))).status, 403);
  assert.equal((await fetch(url.split('?')[0])).status, 403);
});

test('errors carry the names that the SDK knows', async () => {
  assert.equal(await refused(send(new s3.CreateBucketCommand({ Bucket: 'Not_A_Name' }))), 'InvalidBucketName');
  assert.equal(await refused(send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }))), 'BucketAlreadyOwnedByYou');
  assert.equal(await refused(send(new s3.ListObjectsV2Command({ Bucket: 'nobody-has-this' }))), 'NoSuchBucket');
  assert.equal(await refused(send(new s3.DeleteBucketCommand({ Bucket }))), 'BucketNotEmpty');
  assert.equal(await refused(send(new s3.PutObjectCommand({ Bucket, Key: 'x', Body: 'x', ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }))), 'BadDigest');
  assert.equal(await refused(send(new s3.GetBucketWebsiteCommand({ Bucket }))), 'NotImplemented');
});
