import { AwsRefusal } from './aws.ts';
import type { Call } from './http.ts';

/** Why Genesys Cloud cannot use the KMS key of an alias, in words; undefined if it can. */
export async function problemWithKey(call: Call, aliasArn: string): Promise<string | undefined> {
  try {
    await call.aws.tryKey(call.organization, aliasArn, call.closing);
    return undefined;
  } catch (error) {
    if (error instanceof AwsRefusal) return error.message;
    throw error;
  }
}
