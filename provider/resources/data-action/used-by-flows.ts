import type platformClient from 'purecloud-platform-client-v2';
import type { Models } from 'purecloud-platform-client-v2';
import { RefusedError } from '../../../common/errors.ts';
import { collect, entitiesOf, MissingPermissionError } from '../../genesys/index.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { unlessMissing } from '../../lifecycle/waiting.ts';

const MAX_SHOWN = 5;

/** The operations that the guard refuses, and the ways around its refusal. */
const AHEAD = {
  replaced: {
    why: 'these would go on calling it while CloudFormation deletes it',
    instead:
      'Make the new one beside it, under another logical id and Name, point them to that one, and remove this one afterwards',
    regardless: 'set DeletionGuard: None',
  },
  deleted: {
    why: 'these call it',
    instead: 'Take it out of them and publish them',
    // A Delete goes by what was applied.
    regardless: 'deploy with DeletionGuard: None first',
  },
};

/**
 * Asks Architect's dependency tracking which published flows, and what else, use a data action that is there.
 * @throws RefusedError when there are any, when the index is not up to date, or when it may not be asked.
 */
export async function refuseWhileUsed(
  action: Pick<Models.Action, 'secure'>,
  id: string,
  ahead: keyof typeof AHEAD,
  operation: Operation,
): Promise<void> {
  const { why, instead, regardless } = AHEAD[ahead];
  const [consumers, status] = await consumersOf(action, id, operation).catch((error: unknown) => {
    if (!(error instanceof MissingPermissionError)) throw error;
    throw new RefusedError(
      `Data action ${id} is not ${ahead}: which flows use it cannot be seen. ${error.message}. Grant it, or ${regardless}.`,
      { cause: error },
    );
  });
  if (consumers.length > 0) {
    const shown = consumers.slice(0, MAX_SHOWN).map(inWords).join(', ');
    const more = consumers.length > MAX_SHOWN ? ` and ${consumers.length - MAX_SHOWN} more` : '';
    throw new RefusedError(
      `Data action ${id} is not ${ahead}: ${why}: ${shown}${more}. ${instead}, or ${regardless}.`,
    );
  }
  // Nobody is known to use it, which means nothing as long as not everybody is known.
  if (status === 'OPERATIONAL') return;
  throw new RefusedError(
    `Data action ${id} is not ${ahead}: which flows use it cannot be told, since Architect's dependency tracking is not up to date (${status}). Have it rebuilt (POST /api/v2/architect/dependencytracking/build) and try again, or ${regardless}.`,
  );
}

/** The users of a data action that may be missing: a few of them, and the number of the others. */
export async function usersOf(id: string, operation: Pick<Operation, 'session'>): Promise<string[]> {
  // A missing action does not say whether it is secure. So both types are asked for.
  const [consumers] = await consumersOf({ secure: true }, id, operation);
  const more = consumers.length - MAX_SHOWN;
  return [...consumers.slice(0, MAX_SHOWN).map(inWords), ...(more > 0 ? [`${more} more`] : [])];
}

/**
 * Of guides, virtual agents and scripts the index may list former versions, so a person has to see which one
 * it is. Of flows it lists the published one.
 */
const inWords = (consumer: Models.Dependency) => {
  const { type, name, id, version = '' } = consumer;
  const which = isFlow(consumer) ? 'published' : 'version';
  return `${type} "${name}"${version === '' ? '' : ` ${which} ${version}`} (${id})`;
};

/** The users of the action, each once, and the state of the index that lists them. */
async function consumersOf(
  { secure }: Pick<Models.Action, 'secure'>,
  id: string,
  operation: Pick<Operation, 'session'>,
): Promise<[consumers: Models.Dependency[], status: string | undefined]> {
  const architect = await operation.session.api('architect');
  // Secure actions have a type of their own (Genesys' Terraform provider, pull request 2418).
  const types = secure ? ['SECUREACTION', 'DATAACTION'] : ['DATAACTION'];
  const [{ status }, ...listings] = await Promise.all([
    architect.getArchitectDependencytrackingBuild(),
    ...types.flatMap((type) => [
      listed(architect, id, type, { flowFilter: 'published' }),
      // Whether that filter lets through what is no flow, such as a script, is not documented.
      listed(architect, id, type, {}).then((all) => all.filter((consumer) => !isFlow(consumer))),
    ]),
  ]);
  const living = listings.flat().filter(({ deleted }) => deleted !== true);
  return [[...new Map(living.map((one) => [`${one.type} ${one.id}`, one])).values()], status];
}

const isFlow = ({ type = '' }: Models.Dependency) => type.endsWith('FLOW');

/** All that dependency tracking lists; nothing for what it does not track. */
async function listed(
  architect: platformClient.ArchitectApi,
  id: string,
  objectType: string,
  filter: { flowFilter?: string },
): Promise<Models.Dependency[]> {
  const read = (page: { pageSize: number; pageNumber: number }) =>
    architect.getArchitectDependencytrackingConsumingresources(id, objectType, { ...filter, ...page });
  const [found = []] = (await unlessMissing(() => collect(entitiesOf(read)))) ?? [];
  return found;
}
