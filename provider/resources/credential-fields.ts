import { RefusedError, SettingsError } from '../runtime/errors.ts';
import { registerSecret } from '../runtime/redaction.ts';
import { stackAllowed } from '../runtime/settings.ts';
import type { Work } from './work.ts';

/** The tag by which a secret's owner says which stacks may use it: globs over stack names or ids, by space. */
export const STACKS_TAG = 'genesys-cloud-cfn:stacks';

/**
 * The fields of a web-services credential, from a secret of the customer's. A template's author is not the owner of
 * every secret that the provider can read, so the secret itself says who may use it.
 * @throws RefusedError, SettingsError, AwsError; none shows a value
 */
export async function readCredentialFields(secretArn: string, work: Work): Promise<Record<string, string>> {
  const tags = await work.aws.secretTags(secretArn, work.invocation);
  // Tag values take no comma and no asterisk everywhere, so stacks are set apart by spaces and `*` may be written `@`.
  const allowedStacks = (tags[STACKS_TAG] ?? '')
    .split(/\s+/)
    .filter((glob) => glob !== '')
    .map((glob) => glob.replaceAll('@', '*'));
  if (allowedStacks.length === 0 || !stackAllowed({ allowedStacks }, work.request.stackId)) {
    throw new RefusedError(
      `This stack may not use the secret ${secretArn}: its tag ${STACKS_TAG} has to name the stack (names or ids, by space; @ stands for any text).`,
    );
  }
  const text = await work.aws.secretText(secretArn, work.invocation);
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new SettingsError(
      `The secret ${secretArn} is no JSON: it must be an object with the credential's fields.`,
    );
  }
  if (
    fields === null ||
    typeof fields !== 'object' ||
    Array.isArray(fields) ||
    Object.keys(fields).length === 0
  ) {
    throw new SettingsError(`The secret ${secretArn} must be a JSON object with the credential's fields.`);
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value !== 'string')
        throw new SettingsError(`The secret ${secretArn} must hold text under ${name}.`);
      registerSecret(value);
      return [name, value];
    }),
  );
}
