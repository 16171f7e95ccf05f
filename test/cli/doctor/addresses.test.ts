/** Services whose clients the package leaves out have the addresses of their partition. */
import { addressOf, placeOfIam } from '../../../cli/doctor/aws.ts';

test.each([
  ['sqs', 'eu-west-1', 'https://sqs.eu-west-1.amazonaws.com/'],
  ['logs', 'us-gov-west-1', 'https://logs.us-gov-west-1.amazonaws.com/'],
  ['ssm', 'cn-north-1', 'https://ssm.cn-north-1.amazonaws.com.cn/'],
  ['cloudtrail', 'eusc-de-east-1', 'https://cloudtrail.eusc-de-east-1.amazonaws.eu/'],
])('%s in %s', (service, region, address) => {
  expect(addressOf(service, region)).toBe(address);
});

test.each([
  ['ap-southeast-2', 'https://iam.amazonaws.com/', 'us-east-1'],
  ['cn-northwest-1', 'https://iam.cn-north-1.amazonaws.com.cn/', 'cn-north-1'],
  ['us-gov-east-1', 'https://iam.us-gov.amazonaws.com/', 'us-gov-west-1'],
  ['eusc-de-east-1', 'https://iam.eusc-de-east-1.amazonaws.eu/', 'eusc-de-east-1'],
])('IAM for %s', (region, address, signed) => {
  expect(placeOfIam(region)).toEqual({ address, region: signed });
});

test('an isolated partition has an IAM of its own', () => {
  expect(() => placeOfIam('us-iso-east-1')).toThrow('The address of IAM in the partition of us-iso-east-1');
});
