import { isResponseUrlAllowed } from '../../../provider/protocol/response-url.ts';

const bucket = 'cloudformation-custom-resource-response-euwest1';

test.each([
  `https://${bucket}.s3-eu-west-1.amazonaws.com/arn?X-Amz-Signature=x`,
  `https://${bucket}.s3.eu-west-1.amazonaws.com/arn`,
  `https://${bucket}.s3.amazonaws.com/arn`,
  `https://s3.eu-west-1.amazonaws.com/${bucket}/arn`,
  'https://cloudformation-custom-resource-response-cnnorth1.s3.cn-north-1.amazonaws.com.cn/arn',
  'https://cloudformation-custom-resource-response-euscdeeast1.s3.eusc-de-east-1.amazonaws.eu/arn',
  'https://cloudformation-custom-resource-response-usgovwest1.s3.us-gov-west-1.amazonaws.com/arn',
])('CloudFormation answers at %s', (url) => {
  expect(isResponseUrlAllowed(new URL(url), false)).toBe(true);
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
  expect(isResponseUrlAllowed(new URL(url), false)).toBe(false);
});

test.each(['http://127.0.0.1:8080/arn', 'https://localhost:8443/arn', 'http://[::1]:8080/arn'])(
  'this machine is accepted only by explicit choice: %s',
  (url) => {
    expect(isResponseUrlAllowed(new URL(url), true)).toBe(true);
    expect(isResponseUrlAllowed(new URL(url), false)).toBe(false);
  },
);

test('the choice for this machine opens nothing else', () => {
  expect(isResponseUrlAllowed(new URL('http://example.org/'), true)).toBe(false);
});
