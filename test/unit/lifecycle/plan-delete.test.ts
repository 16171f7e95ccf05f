import { type DeleteFacts, isQuestion, type Known, planDelete } from '../../../provider/lifecycle/plan.ts';
import { adopted, deleteFacts, otherOwner, ownerOf, record } from './facts.ts';

/** A plan in one line. */
function said(facts: DeleteFacts, known: Known = {}): string {
  const plan = planDelete(facts, known);
  if (isQuestion(plan)) return `ask: ${plan.ask}`;
  if (plan.do === 'answer') return 'answer';
  if (plan.do === 'undo') return `undo ${plan.attemptId}`;
  return [
    `${plan.end} ${plan.object.id}`,
    ...(plan.guarded ? ['guarded'] : []),
    ...(plan.noteRollback ? ['note the rollback'] : []),
  ].join(', ');
}

const of = (object: ReturnType<typeof record> | undefined) => ({ object: { id: 'x', record: object } });
const MINUTE = 60_000;

const rows: [rule: string, facts: Partial<DeleteFacts>, known: Known, plan: string][] = [
  ['an object that was made is deleted, and its guard asked', {}, {}, 'delete x, guarded'],
  ['an object that another resource owns stays', of(record('x', { owner: otherOwner })), {}, 'answer'],
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
  ['an adopted object stays by default', of(adopted('x')), { isRollingBack: false }, 'retain x'],
  ['an adopted object asks for the rollback', of(adopted('x')), {}, 'ask: is the stack rolling back'],
  [
    'a rollback puts an adopted object back, and notes that it has begun to',
    of(adopted('x')),
    { isRollingBack: true },
    'put back x, note the rollback',
  ],
  [
    'a rollback that has begun to put an object back goes on, whatever the stack says now',
    of(adopted('x', { adoption: { attemptId: 'create', before: 'sealed', rollback: 'begun' } })),
    {},
    'put back x',
  ],
  [
    'OnDelete: Delete deletes an adopted object outside of a rollback',
    { ...of(adopted('x')), wantedEnd: 'delete' },
    { isRollingBack: false },
    'delete x, guarded',
  ],
  [
    'an adopted object stays where an earlier delivery could not ask for the rollback',
    {
      ...of(adopted('x', { adoption: { attemptId: 'create', before: 'sealed', rollback: 'unknown' } })),
      wantedEnd: 'delete',
    },
    { isRollingBack: false },
    'retain x',
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
      newestCreateAnsweredAt: 10_000_000 - 14 * MINUTE,
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
      newestCreateAnsweredAt: 10_000_000 - 16 * MINUTE,
    },
    {},
    'answer',
  ],
];

test.each(rows)('%s', (_rule, facts, known, plan) => {
  expect(said(deleteFacts(facts), known)).toBe(plan);
});

describe('in every combination', () => {
  const all = [...combinations()];

  function* combinations(): Generator<{ facts: DeleteFacts; known: Known }> {
    const rollbacks = [undefined, 'begun', 'unknown'] as const;
    const records = [
      undefined,
      record('x'),
      record('x', { applied: [] }),
      record('x', { owner: otherOwner }),
      ...rollbacks.flatMap((rollback) =>
        [[], [{ fingerprint: 'a' }]].map((applied) =>
          adopted('x', {
            applied,
            adoption: { attemptId: 'create', before: 'sealed', ...(rollback ? { rollback } : {}) },
          }),
        ),
      ),
      adopted('x', { owner: otherOwner }),
    ];
    const neighbours = [undefined, record('y', { createdAt: 500 }), record('y', { createdAt: 2_000 })];
    for (const object of records)
      for (const neighbour of neighbours)
        for (const leftover of [true, false])
          for (const answered of [undefined, { id: 'x', at: 5_000 }, { id: 'y', at: 5_000 }])
            for (const wantedEnd of [undefined, 'delete', 'retain'] as const)
              for (const saysAdopted of [true, false])
                for (const canPutBack of [true, false])
                  for (const isRollingBack of [true, false])
                    yield {
                      facts: deleteFacts({
                        ...of(object),
                        owner: ownerOf(
                          [{ id: 'x' }, ...(neighbour ? [{ id: 'y', leftover }] : [])],
                          answered ? { answered } : {},
                        ),
                        others: neighbour ? [neighbour] : [],
                        wantedEnd,
                        saysAdopted,
                        canPutBack,
                      }),
                      known: { isRollingBack },
                    };
  }

  const planOf = ({ facts, known }: (typeof all)[number]) => {
    const plan = planDelete(facts, known);
    if (isQuestion(plan)) throw new Error(`it asks ${plan.ask} again`);
    return plan;
  };

  test('there are thousands of them', () => {
    expect(all.length).toBeGreaterThan(2_000);
  });

  test('an object of another owner is never ended', () => {
    const foreign = all.filter(({ facts }) => facts.object?.record?.owner === otherOwner);
    expect(foreign.length).toBeGreaterThan(100);
    expect(foreign.filter((one) => planOf(one).do !== 'answer')).toEqual([]);
  });

  test('an object is put back only where its record says what it was', () => {
    const putBack = all.filter((one) => {
      const plan = planOf(one);
      return plan.do === 'end' && plan.end === 'put back';
    });
    expect(putBack.length).toBeGreaterThan(100);
    expect(putBack.filter(({ facts }) => facts.object?.record?.adoption === undefined)).toEqual([]);
  });

  test('a rollback never deletes an adopted object of a type that can put it back', () => {
    const wrong = all.filter((one) => {
      const plan = planOf(one);
      const { object, canPutBack, wantedEnd } = one.facts;
      const isAdopted = object?.record?.adoption !== undefined;
      return (
        isAdopted &&
        canPutBack &&
        one.known.isRollingBack &&
        wantedEnd !== undefined &&
        plan.do === 'end' &&
        plan.end === 'delete'
      );
    });
    expect(wrong).toEqual([]);
  });

  test('only a deletion is guarded, and never one of an object that no request succeeded with', () => {
    const guarded = all.filter((one) => {
      const plan = planOf(one);
      return plan.do === 'end' && plan.guarded;
    });
    expect(guarded.length).toBeGreaterThan(100);
    const wrong = guarded.filter((one) => {
      const plan = planOf(one);
      return (plan.do === 'end' && plan.end !== 'delete') || one.facts.object?.record?.applied.length === 0;
    });
    expect(wrong).toEqual([]);
  });
});
