import { matchesGlob } from '../../../common/glob.ts';
import type { Operation } from '../../lifecycle/operation.ts';

/** Actions that Genesys Cloud needs on the key (Genesys Cloud help 269685). */
const NEEDED = ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'];
const CONTEXT = 'kms:EncryptionContext:genesys-cloud-organization-id';

interface Statement {
  Effect?: string;
  Principal?: unknown;
  Action?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/**
 * The fault of a recording key that this account can see, as a sentence; undefined when there is none, or
 * when the key is out of its sight. It only explains a refusal: Genesys Cloud's own test decides.
 */
export async function keyProblem(
  aliasArn: string,
  organizationId: string,
  { aws, deadline }: Operation,
): Promise<string | undefined> {
  let key: Awaited<ReturnType<typeof aws.describeKey>>;
  try {
    key = await aws.describeKey(aliasArn, deadline);
  } catch (error) {
    return error instanceof Error ? error.message : undefined;
  }
  if (key === undefined) return undefined;
  if (!key.symmetric)
    return `The key ${key.arn} is not a symmetric encryption key. Make one with the key spec SYMMETRIC_DEFAULT.`;
  if (!key.enabled)
    return `The key ${key.arn} is not enabled: its state is ${key.state}. Enable it, or name another.`;
  return key.policy === undefined ? undefined : policyProblem(key.policy, organizationId);
}

/** The part of a key policy that Genesys Cloud needs and does not find. */
export function policyProblem(policy: string, organizationId: string): string | undefined {
  const statements = statementsOf(policy).filter(({ Effect }) => Effect === 'Allow');
  const forOrganization = statements.filter((statement) => contextsOf(statement).includes(organizationId));
  if (forOrganization.length === 0) {
    const other = statements.flatMap(contextsOf);
    return other.length > 0
      ? `The key policy has a statement for organization ${other.join(', ')}, but none with ${CONTEXT} = ${organizationId}. Add this one to it.`
      : `The key policy lacks the statement that lets Genesys Cloud's account use the key with ${CONTEXT} = ${organizationId}. Copy it from templates/kms/recording-key.yaml.`;
  }
  const allowed = forOrganization.flatMap(({ Action = [] }) => [Action].flat());
  const missing = NEEDED.filter((action) => !allowed.some((pattern) => covers(pattern, action)));
  if (missing.length > 0)
    return `The key policy's statement for Genesys Cloud does not allow ${missing.join(', ')}. Add them.`;
  return undefined;
}

function statementsOf(policy: string): Statement[] {
  try {
    const document = JSON.parse(policy) as { Statement?: Statement | Statement[] };
    return [document.Statement ?? []].flat();
  } catch {
    return [];
  }
}

function contextsOf({ Condition = {} }: Statement): string[] {
  return Object.values(Condition).flatMap((keys) =>
    Object.entries(keys)
      .filter(([key]) => key.toLowerCase() === CONTEXT.toLowerCase())
      .flatMap(([, values]) => [values].flat()),
  );
}

/** IAM compares actions without regard to case. */
const covers = (pattern: string, action: string) => matchesGlob(pattern.toLowerCase(), action.toLowerCase());
