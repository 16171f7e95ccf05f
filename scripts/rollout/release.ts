/** A published version in a Region's bucket. */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { CallerError } from '../../cli/connection/endings.ts';
import { artifactOf, type Manifest, manifestKey, parseManifest, sha256 } from './artifacts.ts';

export interface Release {
  manifest: Manifest;
  bucket: string;
  /** The verified text of a template. @throws Error when it differs from the manifest */
  template(name: string): Promise<string>;
  /**
   * All parameters of templates/provider.yaml that name the package. A stack keeps earlier values of
   * parameters that are not given. An old bucket prefix or object version would then be refused, or keep the
   * old code.
   */
  codeParameters: {
    CodeS3Bucket: string;
    CodeS3BucketPrefix: '';
    CodeS3Key: string;
    CodeS3ObjectVersion: '';
  };
}

/** @throws CallerError when the version was not published there */
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
      throw new CallerError(
        `s3://${bucket}/${Key} cannot be read (${name}); publish version ${version} there first, or name the owner of the bucket by --bucket-account.`,
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
