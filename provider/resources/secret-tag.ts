import type { Abortable } from '../../common/deadline.ts';
import { RefusedError } from '../../common/errors.ts';
import type { AwsServices } from '../runtime/aws.ts';
import { type AskingStack, admitsStack } from '../runtime/stack-names.ts';

/** The tag by which a secret's owner says which stacks may use it: entries that admit stacks, by space. */
const STACKS_TAG = 'genesys-cloud-cfn:stacks';

/**
 * Refuses a secret whose owner has not admitted the stack: a template's author is not the owner of every
 * secret that the provider can read. Ask before its text is read.
 * @throws RefusedError, AwsError
 */
export async function refuseUntagged(
  secretArn: string,
  stack: AskingStack,
  { aws, deadline }: { aws: AwsServices; deadline: Abortable },
): Promise<void> {
  const tags = await aws.secretTags(secretArn, deadline);
  // Tag values take no comma and no asterisk everywhere, so stacks are set apart by spaces and `*` may be
  // written `@`.
  const allowedStacks = (tags[STACKS_TAG] ?? '')
    .split(/\s+/)
    .filter((glob) => glob !== '')
    .map((glob) => glob.replaceAll('@', '*'));
  if (allowedStacks.some((entry) => admitsStack(entry, stack))) return;
  throw new RefusedError(
    `This stack may not use the secret ${secretArn}: its tag ${STACKS_TAG} has to name the stack (id, account/name, or name in the provider's own account, by space; @ stands for any text).`,
  );
}
