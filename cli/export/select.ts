/** Finds what a selection means. */
import { nearest } from '../../common/text.ts';
import { isCustomAuth, isOwnOfGenesysCloud } from '../../provider/resources/data-action/mapping.ts';
import { CallerError } from '../connection/endings.ts';
import type { Skipped } from './findings.ts';
import { isOfOurTypes } from './integration.ts';
import {
  type Inventory,
  type Kind,
  type ListedAction,
  type ListedIntegration,
  ownerText,
  stackOf,
} from './inventory.ts';
import type { Selection } from './options.ts';

export interface Selected {
  integrations: ListedIntegration[];
  actions: ListedAction[];
  skipped: Skipped[];
}

/** @throws CallerError where nothing has the name, or several have it */
export function select(selection: Selection, inventory: Inventory): Selected {
  const selected = meant(selection, inventory);
  const skipped = [...selected.skipped];
  const left = (what: Skipped['what'], { id, name = '' }: { id: string; name?: string }, reason?: string) => {
    if (reason !== undefined) skipped.push({ what, id, name, reason });
    return reason === undefined;
  };
  const isOneAction = selection.by === 'action';
  const namesakes = namesakesOf(inventory.actions);
  return {
    integrations: selected.integrations.filter((one) => left('integration', one, typeReason(one))),
    actions: selected.actions.filter((one) =>
      left('data action', one, actionReason(one, inventory) ?? (isOneAction ? undefined : namesakes(one))),
    ),
    skipped,
  };
}

// ---- what is meant

function meant(selection: Selection, inventory: Inventory): Selected {
  const { integrations, actions, drafts } = inventory;
  const all = [...integrations.values()];
  switch (selection.by) {
    case 'all':
      return unmanaged(inventory);
    case 'integration': {
      const integration = named('integration', selection.value, all);
      const isOfIt = ({ integrationId }: ListedAction) => integrationId === integration.id;
      return {
        integrations: [integration],
        actions: actions.filter(isOfIt),
        skipped: drafts.filter(isOfIt).map(draftOf),
      };
    }
    case 'action': {
      const draft = drafts.find(({ id, name }) => selection.value === id || selection.value === name);
      const isPublished = actions.some(({ id, name }) => selection.value === id || selection.value === name);
      if (draft !== undefined && !isPublished)
        throw new CallerError(
          `The data action ${selection.value} is only a draft. Publish it in Genesys Cloud first.`,
        );
      return { integrations: [], actions: [named('data action', selection.value, actions)], skipped: [] };
    }
    case 'category': {
      const isOfIt = ({ category }: ListedAction) => category === selection.value;
      const found = actions.filter(isOfIt);
      if (found.length === 0) {
        const categories = [...new Set(actions.flatMap(({ category }) => category ?? []))];
        throw new CallerError(
          `No data action has the category ${JSON.stringify(selection.value)}.${meaning(selection.value, categories)}`,
        );
      }
      return { integrations: [], actions: found, skipped: drafts.filter(isOfIt).map(draftOf) };
    }
    case 'stack':
      return ofStack(selection.value, inventory);
  }
}

/** Everything without an owner. */
function unmanaged({ integrations, actions, drafts, ownerOf }: Inventory): Selected {
  const skipped = drafts.map(draftOf);
  const free = (kind: Kind, what: Skipped['what']) => (one: { id: string; name?: string }) => {
    const owner = ownerOf(kind, one.id);
    if (owner === undefined) return true;
    const reason = `belongs to ${ownerText(owner)} already; --stack ${stackOf(owner)} exports it`;
    skipped.push({ what, id: one.id, name: one.name ?? '', reason });
    return false;
  };
  return {
    integrations: [...integrations.values()].filter(free('integration', 'integration')),
    actions: actions.filter(free('action', 'data action')),
    skipped,
  };
}

function ofStack(stack: string, { integrations, actions, ownerOf }: Inventory): Selected {
  const names = new Set<string>();
  const isOfIt = (kind: Kind) => (one: { id: string }) => {
    const owner = ownerOf(kind, one.id);
    if (owner !== undefined) names.add(stackOf(owner));
    return owner !== undefined && stackOf(owner) === stack;
  };
  const found = {
    integrations: [...integrations.values()].filter(isOfIt('integration')),
    actions: actions.filter(isOfIt('action')),
    skipped: [],
  };
  if (found.integrations.length + found.actions.length === 0)
    throw new CallerError(
      `No stack ${stack} manages an integration or a data action.${meaning(stack, [...names])}`,
    );
  return found;
}

/** The one object of a name or an id. @throws CallerError */
function named<T extends { id: string; name?: string }>(what: string, value: string, all: readonly T[]): T {
  const byId = all.find(({ id }) => id === value);
  if (byId !== undefined) return byId;
  const [found, ...others] = all.filter(({ name }) => name === value);
  if (found === undefined) {
    const names = all.map(({ name = '' }) => name);
    throw new CallerError(`There is no ${what} ${JSON.stringify(value)}.${meaning(value, names)}`);
  }
  if (others.length === 0) return found;
  const ids = [found, ...others].map(({ id }) => id).join(', ');
  throw new CallerError(
    `Several have the name ${JSON.stringify(value)}: give the id of the ${what}, one of ${ids}.`,
  );
}

function meaning(value: string, known: readonly string[]): string {
  const near = nearest(value, known);
  return near === undefined ? '' : ` Did you mean ${JSON.stringify(near)}?`;
}

// ---- what cannot be exported, as far as a list tells

const draftOf = ({ id, name = '' }: ListedAction): Skipped => ({
  what: 'draft',
  id,
  name,
  reason: 'is only a draft: publish it in Genesys Cloud first',
});

const typeReason = (integration: ListedIntegration): string | undefined =>
  isOfOurTypes(integration)
    ? undefined
    : `is of the type ${integration.integrationType?.id ?? 'unknown'}, which Custom::GenesysAwsIntegration does not manage`;

function actionReason(
  { id, integrationId = '' }: ListedAction,
  { integrations }: Inventory,
): string | undefined {
  if (isCustomAuth(id))
    return 'is the login of its integration, which Genesys Cloud makes and deletes with it';
  if (isOwnOfGenesysCloud(id)) return 'is built into Genesys Cloud, and nobody can change it';
  const type = integrations.get(integrationId)?.integrationType?.id;
  return type === 'function-data-actions'
    ? 'runs code that Genesys Cloud keeps, and no definition holds the code'
    : undefined;
}

/** The provider takes a name once in an integration, and Genesys Cloud takes it more often. */
function namesakesOf(actions: readonly ListedAction[]): (action: ListedAction) => string | undefined {
  const ids = new Map<string, string[]>();
  const keyOf = ({ integrationId, name }: ListedAction) => JSON.stringify([integrationId, name]);
  for (const action of actions) ids.set(keyOf(action), [...(ids.get(keyOf(action)) ?? []), action.id]);
  return (action) => {
    const others = (ids.get(keyOf(action)) ?? []).filter((id) => id !== action.id);
    return others.length === 0
      ? undefined
      : `has the name of ${others.slice(0, 3).join(', ')} in the same integration, and a stack can have only one: rename the others, or export one by --action <id>`;
  };
}
