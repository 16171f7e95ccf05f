import type { Models } from 'purecloud-platform-client-v2';
import { MissingPermissionError } from '../../genesys/index.ts';
import { type Operation, ownerOf } from '../../lifecycle/operation.ts';
import type { DeletionGuard } from '../../lifecycle/resource-type.ts';
import { isGone } from '../../lifecycle/waiting.ts';
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

/** Each costs a call, so one more than are shown is enough: it says that there are more. */
async function someActionsOfOthers(integrationId: string, operation: Operation): Promise<Models.Action[]> {
  const found: Models.Action[] = [];
  for await (const action of actionsOfOthers(integrationId, operation)) {
    found.push(action);
    if (found.length > MOST_SHOWN) break;
  }
  return found;
}

/** Data actions of an integration that are not this stack's. */
async function* actionsOfOthers(integrationId: string, operation: Operation): AsyncGenerator<Models.Action> {
  const { ledger, deadline, session } = operation;
  for await (const action of allActions({}, operation)) {
    const { id } = action;
    if (action.integrationId !== integrationId || id === undefined || isOwnOfGenesysCloud(id)) continue;
    const record = await ledger.object('action', id, deadline);
    if (record?.owner.stackId === ownerOf(operation).stackId) continue;
    // Another request of this stack may have deleted the action, and its record, since the list was read.
    if (record === undefined && (await isGone(() => session.integrations.getIntegrationsAction(id, {}))))
      continue;
    yield action;
  }
}
