import { addAbortSignal, type Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Abortable } from '../../common/deadline.ts';
import { AwsError } from '../../common/errors.ts';
import { type AwsClientOptions, type AwsServices, awsClientDefaults, describeAwsError } from './aws.ts';

/** Implements `AwsServices.objectText`. Its errors name bucket and key, and never show the content. */
export async function objectText(
  bucket: string,
  key: string,
  { versionId, maxBytes }: Parameters<AwsServices['objectText']>[2],
  { signal }: Abortable,
  options: AwsClientOptions = awsClientDefaults,
): Promise<string> {
  const name = `s3://${bucket}/${key}${versionId === undefined ? '' : ` (version ${versionId})`}`;
  const client = new S3Client({ ...options, followRegionRedirects: true });
  let bytes: Buffer;
  try {
    const { Body, ContentLength = 0 } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
      { abortSignal: signal },
    );
    bytes = await contentOf(Body as Readable | undefined, ContentLength, maxBytes, signal);
  } catch (error) {
    if (error instanceof TooLargeError)
      throw new AwsError(
        `${name} has ${error.size} bytes, more than the ${maxBytes} that are read. Make the file smaller.`,
      );
    throw new AwsError(`${name} cannot be read: ${describeAwsError(error)}.${adviceOn(error)}`, {
      cause: error,
    });
  } finally {
    client.destroy();
  }
  try {
    // The byte order mark stays, so that a checksum of the text equals a checksum of the object.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new AwsError(`${name} is no text in UTF-8. Store it in UTF-8.`, { cause: error });
  }
}

class TooLargeError extends Error {
  readonly size: number;
  constructor(size: number) {
    super();
    this.size = size;
  }
}

/** Reads at most `maxBytes`. A longer body is cut off, and a silent one ends with the signal. */
async function contentOf(
  body: Readable | undefined,
  announced: number,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  // A body that was cut off may still report an error, which would end the process.
  body.on('error', () => undefined);
  if (announced > maxBytes) {
    body.destroy();
    throw new TooLargeError(announced);
  }
  addAbortSignal(signal, body);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLargeError(size);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * S3 answers "access denied" for a missing object to whoever may not list the bucket (GetObject, API
 * reference).
 */
function adviceOn(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (/^NoSuch(Bucket|Key|Version)$/.test(name)) return ' Check Bucket, Key and VersionId.';
  return /^(AccessDenied|Forbidden|403)$/.test(name)
    ? ' Check that the object and version exist, and that the bucket policy and the key that encrypts it let the provider read.'
    : '';
}
