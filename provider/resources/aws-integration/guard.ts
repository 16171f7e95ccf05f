import type { Models } from 'purecloud-platform-client-v2';
import { MissingPermissionError } from '../../genesys/index.ts';
import { type Operation, ownerOf } from '../../lifecycle/operation.ts';
import type { DeletionGuard } from '../../lifecycle/resource-type.ts';
import { isNoObject, isSeenSoon } from '../../lifecycle/waiting.ts';
import { RefusedError } from '../../runtime/errors.ts';
import { allActions } from '../data-action/api.ts';
import { isOwnOfGenesysCloud } from '../data-action/mapping.ts';

const MOST_SHOWN = 5;

/**
 * Deleting an integration deletes its data actions in Genesys Cloud: refused while any is not this stack's.
 */
export const guard: DeletionGuard = {
  applies: ({ DeletionGuard }) => DeletionGuard !== 'None',
  holdsInCleanUp: true,

  async refuse({ id }, _properties, operation) {
    const others = await someActionsOfOthers(id, operation).catch((error: unknown) => {
      if (!(error instanceof MissingPermissionError)) throw error;
      throw new RefusedError(
        `Whether data actions of others hang on integration ${id} cannot be seen: ${error.message} Grant it, or set DeletionGuard: None.`,
        { cause: error },
      );
    });
    if (others.length === 0) return;
    const shown = others
      .slice(0, MOST_SHOWN)
      .map(({ id: actionId, name }) => `"${name}" (${actionId})`)
      .join(', ');
    const more = others.length > MOST_SHOWN ? ', and more' : '';
    throw new RefusedError(
      `Integration ${id} is not deleted: Genesys Cloud would delete its data actions with it, and these are not this stack's: ${shown}${more}. Remove them first, or apply DeletionGuard: None.`,
    );
  },
};

/**
 * Data actions of an integration that are not this stack's. One more than are shown is enough: it says that
 * there are more.
 */
async function someActionsOfOthers(integrationId: string, operation: Operation): Promise<Models.Action[]> {
  const found: Models.Action[] = [];
  const missing: Models.Action[] = [];
  for await (const { action, isKnown } of actionsOfOthers(integrationId, operation)) {
    const isThere = isKnown || !(await isNoObject(reading(action, operation)));
    (isThere ? found : missing).push(action);
    if (found.length > MOST_SHOWN) return found;
  }
  // The list goes on showing what was deleted a moment ago; what is seen within a while was merely not to be
  // seen.
  const isSeen = await Promise.all(
    missing.map((action) => isSeenSoon(reading(action, operation), operation)),
  );
  return [...found, ...missing.filter((_, index) => isSeen[index])];
}

const reading =
  ({ id = '' }: Models.Action, { session }: Operation) =>
  () =>
    session.integrations.getIntegrationsAction(id, {});

/** The actions that the list shows, without this stack's; `isKnown` where the ledger knows the owner. */
async function* actionsOfOthers(
  integrationId: string,
  operation: Operation,
): AsyncGenerator<{ action: Models.Action; isKnown: boolean }> {
  const { ledger, deadline } = operation;
  for await (const action of allActions({}, operation)) {
    const { id } = action;
    if (action.integrationId !== integrationId || id === undefined || isOwnOfGenesysCloud(id)) continue;
    const record = await ledger.object('action', id, deadline);
    if (record?.owner.stackId !== ownerOf(operation).stackId) yield { action, isKnown: record !== undefined };
  }
}
