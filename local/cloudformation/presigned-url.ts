import { randomBytes } from 'node:crypto';

/** The access key id of AWS's documentation. */
const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';

/**
 * The query of a presigned S3 URL. The signature is random: nothing checks it, but the response server knows
 * the query of each URL that it made.
 */
export function presignedQuery({
  signature,
  signedAtMs,
  validSeconds,
  region,
}: {
  signature: 'v4' | 'v2';
  signedAtMs: number;
  validSeconds: number;
  region: string;
}): string {
  const random = randomBytes(32).toString('hex');
  if (signature === 'v2') {
    const expires = Math.floor(signedAtMs / 1000) + validSeconds;
    return `?AWSAccessKeyId=${accessKeyId}&Expires=${expires}&Signature=${random}`;
  }
  const date = new Date(signedAtMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const credential = encodeURIComponent(`${accessKeyId}/${date.slice(0, 8)}/${region}/s3/aws4_request`);
  return (
    `?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${date}&X-Amz-SignedHeaders=host` +
    `&X-Amz-Expires=${validSeconds}&X-Amz-Credential=${credential}&X-Amz-Signature=${random}`
  );
}
