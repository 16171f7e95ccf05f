/**
 * CloudFormation's response buckets: `cloudformation-custom-resource-response-<region without dashes>` in the
 * region, with the partition's domain (User Guide, cfn-vpce-bucketnames), in both addressing styles. Anybody can take
 * a bucket's name, so only the bucket of the stack's own region is certainly CloudFormation's.
 */
const BUCKET = 'cloudformation-custom-resource-response-';
/** S3's host name, behind the bucket's name or alone. */
const S3_HOST =
  /^(?:([a-z0-9-]+)\.)?s3(?:[.-](?:dualstack\.)?[a-z]{2,4}(?:-[a-z0-9]+)+)?\.(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov)$/;
/** The documentation shows no bucket names of other partitions: theirs need only end with the region's name. */
const DOCUMENTED_PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'];

/** Whether an answer may be sent there: an answer carries ids, and a forged URL would carry them away. */
export function isResponseUrlAllowed(url: URL, stackId: string, allowLoopback: boolean): boolean {
  if (isLoopback(url.hostname))
    return allowLoopback && (url.protocol === 'http:' || url.protocol === 'https:');
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return false;
  const host = S3_HOST.exec(url.hostname);
  if (host === null) return false;
  const [, bucketOfPath = ''] = /^\/([^/]*)\//.exec(url.pathname) ?? [];
  return isResponseBucket(host[1] ?? bucketOfPath, stackId);
}

/** Whether a bucket is the response bucket of the stack's region. */
function isResponseBucket(bucket: string, stackId: string): boolean {
  if (!bucket.startsWith(BUCKET)) return false;
  const [, partition = '', , region = ''] = stackId.split(':');
  const ending = bucket.slice(BUCKET.length);
  // CloudFormation's buckets for wait conditions have the region's dashes; so might these.
  const spellings = [region, region.replaceAll('-', '')];
  if (DOCUMENTED_PARTITIONS.includes(partition)) return spellings.includes(ending);
  return spellings.some((spelling) => {
    const before = ending.slice(0, ending.length - spelling.length);
    return ending.endsWith(spelling) && /^[a-z0-9-]{0,24}$/.test(before);
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
