import { isResponseUrlAllowed } from '../../../provider/protocol/response-url.ts';

const bucket = 'cloudformation-custom-resource-response-euwest1';
const stackIn = (region: string, partition = 'aws') =>
  `arn:${partition}:cloudformation:${region}:123456789012:stack/orders/1`;
const stack = stackIn('eu-west-1');
/** A response bucket, and a stack in its Region. */
const buckets = 'https://cloudformation-custom-resource-response';
const elsewhere = [
  [`${buckets}-cnnorth1.s3.cn-north-1.amazonaws.com.cn/arn`, stackIn('cn-north-1', 'aws-cn')],
  [`${buckets}-usgovwest1.s3.us-gov-west-1.amazonaws.com/arn`, stackIn('us-gov-west-1', 'aws-us-gov')],
  [`${buckets}-euscdeeast1.s3.eusc-de-east-1.amazonaws.eu/arn`, stackIn('eusc-de-east-1', 'aws-eusc')],
  [`${buckets}-x-euscdeeast1.s3.eusc-de-east-1.amazonaws.eu/arn`, stackIn('eusc-de-east-1', 'aws-eusc')],
  [`${buckets}-useast1.s3.amazonaws.com/arn`, stackIn('us-east-1')],
  [`${buckets}-us-east-1.s3.amazonaws.com/arn`, stackIn('us-east-1')],
  [`${buckets}-apsoutheast7.s3.ap-southeast-7.amazonaws.com/arn`, stackIn('ap-southeast-7')],
] as const;

/** Every partition of the AWS SDK with one of its Regions and its domain. */
const partitions = [
  ['aws', 'us-east-1', 'amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'amazonaws.com.cn'],
  ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com'],
  ['aws-eusc', 'eusc-de-east-1', 'amazonaws.eu'],
  ['aws-iso', 'us-iso-east-1', 'c2s.ic.gov'],
  ['aws-iso-b', 'us-isob-east-1', 'sc2s.sgov.gov'],
  ['aws-iso-e', 'eu-isoe-west-1', 'cloud.adc-e.uk'],
  ['aws-iso-f', 'us-isof-south-1', 'csp.hci.ic.gov'],
] as const;
const urlIn = (bucketRegion: string, region: string, domain: string) =>
  new URL(`${buckets}-${bucketRegion.replaceAll('-', '')}.s3.${region}.${domain}/arn`);

test.each(partitions)('%s: a stack answers to the bucket of its own partition and Region', (...of) => {
  const [partition, region, domain] = of;
  const url = urlIn(region, region, domain);
  expect(isResponseUrlAllowed(url, stackIn(region, partition), false)).toBe(true);
});

test.each(
  partitions.flatMap(([partition, region]) =>
    partitions
      .filter(([other]) => other !== partition)
      .map(([other, otherRegion, domain]) => ({ partition, region, other, otherRegion, domain })),
  ),
)('a stack of $partition does not answer in $other', ({ partition, region, otherRegion, domain }) => {
  const own = stackIn(region, partition);
  // An account of the other partition can take the bucket's name there.
  expect(isResponseUrlAllowed(urlIn(region, otherRegion, domain), own, false)).toBe(false);
  expect(isResponseUrlAllowed(urlIn(otherRegion, otherRegion, domain), own, false)).toBe(false);
  const isSameDomain = partitions.find(([name]) => name === partition)?.[2] === domain;
  if (!isSameDomain) expect(isResponseUrlAllowed(urlIn(region, region, domain), own, false)).toBe(false);
});

test.each([
  ['at the address of another Region', `${buckets}-euwest1.s3.us-east-1.amazonaws.com/arn`, stack],
  [
    'of GovCloud without a Region, which leads to the commercial partition',
    `${buckets}-usgovwest1.s3.amazonaws.com/arn`,
    stackIn('us-gov-west-1', 'aws-us-gov'),
  ],
  ['of no known partition', `${buckets}-xx.s3.xx-x-1.amazonaws.com/arn`, stackIn('xx-x-1', 'aws-x')],
  ['of no Region', `${buckets}.s3.amazonaws.com/arn`, 'arn:aws:cloudformation::1:stack/a/1'],
])('nothing is sent to a bucket %s', (_, url, stackId) => {
  expect(isResponseUrlAllowed(new URL(url), stackId, false)).toBe(false);
});

test.each([
  `https://${bucket}.s3-eu-west-1.amazonaws.com/arn?X-Amz-Signature=x`,
  `https://${bucket}.s3.eu-west-1.amazonaws.com/arn`,
  `https://${bucket}.s3.amazonaws.com/arn`,
  `https://s3.eu-west-1.amazonaws.com/${bucket}/arn`,
])('CloudFormation answers at %s', (url) => {
  expect(isResponseUrlAllowed(new URL(url), stack, false)).toBe(true);
});

test.each(elsewhere)('CloudFormation answers at %s', (url, stackId) => {
  expect(isResponseUrlAllowed(new URL(url), stackId, false)).toBe(true);
});

test.each([
  ['of a name that anybody can take', `${buckets}-attacker01.s3.amazonaws.com/arn`],
  ['of another region', `${buckets}-useast1.s3.amazonaws.com/arn`],
  ['that only ends with the region', `${buckets}-attackereuwest1.s3.amazonaws.com/arn`],
  ['that only begins with the region', `https://s3.amazonaws.com/${bucket}x/arn`],
])('nothing is sent to a bucket %s', (_, url) => {
  expect(isResponseUrlAllowed(new URL(url), stack, false)).toBe(false);
});

test.each([
  `http://${bucket}.s3-eu-west-1.amazonaws.com/arn`,
  `https://${bucket}.s3-eu-west-1.amazonaws.com.evil.example/arn`,
  'https://my-bucket.s3.eu-west-1.amazonaws.com/arn',
  `https://s3.eu-west-1.amazonaws.com/my-bucket/${bucket}/arn`,
  `https://evil.example/${bucket}/`,
  `https://user:pass@${bucket}.s3.amazonaws.com/arn`,
  `https://${bucket}.s3.amazonaws.com:8443/arn`,
  `https://x.${bucket}.s3.amazonaws.com/arn`,
  'https://169.254.169.254/latest',
  'http://127.0.0.1:8080/arn',
  'ftp://127.0.0.1/arn',
])('nothing is sent to %s', (url) => {
  expect(isResponseUrlAllowed(new URL(url), stack, false)).toBe(false);
});

test.each(['http://127.0.0.1:8080/arn', 'https://localhost:8443/arn', 'http://[::1]:8080/arn'])(
  'this machine is accepted only by explicit choice: %s',
  (url) => {
    expect(isResponseUrlAllowed(new URL(url), stack, true)).toBe(true);
    expect(isResponseUrlAllowed(new URL(url), stack, false)).toBe(false);
  },
);

test('the choice for this machine opens nothing else', () => {
  expect(isResponseUrlAllowed(new URL('http://example.org/'), stack, true)).toBe(false);
});
