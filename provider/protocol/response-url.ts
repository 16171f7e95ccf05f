/**
 * CloudFormation's response buckets: `cloudformation-custom-resource-response-<region without dashes>` in the
 * region, with the partition's domain (User Guide, cfn-vpce-bucketnames), in both addressing styles.
 */
const BUCKET = 'cloudformation-custom-resource-response-[a-z0-9]{4,24}';
const DOMAIN = '(?:amazonaws\\.com|amazonaws\\.com\\.cn|amazonaws\\.eu|c2s\\.ic\\.gov|sc2s\\.sgov\\.gov)';
const REGION = '[a-z]{2,4}(?:-[a-z0-9]+)+';
const S3 = `s3(?:[.-](?:dualstack\\.)?${REGION})?\\.${DOMAIN}`;
const VIRTUAL_HOST = new RegExp(`^${BUCKET}\\.${S3}$`);
const PATH_HOST = new RegExp(`^${S3}$`);
const PATH = new RegExp(`^/${BUCKET}/`);

/** Whether an answer may be sent there: an answer carries ids, and a forged URL would carry them away. */
export function isResponseUrlAllowed(url: URL, allowLoopback: boolean): boolean {
  if (isLoopback(url.hostname))
    return allowLoopback && (url.protocol === 'http:' || url.protocol === 'https:');
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return false;
  return VIRTUAL_HOST.test(url.hostname) || (PATH_HOST.test(url.hostname) && PATH.test(url.pathname));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
