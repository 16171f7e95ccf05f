import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { client, maxAttempts } from './limits.ts';

const s3 = client(
  (options) =>
    new S3Client({
      // A result may have megabytes. The signal of the call bounds the wait for it.
      requestHandler: { ...options, requestTimeout: 10_000 },
      maxAttempts,
      // Emulators and private gateways serve buckets by path.
      forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined,
    }),
);

export async function putJson(
  bucket: string,
  key: string,
  body: string,
  abortSignal: AbortSignal,
): Promise<void> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: 'application/json',
  });
  await s3().send(command, { abortSignal });
}

export async function getText(bucket: string, key: string, abortSignal: AbortSignal): Promise<string> {
  const { Body } = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
  return (await Body?.transformToString()) ?? '';
}
