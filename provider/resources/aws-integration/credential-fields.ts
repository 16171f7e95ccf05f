import { SettingsError } from '../../../common/errors.ts';
import { isPlainObject } from '../../../common/objects.ts';
import { registerSecretOfRequest } from '../../../common/redaction.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { askingStack } from '../../runtime/stack-names.ts';
import { refuseUntagged } from '../secret-tag.ts';

/**
 * The fields of a web-services credential, from a secret of the customer's. The secret's tag says who may use
 * it.
 * @throws RefusedError, SettingsError, AwsError; none shows a value
 */
export async function readCredentialFields(
  secretArn: string,
  { aws, request, deadline }: Operation,
): Promise<Record<string, string>> {
  await refuseUntagged(secretArn, askingStack(request), { aws, deadline });
  const text = await aws.secretText(secretArn, deadline);
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new SettingsError(
      `The secret ${secretArn} is no JSON: it must be an object with the credential's fields.`,
    );
  }
  if (!isPlainObject(fields) || Object.keys(fields).length === 0) {
    throw new SettingsError(`The secret ${secretArn} must be a JSON object with the credential's fields.`);
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value !== 'string')
        throw new SettingsError(`The secret ${secretArn} must hold text under ${name}.`);
      registerSecretOfRequest(value);
      return [name, value];
    }),
  );
}
