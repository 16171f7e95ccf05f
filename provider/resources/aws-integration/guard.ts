/** Protects the data actions that other stacks have on an integration. */
import type { Models } from 'purecloud-platform-client-v2';
import { RefusedError } from '../../../common/errors.ts';
import { MissingPermissionError } from '../../genesys/index.ts';
import type { ObjectRecord } from '../../ledger/index.ts';
import { livingOwner } from '../../lifecycle/adoption.ts';
import { type Operation, ownerOf } from '../../lifecycle/operation.ts';
import type { DeletionGuard, RawProperties } from '../../lifecycle/resource-type.ts';
import { isNoObject, seenSoon } from '../../lifecycle/waiting.ts';
import { allActions } from '../data-action/api.ts';
import { isOwnOfGenesysCloud } from '../data-action/mapping.ts';
import { noLongerAdmitted } from '../shared-integrations.ts';

const MOST_SHOWN = 5;

/** A data action that is not this stack's. */
interface Other {
  action: Models.Action;
  record: ObjectRecord | undefined;
}

/**
 * Deleting an integration deletes its data actions in Genesys Cloud: refused while any is not this stack's.
 * `DeletionGuard: None` gives up those that nobody owns.
 */
export const guard: DeletionGuard = {
  applies: () => true,
  holdsInCleanUp: true,

  async refuse({ id }, { DeletionGuard }, operation) {
    const waivesUnowned = DeletionGuard === 'None';
    const others = await shown(id, operation, async ({ action, record }) => {
      const owner = record && (await livingOwner(record, operation));
      if (owner !== undefined) return `${nameOf(action)}, which belongs to ${owner}`;
      return waivesUnowned ? undefined : nameOf(action);
    });
    if (others === undefined) return;
    throw new RefusedError(
      `Integration ${id} is not deleted: Genesys Cloud would delete its data actions with it, and these are not this stack's: ${others}. Remove them first, or apply DeletionGuard: None for those that no stack owns.`,
    );
  },
};

/**
 * Refuses an update that takes the integration away from stacks which have data actions on it: they could not
 * change them any more.
 * @throws RefusedError that names them
 */
export async function refuseRevokingUsed(
  {
    SharedWith = [],
    DeletionGuard,
  }: { SharedWith?: string[] | undefined; DeletionGuard?: string | undefined },
  operation: Operation,
): Promise<void> {
  const { appliedBefore, request } = operation;
  const { physicalId, oldProperties = {} } = request;
  if (appliedBefore || DeletionGuard === 'None' || physicalId === undefined) return;
  const isRevoked = noLongerAdmitted(oldProperties as RawProperties, SharedWith, request);
  if (isRevoked === undefined) return;
  const others = await shown(physicalId, operation, async ({ action, record }) => {
    if (record === undefined || !isRevoked(record.owner.stackId)) return undefined;
    const owner = await livingOwner(record, operation);
    return owner === undefined ? undefined : `${nameOf(action)}, which belongs to ${owner}`;
  });
  if (others === undefined) return;
  throw new RefusedError(
    `Integration ${physicalId} stays shared: SharedWith leaves out stacks that have data actions on it, and these could not be changed any more: ${others}. Name those stacks, or set DeletionGuard: None in the same update.`,
  );
}

const nameOf = ({ id, name }: Models.Action) => `"${name}" (${id})`;

/**
 * Some data actions of others in words; undefined where there are none.
 * @param describe answers nothing for an action that does not matter
 */
async function shown(
  integrationId: string,
  operation: Operation,
  describe: (other: Other) => Promise<string | undefined>,
): Promise<string | undefined> {
  const found = await described(integrationId, operation, describe).catch((error: unknown) => {
    if (!(error instanceof MissingPermissionError)) throw error;
    throw new RefusedError(
      `Whether data actions of others hang on integration ${integrationId} cannot be seen: ${error.message} Grant it.`,
      { cause: error },
    );
  });
  if (found.length === 0) return undefined;
  return `${found.slice(0, MOST_SHOWN).join('; ')}${found.length > MOST_SHOWN ? ', and more' : ''}`;
}

/** The actions in words: at most one more than a message shows, which tells that there are more. */
async function described(
  integrationId: string,
  operation: Operation,
  describe: (other: Other) => Promise<string | undefined>,
): Promise<string[]> {
  const found: string[] = [];
  const missing: { words: string; action: Models.Action }[] = [];
  for await (const other of actionsOfOthers(integrationId, operation)) {
    const words = await describe(other);
    if (words === undefined) continue;
    const { action, record } = other;
    const isThere = record !== undefined || !(await isNoObject(reading(action, operation)));
    if (isThere) found.push(words);
    else missing.push({ words, action });
    if (found.length > MOST_SHOWN) return found;
  }
  const seen = await seenSoon(missing, ({ action }) => reading(action, operation), operation);
  return [...found, ...seen.map(({ words }) => words)];
}

const reading =
  ({ id = '' }: Models.Action, { session }: Operation) =>
  () =>
    session.integrations.getIntegrationsAction(id, {});

/** The actions that the list shows, without this stack's. */
async function* actionsOfOthers(integrationId: string, operation: Operation): AsyncGenerator<Other> {
  const { ledger, deadline } = operation;
  for await (const action of allActions({}, operation)) {
    const { id } = action;
    if (action.integrationId !== integrationId || id === undefined || isOwnOfGenesysCloud(id)) continue;
    const record = await ledger.object('action', id, deadline);
    if (record?.owner.stackId !== ownerOf(operation).stackId) yield { action, record };
  }
}
