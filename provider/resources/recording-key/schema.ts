import * as z from 'zod/mini';
import { commonProperties } from '../../lifecycle/resource-type.ts';
import { choice, flag, text } from '../../properties/index.ts';

export const schema = z.strictObject({
  ...commonProperties,
  /** Genesys Cloud takes the ARN of an alias, not of a key (Genesys Cloud help 269685). */
  KeyAliasArn: text({
    pattern: /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:alias\/(?!aws\/)[A-Za-z0-9/_-]{1,250}$/,
    hint: 'must be the ARN of a KMS alias of your own: arn:<partition>:kms:<region>:<account>:alias/<name>',
  }),
  RotationPeriod: z.optional(choice('DISABLED', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY')),
  Takeover: z.optional(flag()),
  OnDelete: z.optional(choice('Retain', 'Native', 'RestorePrevious')),
});

export type RecordingKeyProperties = z.infer<typeof schema>;
