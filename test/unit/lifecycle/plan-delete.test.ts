import { type DeleteFacts, isQuestion, type Known, planDelete } from '../../../provider/lifecycle/plan.ts';
import { adopted, deleteFacts, HOUR, NOW, otherOwner, ownerOf, record } from './facts.ts';

/** A plan in one line. */
function said(facts: DeleteFacts, known: Known = {}): string {
  const plan = planDelete(facts, known);
  if (isQuestion(plan)) return `ask: ${plan.ask}`;
  if (plan.do === 'answer') return 'answer';
  if (plan.do === 'undo') return `undo ${plan.attemptId}`;
  if (plan.do === 'take along') return `take along ${plan.record.id}`;
  if (plan.do === 'leave') return `leave ${plan.object.id}`;
  if (plan.do === 'leave the end to another')
    return `leave the end to another: ${plan.end} ${plan.object.id}`;
  const next = plan.next === undefined ? [] : [`then ${plan.next}`];
  if (plan.do === 'finish') return [`finish after ${plan.object.id}`, plan.end, ...next].join(', ');
  return [
    `${plan.end} ${plan.object.id}`,
    ...(plan.guarded ? ['guarded'] : []),
    ...(plan.noteRollback ? ['note the rollback'] : []),
    ...(plan.noteFinal ? ['note that it is final'] : []),
    ...next,
  ].join(', ');
}

const of = (object: ReturnType<typeof record> | undefined) => ({ object: { id: 'x', record: object } });
const MINUTE = 60_000;

/** Another logical resource has adopted the object from this one, or this one from that one. */
const adoptedFrom = {
  adoption: { attemptId: 'create', before: 'sealed', previous: record('x') },
};

/** `x` was to replace `y`, and was the answer of the last Update. */
const line = { answered: { id: 'x', at: 5_000 }, predecessors: [{ id: 'y', since: 500 }] };
const replacing = {
  owner: ownerOf([{ id: 'y' }, { id: 'x' }], line),
  others: [record('y', { createdAt: 500 })],
};

