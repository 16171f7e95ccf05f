/**
 * CloudFormation's response buckets: `cloudformation-custom-resource-response-<region without dashes>` in the
 * stack's Region, at S3's domain of the stack's partition (User Guide, cfn-vpce-bucketnames), in both
 * addressing styles. Anybody can take a bucket's name, in this partition or in another one, so only the
 * bucket of the stack's own Region and partition is certainly CloudFormation's.
 */
const BUCKET = 'cloudformation-custom-resource-response-';
/** Domains by partition (AWS SDK for JavaScript, partitions of @aws-sdk/core). */
const DOMAINS = new Map([
  ['aws', 'amazonaws.com'],
  ['aws-cn', 'amazonaws.com.cn'],
  ['aws-us-gov', 'amazonaws.com'],
  ['aws-eusc', 'amazonaws.eu'],
  ['aws-iso', 'c2s.ic.gov'],
  ['aws-iso-b', 'sc2s.sgov.gov'],
  ['aws-iso-e', 'cloud.adc-e.uk'],
  ['aws-iso-f', 'csp.hci.ic.gov'],
]);
/**
 * The partition of S3's addresses without a Region; in GovCloud, which has the same domain, they would lead
 * there.
 */
const HAS_GLOBAL_ADDRESS = 'aws';
/** S3's host name without its domain, behind the bucket's name or alone. */
const S3_HOST = /^(?:([a-z0-9-]+)\.)?s3(?:[.-](?:dualstack\.)?([a-z]{2,4}(?:-[a-z0-9]+)+))?$/;
/**
 * The documentation shows no bucket names of other partitions: theirs need only end with the region's name.
 */
const DOCUMENTED_PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'];

/** Whether an answer may be sent there: an answer carries ids, and a forged URL would carry them away. */
export function isResponseUrlAllowed(url: URL, stackId: string, allowLoopback: boolean): boolean {
  if (isLoopback(url.hostname))
    return allowLoopback && (url.protocol === 'http:' || url.protocol === 'https:');
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return false;
  const [, partition = '', , region = ''] = stackId.split(':');
  const domain = DOMAINS.get(partition);
  if (domain === undefined || !url.hostname.endsWith(`.${domain}`)) return false;
  const host = S3_HOST.exec(url.hostname.slice(0, -domain.length - 1));
  if (host === null) return false;
  const [, bucketOfHost, regionOfHost] = host;
  if (regionOfHost === undefined ? partition !== HAS_GLOBAL_ADDRESS : regionOfHost !== region) return false;
  const [, bucketOfPath = ''] = /^\/([^/]*)\//.exec(url.pathname) ?? [];
  return isResponseBucket(bucketOfHost ?? bucketOfPath, partition, region);
}

/** Whether a bucket is the response bucket of a Region. */
function isResponseBucket(bucket: string, partition: string, region: string): boolean {
  if (!bucket.startsWith(BUCKET) || region === '') return false;
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
