/** The caller in AWS, and the bucket of the packages. */
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { endingOf } from '../connection/endings.ts';
import { isDenied, nameOf } from './aws.ts';
import type { Check } from './check.ts';
import type { Facts } from './facts.ts';
import { fault, fine, needs, nothing } from './outcome.ts';

export const accountChecks: Check[] = [
  {
    id: 'aws-region',
    title: 'A Region is chosen',
    reads: [],
    async look(facts) {
      try {
        return fine(await facts.region.orError());
      } catch {
        return fault(
          'Neither --region nor the AWS profile names a Region.',
          'Give --region, or set AWS_REGION to the Region of the provider.',
        );
      }
    },
  },
  {
    id: 'aws-credentials',
    title: 'AWS accepts the credentials',
    reads: ['sts:GetCallerIdentity'],
    async look(facts) {
      await facts.region();
      try {
        const { account, arn } = await facts.identity.orError();
        return fine(`${arn} in account ${account}`);
      } catch (error) {
        return fault(
          endingOf(error).line,
          'Sign in again, or set AWS_PROFILE to a profile of the account of the provider.',
        );
      }
    },
  },
  {
    id: 'artifacts-bucket',
    title: 'The bucket of the packages exists, in the Region of the provider',
    reads: ['s3:ListBucket'],
    look: lookAtBucket,
  },
];

async function lookAtBucket(facts: Facts) {
  const { account } = await facts.identity();
  const region = await facts.region();
  const name = facts.options.bucket ?? (facts.hasProvider ? bucketOf(await facts.parameters(), region) : '');
  if (name === '') return nothing('no bucket is given: --bucket');
  try {
    const { BucketRegion } = await facts.aws.s3().send(new HeadBucketCommand({ Bucket: name }));
    if (BucketRegion === undefined || BucketRegion === region) return fine(name);
    return fault(
      `The bucket ${name} is in ${BucketRegion}, and Lambda takes code only from a bucket of its own Region, ${region}.`,
      `Publish into a bucket of ${region}: make publish REGIONS=${region}.`,
    );
  } catch (error) {
    if (isDenied(error)) throw needs('s3:ListBucket');
    if (!/^(NotFound|NoSuchBucket|404)$/.test(nameOf(error))) throw error;
    return fault(
      `There is no bucket ${name}, as account ${account} sees it.`,
      'Make it and fill it by make publish with --create-buckets, or give the right name.',
    );
  }
}

const bucketOf = (parameters: Record<string, string>, region: string): string =>
  parameters['CodeS3Bucket'] ||
  (parameters['CodeS3BucketPrefix'] ? `${parameters['CodeS3BucketPrefix']}-${region}` : '');
