/** Everything of the organization that a selection may mean, by lists alone. */
import type { Models } from 'purecloud-platform-client-v2';
import { entitiesOf } from '../../provider/genesys/index.ts';
import type { Owner } from '../../provider/ledger/index.ts';
import type { Connection } from '../connection/connect.ts';

export type Kind = 'integration' | 'action';

/** A data action of the list, which has neither configuration nor contract. */
export type ListedAction = Pick<Models.Action, 'id' | 'name' | 'category' | 'integrationId'> & { id: string };
export type ListedIntegration = Models.Integration & { id: string };

export interface Inventory {
  /** By id. */
  integrations: Map<string, ListedIntegration>;
  actions: ListedAction[];
  /** Drafts of actions that were never published. */
  drafts: ListedAction[];
  /** The resource that manages an object; undefined for one that no stack manages. */
  ownerOf(kind: Kind, id: string): Owner | undefined;
  /** Whether a managed data action was deployed with a definition in S3 or in a secret. */
  isFromOutside(id: string): boolean;
}

/** @throws the errors of AWS and Genesys Cloud */
export async function takeInventory(
  connection: Connection,
  onProgress: (text: string) => void,
): Promise<Inventory> {
  const { organization, session } = connection;
  const contents = await connection.readLedger((items) => onProgress(`${items} items of the ledger`));
  const answers = new Set(
    contents.owners.map(({ stackId, logicalId, answered }) => `${stackId} ${logicalId} ${answered?.id}`),
  );
  const owners = new Map<string, Owner>();
  const fromOutside = new Set<string>();
  for (const { kind, id, organization: of, owner, applied } of contents.objects) {
    // An object that an earlier request has left over is nobody's answer.
    if (of !== organization.id || !answers.has(`${owner.stackId} ${owner.logicalId} ${id}`)) continue;
    owners.set(`${kind} ${id}`, owner);
    if (kind === 'action' && applied[0]?.outside !== undefined) fromOutside.add(id);
  }

  const integrations = new Map<string, ListedIntegration>();
  const listed = entitiesOf((page) =>
    session.integrations.getIntegrations({ expand: ['config.current'], ...page }),
  );
  for await (const one of listed) {
    if (hasId(one)) integrations.set(one.id, one);
    if (integrations.size % 100 === 0) onProgress(`${integrations.size} integrations`);
  }
  const actions = await listActions('data actions', onProgress, (page) =>
    session.integrations.getIntegrationsActions({ includeAuthActions: 'true', ...page }),
  );
  const published = new Set(actions.map(({ id }) => id));
  const drafts = await listActions('drafts', onProgress, (page) =>
    session.integrations.getIntegrationsActionsDrafts({ ...page }),
  );
  return {
    integrations,
    actions,
    drafts: drafts.filter(({ id }) => !published.has(id)),
    ownerOf: (kind, id) => owners.get(`${kind} ${id}`),
    isFromOutside: (id) => fromOutside.has(id),
  };
}

async function listActions(
  what: string,
  onProgress: (text: string) => void,
  read: Parameters<typeof entitiesOf<Models.Action>>[0],
): Promise<ListedAction[]> {
  const found = new Map<string, ListedAction>();
  for await (const action of entitiesOf(read)) {
    const { name, category, integrationId } = action;
    // A list that changes while it is read may show an action twice.
    if (hasId(action)) found.set(action.id, { id: action.id, name, category, integrationId } as ListedAction);
    if (found.size % 100 === 0) onProgress(`${found.size} ${what}`);
  }
  return [...found.values()];
}

const hasId = <T extends { id?: string }>(one: T): one is T & { id: string } => one.id !== undefined;

/** Name of the stack of an owner. */
export const stackOf = ({ stackId }: Owner): string => stackId.split('/')[1] ?? stackId;

export const ownerText = (owner: Owner): string => `${stackOf(owner)}/${owner.logicalId}`;
