/**
 * Facts for the tables of plans: a world of one logical resource, `Thing` of a stack, and what it may own.
 */
import type { ObjectRecord, Owner, OwnerRecord } from '../../../provider/ledger/index.ts';
import type { DeleteFacts, UpdateFacts } from '../../../provider/lifecycle/plan.ts';

export const asking: Owner = {
  stackId: 'arn:aws:cloudformation:eu-west-1:1:stack/orders/1',
  logicalId: 'Thing',
};
export const otherOwner: Owner = { ...asking, logicalId: 'Other' };

export const NOW = 10_000_000_000;
export const HOUR = 3600_000;

/** Forms by a letter: equal letters are equal forms. */
export const form = (letter: string, nonce?: string) => ({
  fingerprint: letter,
  ...(nonce === undefined ? {} : { nonce }),
});

export const record = (id: string, more: Partial<ObjectRecord> = {}): ObjectRecord => ({
  kind: 'thing',
  id,
  organization: 'org',
  owner: asking,
  origin: 'created',
  createdAt: 1_000,
  applied: [form('a')],
  dirty: false,
  identity: 'i',
  attributes: {},
  details: {},
  ...more,
});

/** An adopted object; its adoption is provisional as far as the ledger knows. */
export const adopted = (id: string, more: Partial<ObjectRecord> = {}): ObjectRecord =>
  record(id, { origin: 'adopted', adoption: { attemptId: 'create', before: 'sealed' }, ...more });

export const ownerOf = (
  objects: readonly { id: string; leftover?: boolean }[],
  more: Partial<OwnerRecord> = {},
): OwnerRecord => ({
  ...asking,
  objects: objects.map((object) => ({ kind: 'thing', organization: 'org', ...object })),
  unfinished: [],
  ...more,
});

export const updateFacts = (more: Partial<UpdateFacts> = {}): UpdateFacts => ({
  asking,
  named: { id: 'x', record: record('x') },
  owner: ownerOf([{ id: 'x' }]),
  others: [],
  madeByThisRequest: [],
  form: form('a'),
  oldForm: form('a'),
  newlyNamedId: undefined,
  ...more,
});

export const deleteFacts = (more: Partial<DeleteFacts> = {}): DeleteFacts => ({
  asking,
  physical: { kind: 'object', id: 'x' },
  object: { id: 'x', record: record('x') },
  owner: ownerOf([{ id: 'x' }]),
  others: [],
  newestCreateAnsweredAt: undefined,
  formerEnd: undefined,
  now: NOW,
  canPutBack: true,
  wantedEnd: undefined,
  saysAdopted: false,
  ...more,
});