const rows: [rule: string, facts: Partial<DeleteFacts>, known: Known, plan: string][] = [
  ['an object that was made is deleted, and its guard asked', {}, {}, 'delete x, guarded'],
  [
    'an object that another resource owns asks whether its resource has moved here',
    of(record('x', { owner: otherOwner })),
    {},
    'ask: has the object moved here',
  ],
  [
    'an object that another resource owns stays',
    of(record('x', { owner: otherOwner })),
    { hasMoved: false },
    'answer',
  ],
  [
    'an object whose resource CloudFormation has moved here is taken along first',
    of(record('x', { owner: otherOwner })),
    { hasMoved: true },
    'take along x',
  ],
  [
    'an object that was given back to a former owner is not asked about, and stays',
    {
      ...of(record('x', { owner: otherOwner })),
      owner: ownerOf([], { letGo: [{ kind: 'thing', id: 'x' }] }),
    },
    {},
    'finish after x, delete',
  ],
  [
    'an object that was given back to nobody stays, though OnDelete says Delete',
    {
      ...of(undefined),
      owner: ownerOf([], { letGo: [{ kind: 'thing', id: 'x' }] }),
      wantedEnd: 'delete',
      saysAdopted: true,
    },
    { isFinal: true },
    'finish after x, delete',
  ],
  [
    'an object that another resource has adopted from this one, for good, is its own',
    of(record('x', { owner: otherOwner, ...adoptedFrom, isFinal: true })),
    { hasMoved: false },
    'answer',
  ],
  [
    'an object whose adoption from this resource may be undone cannot come back: its new owner learns the end',
    of(record('x', { owner: otherOwner, ...adoptedFrom })),
    { hasMoved: false },
    'leave the end to another: delete x',
  ],
  [
    'the end that a new owner learns is the one of OnDelete',
    { ...of(record('x', { owner: otherOwner, ...adoptedFrom })), wantedEnd: 'retain' },
    { hasMoved: false, isRollingBack: false },
    'leave the end to another: retain x',
  ],
  [
    'an object whose former owner is deleted too is deleted where both want that',
    { ...of(record('x', adoptedFrom)), formerEnd: 'delete' },
    { isFinal: false },
    'delete x, guarded',
  ],
  [
    'an object whose former owner is deleted too is put back where this one retains it',
    { ...of(record('x', adoptedFrom)), formerEnd: 'delete', wantedEnd: 'retain' },
    { isFinal: false },
    'put back x, note the rollback',
  ],
  [
    'an object whose former owner is deleted too, and retains it, is put back',
    { ...of(record('x', adoptedFrom)), formerEnd: 'retain' },
    { isFinal: false },
    'put back x, note the rollback',
  ],
  [
    'an object that was to replace another asks whether the stack was complete since',
    replacing,
    {},
    'ask: was the stack complete with the object',
  ],
  ['an object that has replaced another ends alone', replacing, { wasComplete: true }, 'delete x, guarded'],
  [
    'an object that may have replaced another ends alone where nobody can tell',
    replacing,
    { wasComplete: 'unknown' },
    'delete x, guarded',
  ],
  [
    'an object that was to replace another asks whether the stack rolls back to that one',
    replacing,
    { wasComplete: false },
    'ask: is the stack rolling back',
  ],
  [
    'an object that was to replace another ends alone in a rollback to that one',
    replacing,
    { wasComplete: false, isRollingBack: true },
    'delete x, guarded',
  ],
  [
    'an object that was to replace another ends alone where nobody says whether there is a rollback',
    replacing,
    { wasComplete: false, isRollingBack: 'unknown' },
    'delete x, guarded',
  ],
  [
    'an object that was to replace another ends before that one where the stack is deleted',
    replacing,
    { wasComplete: false, isRollingBack: false },
    'delete x, guarded, then y',
  ],
  [
    'a repeat that finds the new object ended goes on with the one that it was to replace',
    {
      ...replacing,
      ...of(undefined),
      owner: ownerOf([{ id: 'y' }], { ...line, letGo: [{ kind: 'thing', id: 'x' }] }),
    },
    { wasComplete: false, isRollingBack: false },
    'finish after x, delete, then y',
  ],
  [
    'an object that was replaced, and that the clean-up names, ends alone',
    { ...replacing, object: { id: 'y', record: record('y') }, others: [record('x')] },
    {},
    'delete y',
  ],
  [
    'an object that the ledger does not know is deleted, and its guard asked',
    of(undefined),
    {},
    'delete x, guarded',
  ],
  [
    'an object that the ledger does not know, and the properties call adopted, stays',
    { ...of(undefined), saysAdopted: true },
    {},
    'retain x',
  ],
  [
    'an adopted object that the ledger has lost asks for the adoption where OnDelete says Delete',
    { ...of(undefined), saysAdopted: true, wantedEnd: 'delete' },
    {},
    'ask: is the adoption final',
  ],
  [
    'an adopted object that the ledger has lost is deleted as OnDelete says, once its adoption is final',
    { ...of(undefined), saysAdopted: true, wantedEnd: 'delete' },
    { isFinal: true },
    'delete x, guarded',
  ],
  [
    'an adopted object that the ledger has lost stays in a rollback: nobody knows what it was',
    { ...of(undefined), saysAdopted: true, wantedEnd: 'delete' },
    { isFinal: false },
    'retain x',
  ],
  [
    'an adopted object that the ledger has lost stays where the stack cannot be asked',
    { ...of(undefined), saysAdopted: true, wantedEnd: 'delete' },
    { isFinal: 'unknown' },
    'retain x',
  ],
  ['OnDelete: Retain leaves a made object', { wantedEnd: 'retain' }, { isRollingBack: false }, 'retain x'],
  [
    'OnDelete: Retain asks whether the stack rolls back, since a rollback undoes the Create',
    { wantedEnd: 'retain' },
    {},
    'ask: is the stack rolling back',
  ],
  [
    'a rollback deletes a made object in spite of OnDelete: Retain',
    { wantedEnd: 'retain' },
    { isRollingBack: true },
    'delete x, guarded',
  ],
  [
    'OnDelete: Retain leaves a made object where nobody says whether there is a rollback',
    { wantedEnd: 'retain' },
    { isRollingBack: 'unknown' },
    'retain x',
  ],
  [
    'an object that no request succeeded with is deleted unasked',
    of(record('x', { applied: [] })),
    {},
    'delete x',
  ],
  [
    'an adopted object that no request succeeded with is put back',
    of(adopted('x', { applied: [] })),
    {},
    'put back x',
  ],
  [
    'an adopted object asks whether its adoption is final',
    of(adopted('x')),
    {},
    'ask: is the adoption final',
  ],
  [
    'an adopted object stays by default once its adoption is final',
    of(adopted('x')),
    { isFinal: true },
    'retain x, note that it is final',
  ],
  [
    'OnDelete: Delete deletes an adopted object once its adoption is final',
    { ...of(adopted('x')), wantedEnd: 'delete' },
    { isFinal: true },
    'delete x, guarded, note that it is final',
  ],
  [
    'an adoption that was final before asks nothing',
    {
      ...of(adopted('x', { isFinal: true })),
      wantedEnd: 'delete',
    },
    {},
    'delete x, guarded',
  ],
  [
    'an adopted object is put back before its stack was complete, whatever OnDelete says, and that is noted',
    { ...of(adopted('x')), wantedEnd: 'delete' },
    { isFinal: false },
    'put back x, note the rollback',
  ],
  [
    'putting back that has begun goes on, whatever the stack says now',
    of(adopted('x', { adoption: { attemptId: 'create', before: 'sealed', rollback: 'begun' } })),
    {},
    'put back x',
  ],
  [
    'a young adoption is put back where the stack cannot be asked',
    { ...of(adopted('x', { createdAt: NOW - 23 * HOUR })), wantedEnd: 'delete' },
    { isFinal: 'unknown' },
    'put back x, note the rollback',
  ],
  [
    'OnDelete decides about an adoption of a day ago where the stack cannot be asked',
    { ...of(adopted('x', { createdAt: NOW - 24 * HOUR })), wantedEnd: 'delete' },
    { isFinal: 'unknown' },
    'delete x, guarded',
  ],
  [
    'an object that is believed gone, and that another has followed, is not deleted by the clean-up',
    {
      ...of(record('x', { believedGoneAt: 3_000 })),
      owner: ownerOf([{ id: 'x' }, { id: 'y' }], { answered: { id: 'y', at: 5_000 } }),
      others: [record('y', { createdAt: 2_000 })],
    },
    {},
    'leave x',
  ],
  [
    'an object that is believed gone asks for the rollback where none has followed it',
    of(record('x', { believedGoneAt: 3_000 })),
    {},
    'ask: is the stack rolling back',
  ],
  [
    'an object that is believed gone is not deleted in a rollback',
    of(record('x', { believedGoneAt: 3_000 })),
    { isRollingBack: true },
    'leave x',
  ],
  [
    'an object that is believed gone is not deleted where nobody says whether there is a rollback',
    of(record('x', { believedGoneAt: 3_000 })),
    { isRollingBack: 'unknown' },
    'leave x',
  ],
  [
    'an object that is believed gone is deleted like any other when its resource is deleted',
    of(record('x', { believedGoneAt: 3_000 })),
    { isRollingBack: false },
    'delete x, guarded',
  ],
  [
    'a newer object that is believed gone has not followed this one',
    {
      owner: ownerOf([{ id: 'x' }, { id: 'y' }]),
      others: [record('y', { createdAt: 2_000, believedGoneAt: 3_000 })],
    },
    {},
    'delete x, guarded',
  ],
  [
    'an object that a replacement has followed is deleted unasked',
    {
      owner: ownerOf([{ id: 'x' }, { id: 'y' }], { answered: { id: 'y', at: 5_000 } }),
      others: [record('y', { createdAt: 2_000 })],
    },
    {},
    'delete x',
  ],
  [
    'an object beside a left-over newer one has no successor',
    {
      owner: ownerOf([{ id: 'x' }, { id: 'y', leftover: true }]),
      others: [record('y', { createdAt: 2_000 })],
    },
    {},
    'delete x, guarded',
  ],
  [
    'an object that was answered last has no successor, though a newer one is there',
    {
      owner: ownerOf([{ id: 'x' }, { id: 'y' }], { answered: { id: 'x', at: 5_000 } }),
      others: [record('y', { createdAt: 2_000 })],
    },
    {},
    'delete x, guarded',
  ],
  [
    'a type that adopts nothing ends its object by its own rules',
    { canPutBack: false, wantedEnd: 'retain' },
    {},
    'delete x, guarded',
  ],
  [
    'the id of a failed Create undoes that request',
    { physical: { kind: 'failed-create', attemptId: 'r1' }, object: undefined },
    {},
    'undo r1',
  ],
  [
    'an invented id undoes the newest Create',
    { physical: { kind: 'invented' }, object: undefined, owner: ownerOf([], { newestCreate: 'r2' }) },
    {},
    'undo r2',
  ],
  [
    'no id undoes the newest Create',
    { physical: { kind: 'none' }, object: undefined, owner: ownerOf([], { newestCreate: 'r2' }) },
    {},
    'undo r2',
  ],
  [
    'an invented id without a Create has nothing to undo',
    { physical: { kind: 'invented' }, object: undefined, owner: ownerOf([]) },
    {},
    'answer',
  ],
  [
    'a newest Create that was answered moments ago may be the one that CloudFormation gave up',
    {
      physical: { kind: 'invented' },
      object: undefined,
      owner: ownerOf([], { newestCreate: 'r2' }),
      newestCreateAnsweredAt: NOW - 14 * MINUTE,
    },
    {},
    'undo r2',
  ],
  [
    'a newest Create that was answered long ago is not undone: its object may be retained',
    {
      physical: { kind: 'invented' },
      object: undefined,
      owner: ownerOf([], { newestCreate: 'r2' }),
      newestCreateAnsweredAt: NOW - 16 * MINUTE,
    },
    {},
    'answer',
  ],
];

test.each(rows)('%s', (_rule, facts, known, plan) => {
  expect(said(deleteFacts(facts), known)).toBe(plan);
});
