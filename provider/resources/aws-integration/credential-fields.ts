import { SettingsError } from '../../../common/errors.ts';
import { isPlainObject } from '../../../common/objects.ts';
import { registerSecretOfRequest } from '../../../common/redaction.ts';
import { spelledOtherwise } from '../../../common/text.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { askingStack } from '../../runtime/stack-names.ts';
import { refuseUntagged } from '../secret-tag.ts';

/**
 * The fields of a credential type that has fields of its own (Genesys' Terraform provider,
 * integration_credential). The password is optional (Genesys Cloud help, "Credential types").
 */
const FIELDS: Readonly<Record<string, readonly string[]>> = { basicAuth: ['userName', 'password'] };

/**
 * The fields of a web-services credential, from a secret of the customer's. The secret's tag says who may use
 * it.
 * @throws RefusedError, SettingsError, AwsError; none shows a value
 */
export async function readCredentialFields(
  { secretArn, type }: { secretArn: string; type: string },
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
  refuseOtherFields(Object.keys(fields), secretArn, type);
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value !== 'string')
        throw new SettingsError(`The secret ${secretArn} must hold text under ${name}.`);
      registerSecretOfRequest(value);
      return [name, value];
    }),
  );
}

/** @throws SettingsError for a secret whose fields Genesys Cloud would not find; it names fields only */
function refuseOtherFields(there: readonly string[], secretArn: string, type: string): void {
  const wanted = FIELDS[type] ?? [];
  const missing = wanted.filter((name) => !there.includes(name));
  const others = there.filter((name) => !wanted.includes(name));
  const misspelt = missing.flatMap((name) => {
    const near = spelledOtherwise(name, others);
    return near === undefined ? [] : [`"${near}" has to be called "${name}"`];
  });
  if (misspelt.length === 0 && (wanted.length === 0 || missing.length < wanted.length)) return;
  const what = misspelt.length > 0 ? misspelt.join(', and ') : 'it has none of them; write them there';
  throw new SettingsError(
    `The secret ${secretArn} does not fit the credential type ${type}, whose fields are ${wanted.join(' and ')}: ${what}.`,
  );
}
