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
