/**
 * CloudFormation's response buckets: `cloudformation-custom-resource-response-<region without dashes>` in the
 * region, with the partition's domain (User Guide, cfn-vpce-bucketnames), in both addressing styles. A bucket's name
 * is anybody's to take: only that of the stack's own region is CloudFormation's for sure.
 */
const BUCKET = 'cloudformation-custom-resource-response-';
const DOMAIN = '(?:amazonaws\\.com|amazonaws\\.com\\.cn|amazonaws\\.eu|c2s\\.ic\\.gov|sc2s\\.sgov\\.gov)';
const REGION = '[a-z]{2,4}(?:-[a-z0-9]+)+';
const S3 = `s3(?:[.-](?:dualstack\\.)?${REGION})?\\.${DOMAIN}`;
const PATH_HOST = new RegExp(`^${S3}$`);
/** Of others the documentation does not show the names: they have to end with the region's, at least. */
const DOCUMENTED_PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'];

/** Whether an answer may be sent there: an answer carries ids, and a forged URL would carry them away. */
export function isResponseUrlAllowed(url: URL, stackId: string, allowLoopback: boolean): boolean {
  if (isLoopback(url.hostname))
    return allowLoopback && (url.protocol === 'http:' || url.protocol === 'https:');
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return false;
  const bucket = bucketPattern(stackId);
  if (new RegExp(`^${bucket}\\.${S3}$`).test(url.hostname)) return true;
  return PATH_HOST.test(url.hostname) && new RegExp(`^/${bucket}/`).test(url.pathname);
}

/** The response bucket of a stack's region, as the source of a regular expression. */
function bucketPattern(stackId: string): string {
  const [, partition = '', , region = ''] = stackId.split(':');
  const before = DOCUMENTED_PARTITIONS.includes(partition) ? '' : '[a-z0-9-]{0,24}';
  // CloudFormation's buckets for wait conditions have the region's dashes; so might these.
  return `${BUCKET}${before}(?:${region.replaceAll('-', '')}|${region})`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
