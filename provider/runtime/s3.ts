import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type AwsServices, awsClientDefaults, describe } from './aws.ts';
import { AwsError } from './errors.ts';

/** @throws AwsError that names bucket and key; it never shows the content. */
export const objectText: AwsServices['objectText'] = async (
  bucket,
  key,
  { versionId, maxBytes },
  { signal },
) => {
  const name = `s3://${bucket}/${key}${versionId === undefined ? '' : ` (version ${versionId})`}`;
  const client = new S3Client({ ...awsClientDefaults, followRegionRedirects: true });
  let bytes: Uint8Array;
  try {
    const { Body, ContentLength = 0 } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
      { abortSignal: signal },
    );
    if (ContentLength > maxBytes) {
      // Cut off below: nobody else listens to what that does to the body.
      (Body as Readable | undefined)?.on('error', () => undefined);
      throw tooLarge(name, ContentLength, maxBytes);
    }
    bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError(`${name} cannot be read: ${describe(error)}.${adviceOn(error)}`, { cause: error });
  } finally {
    client.destroy();
  }
  if (bytes.length > maxBytes) throw tooLarge(name, bytes.length, maxBytes);
  try {
    // With its byte order mark, so that a checksum of the text is one of the object.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new AwsError(`${name} is no text in UTF-8.`, { cause: error });
  }
};

const tooLarge = (name: string, bytes: number, maxBytes: number) =>
  new AwsError(`${name} has ${bytes} bytes, more than the ${maxBytes} that are read.`);

/** S3 says "access denied" of a missing object, too, to those who may not list the bucket. */
function adviceOn(error: unknown): string {
  const denied = error instanceof Error && /^(AccessDenied|Forbidden|403)$/.test(error.name);
  return denied
    ? ' Check that the object and version exist, and that the bucket policy and the key that encrypts it let the provider read.'
    : '';
}
