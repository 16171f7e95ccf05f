/** Brings a release's artifacts into the bucket of one Region and verifies them there. */
import { extname } from 'node:path';
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CallerError } from '../../cli/connection/endings.ts';
import { type Artifact, type Manifest, manifestKey, manifestText, sha256 } from './artifacts.ts';

export interface RegionTarget {
  region: string;
  bucket: string;
  /**
   * The account that must own the bucket. A bucket's name can be guessed, so it may belong to another
   * account.
   */
  account: string;
}

/** The result for one object. */
export type Outcome = 'uploaded' | 'present' | 'would upload' | 'replaced';

export interface PublishOptions {
  /** Whether to look only, and upload nothing. */
  dryRun?: boolean;
  onProgress?: (name: string, outcome: Outcome) => void;
}

export interface Published extends RegionTarget {
  /** By artifact name; `manifest.json` is the manifest. */
  outcomes: Record<string, Outcome>;
  /** Version ids in the bucket, by artifact name; empty where the bucket is not versioned. */
  versionIds: Record<string, string>;
}

/**
 * Uploads the missing artifacts and verifies all of them by SHA-256.
 * A run that stopped half-way can be repeated, because an object under its own digest is not sent again.
 * The manifest comes last, so it never names a missing object. Definitions are no part of a version, so it
 * does not list them.
 * @throws CallerError when the bucket is missing, of another account or Region
 * @throws Error when an object's bytes differ from its key
 */
export async function publishRegion(
  s3: S3Client,
  target: RegionTarget,
  artifacts: readonly Artifact[],
  manifest: Manifest,
  { dryRun = false, onProgress = () => {} }: PublishOptions = {},
): Promise<Published> {
  await checkBucket(s3, target);
  const outcomes: Record<string, Outcome> = {};
  const versionIds: Record<string, string> = {};
  const record = (name: string, outcome: Outcome) => {
    outcomes[name] = outcome;
    onProgress(name, outcome);
  };
  for (const one of artifacts) {
    let there = await look(s3, target, one);
    let outcome: Outcome = 'present';
    if (there === undefined && dryRun) outcome = 'would upload';
    else if (there === undefined) {
      await upload(s3, target, one);
      there = await look(s3, target, one);
      if (there === undefined) {
        throw new Error(`${where(target, one.key)} was uploaded and is not there.`);
      }
      outcome = 'uploaded';
    }
    if (there !== undefined && there.sha256 !== one.sha256) {
      throw new Error(
        `${where(target, one.key)} holds other bytes (SHA-256 ${there.sha256}) than its key says. Somebody wrote over it: find out who. The bucket's policy refuses deletions, so an administrator has to take the statement ObjectsStay out of it, delete the object, publish again, and put the statement back.`,
      );
    }
    if (there?.versionId !== undefined) versionIds[one.name] = there.versionId;
    record(one.name, outcome);
  }
  record('manifest.json', await writeManifest(s3, target, manifest, dryRun));
  return { ...target, outcomes, versionIds };
}

const where = ({ bucket }: RegionTarget, key: string) => `s3://${bucket}/${key}`;

async function checkBucket(s3: S3Client, { bucket, region, account }: RegionTarget): Promise<void> {
  let actual: string | undefined;
  try {
    ({ BucketRegion: actual } = await s3.send(
      new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account }),
    ));
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) {
      throw new CallerError(
        `There is no bucket ${bucket}. Make it from templates/stacksets/artifact-bucket.yaml, or publish with --create-buckets.`,
        { cause: error },
      );
    }
    if (status === 403) {
      throw new CallerError(
        `The bucket ${bucket} is not account ${account}'s, or this caller may not use it. Choose another BUCKET_PREFIX, or name its owner by --bucket-account.`,
        {
          cause: error,
        },
      );
    }
    if (status !== 301) throw error;
    actual = 'another Region';
  }
  if (actual !== undefined && actual !== region) {
    throw new CallerError(
      `The bucket ${bucket} is in ${actual}; Lambda takes code only from a bucket in its own Region, ${region}. Choose another BUCKET_PREFIX.`,
    );
  }
}

interface Found {
  /** SHA-256 in hexadecimal. */
  sha256: string;
  versionId?: string | undefined;
}

/** The object under the artifact's key; undefined where there is none. */
async function look(s3: S3Client, target: RegionTarget, { key }: Artifact): Promise<Found | undefined> {
  const place = { Bucket: target.bucket, Key: key, ExpectedBucketOwner: target.account };
  try {
    const head = await s3.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
    // The checksum of a multipart upload is made of its parts' checksums. Our uploads have one part.
    if (head.ChecksumSHA256 !== undefined && !head.ChecksumSHA256.includes('-')) {
      return {
        sha256: Buffer.from(head.ChecksumSHA256, 'base64').toString('hex'),
        versionId: head.VersionId,
      };
    }
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
  const { Body, VersionId } = await s3.send(new GetObjectCommand(place));
  return { sha256: sha256((await Body?.transformToByteArray()) ?? ''), versionId: VersionId };
}

const contentTypes: Record<string, string> = {
  '.zip': 'application/zip',
  '.yaml': 'text/yaml; charset=utf-8',
  '.json': 'application/json',
};

async function upload(s3: S3Client, target: RegionTarget, one: Artifact): Promise<void> {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: target.bucket,
        Key: one.key,
        Body: one.body,
        ContentType: contentTypes[extname(one.name)] ?? 'application/octet-stream',
        // S3 refuses the upload if the bytes differ from the checksum or the object exists.
        ChecksumSHA256: Buffer.from(one.sha256, 'hex').toString('base64'),
        IfNoneMatch: '*',
        ExpectedBucketOwner: target.account,
      }),
    );
  } catch (error) {
    // Another run published the same key at the same time. The look that follows checks its bytes.
    if (statusOf(error) !== 412 && statusOf(error) !== 409) throw error;
  }
}

async function writeManifest(
  s3: S3Client,
  target: RegionTarget,
  manifest: Manifest,
  dryRun: boolean,
): Promise<Outcome> {
  const text = manifestText(manifest);
  const place = {
    Bucket: target.bucket,
    Key: manifestKey(manifest.version),
    ExpectedBucketOwner: target.account,
  };
  let before: string | undefined;
  try {
    const { Body } = await s3.send(new GetObjectCommand(place));
    before = await Body?.transformToString();
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  if (before === text) return 'present';
  if (dryRun) return 'would upload';
  await s3.send(
    new PutObjectCommand({
      ...place,
      Body: text,
      ContentType: 'application/json',
      ChecksumSHA256: Buffer.from(sha256(text), 'hex').toString('base64'),
    }),
  );
  return before === undefined ? 'uploaded' : 'replaced';
}

const statusOf = (error: unknown) =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
