/**
 * Whose data actions may hang on an integration. An action sends the integration's credential to a URL of its
 * own, or runs functions by the integration's role. So a template's author may use the integrations of her
 * own stack, and others only where their owner or the administrator says so.
 */
import { RefusedError } from '../../common/errors.ts';
import { cut } from '../../common/text.ts';
import type { ObjectRecord } from '../ledger/index.ts';
import type { Operation } from '../lifecycle/operation.ts';
import { textList } from '../properties/index.ts';
import { accountOf, admitsStack, askingStack, STACK_ENTRY } from '../runtime/stack-names.ts';

const MOST_STACKS = 50;

/** Genesys Cloud's ids of integrations are UUIDs, as its API shows them. */
const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The property by which an integration's owner names the other stacks that may use it. */
export const sharedWith = () =>
  textList(MOST_STACKS, {
    max: 300,
    pattern: STACK_ENTRY,
    hint: 'must be the name of a stack, <account>/<name> or the id of a stack; * and ? may stand for characters, but not for all of a name without an account',
  });

/** The stacks that the ledger keeps with an integration, for the requests of their data actions. */
export const publishedSharing = (
  { SharedWith }: { SharedWith?: string[] | undefined },
  { request }: Pick<Operation, 'request'>,
) => ({
  sharedWith: (SharedWith ?? []).join(' '),
  // Providers of several accounts may share the ledger. A name alone counts in the account of this one.
  sharedBy: askingStack(request).ownAccount ?? '',
});

/**
 * Whether a stack was admitted by an integration's raw properties of before, and is not by the new list;
 * undefined where the new list leaves no entry out.
 */
export function noLongerAdmitted(
  { SharedWith: before }: Record<string, unknown>,
  now: readonly string[],
  request: Parameters<typeof askingStack>[0],
): ((stackId: string) => boolean) | undefined {
  const removed = (Array.isArray(before) ? before : []).map(String).filter((entry) => !now.includes(entry));
  if (removed.length === 0) return undefined;
  const { ownAccount } = askingStack(request);
  const isAdmitted = (entries: readonly string[], stackId: string) =>
    entries.some((entry) => admitsStack(entry, { stackId, ownAccount }));
  return (stackId) => isAdmitted(removed, stackId) && !isAdmitted(now, stackId);
}

const entriesOf = ({ details }: ObjectRecord): string[] =>
  (details['sharedWith'] ?? '').split(' ').filter((entry) => entry !== '');

/**
 * Refuses a data action on an integration that its stack may not use. A rollback to what was applied is never
 * refused. Where the ledger does not know what that was, a rollback may change an action in place, because
 * the action has the integration already. A new action is judged in a rollback too: its integration may be
 * the answer of another resource, which the author can choose.
 * @param integration its id, and its record in the ledger
 * @throws RefusedError, which says nothing about the integration's owner
 */
export async function refuseUnsharedIntegration(
  integration: { id: string; record: ObjectRecord | undefined },
  operation: Operation,
  isCreate: boolean,
): Promise<void> {
  if (operation.appliedBefore) return;
  const refusal = await refusalOf(integration, operation);
  if (refusal === undefined) return;
  if (!isCreate && (await operation.isRollingBack())) return;
  throw refusal;
}

async function refusalOf(
  { id, record: known }: { id: string; record: ObjectRecord | undefined },
  operation: Operation,
): Promise<RefusedError | undefined> {
  const { organization, request, settings } = operation;
  const record = ownedForGood(known);
  if (record?.organization !== organization.id) {
    if (settings.sharedIntegrationIds.includes(id)) return undefined;
    if (!ID.test(id)) {
      return new RefusedError(
        `IntegrationId must be the id of an integration, as !Ref gives it, and not its name: ${cut(id, 100)} is no id.`,
      );
    }
    return new RefusedError(
      `This stack may not use the integration ${id}, which no stack owns: the provider's administrator has to add it to the provider's parameter SharedIntegrationIds. Check IntegrationId first.`,
    );
  }
  const { stackId } = record.owner;
  if (stackId === request.stackId) return undefined;
  const asking = { stackId: request.stackId, ownAccount: record.details['sharedBy'] };
  if (entriesOf(record).some((entry) => admitsStack(entry, asking))) return undefined;
  if (await haveOneRoot(stackId, operation)) return undefined;
  return new RefusedError(
    `This stack may not use the integration ${id}, which belongs to another stack: its owner has to name this stack in the integration's property SharedWith (id, account/name, or name in the provider's own account), and deploy.`,
  );
}

/**
 * The record of an integration whose owner has succeeded with it. Until then, and while it is put back, its
 * credential may be the one that somebody else gave it.
 */
function ownedForGood(record: ObjectRecord | undefined): ObjectRecord | undefined {
  return record?.applied.length === 0 || record?.adoption?.rollback === 'begun' ? undefined : record;
}

/** Whether CloudFormation says that both stacks are nested in the same one. */
async function haveOneRoot(stackId: string, { aws, deadline, request }: Operation): Promise<boolean> {
  if (accountOf(stackId) !== accountOf(request.stackId)) return false;
  const [root, other] = await Promise.all(
    [request.stackId, stackId].map((id) => aws.rootStack(id, deadline)),
  );
  return root !== undefined && root === other;
}
