/** A published version as it lies in a Region's bucket. */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { artifactOf, type Manifest, manifestKey, parseManifest, sha256 } from './artifacts.ts';

export interface Release {
  manifest: Manifest;
  bucket: string;
  /** The text of a template, verified. @throws Error when it is not what the manifest says */
  template(name: string): Promise<string>;
  /**
   * Parameters of templates/provider.yaml that name the package: all of them, since a stack keeps the values that it was
   * made with, and a bucket's prefix or an object's version of those would be refused, or keep the old code.
   */
  codeParameters: {
    CodeS3Bucket: string;
    CodeS3BucketPrefix: '';
    CodeS3Key: string;
    CodeS3ObjectVersion: '';
  };
}

/** @throws Error when the version was not published there */
export async function openRelease(
  s3: S3Client,
  { bucket, account, version }: { bucket: string; account: string; version: string },
): Promise<Release> {
  const read = async (Key: string) => {
    try {
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key, ExpectedBucketOwner: account }),
      );
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      const name = error instanceof Error ? error.name : String(error);
      throw new Error(
        `s3://${bucket}/${Key} cannot be read (${name}); publish version ${version} there first.`,
        { cause: error },
      );
    }
  };
  const key = manifestKey(version);
  const manifest = parseManifest(await read(key), `s3://${bucket}/${key}`);
  return {
    manifest,
    bucket,
    async template(name) {
      const record = artifactOf(manifest, name);
      const text = await read(record.key);
      if (sha256(text) !== record.sha256) {
        throw new Error(`s3://${bucket}/${record.key} holds other bytes than its key says.`);
      }
      return text;
    },
    codeParameters: {
      CodeS3Bucket: bucket,
      CodeS3BucketPrefix: '',
      CodeS3Key: artifactOf(manifest, 'provider.zip').key,
      CodeS3ObjectVersion: '',
    },
  };
}
