/** Rules that a Delete's plan keeps whatever the facts are. */
import { type DeleteFacts, isQuestion, type Known, planDelete } from '../../../provider/lifecycle/plan.ts';
import { adopted, deleteFacts, otherOwner, ownerOf, record } from './facts.ts';

const of = (object: ReturnType<typeof record> | undefined) => ({ object: { id: 'x', record: object } });

const all = [...combinations()];

function* combinations(): Generator<{ facts: DeleteFacts; known: Known }> {
  const adoption = { attemptId: 'create', before: 'sealed' };
  const states = [{}, { adoption: { ...adoption, rollback: 'begun' as const } }, { isFinal: true as const }];
  const records = [
    undefined,
    record('x'),
    record('x', { applied: [] }),
    record('x', { believedGoneAt: 3_000 }),
    record('x', { owner: otherOwner }),
    ...states.flatMap((state) =>
      [[], [{ fingerprint: 'a' }]].map((applied) => adopted('x', { applied, ...state })),
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
                for (const isRollingBack of [true, false, 'unknown'] as const)
                  for (const isFinal of [true, false, 'unknown'] as const)
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
                      known: { isRollingBack, isFinal, hasMoved: false },
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

test('an adoption that may still be undone never ends in a deletion', () => {
  const provisional = all.filter(({ facts, known }) => {
    const { object, canPutBack } = facts;
    const adoption = object?.record?.adoption;
    return canPutBack && adoption !== undefined && !object?.record?.isFinal && known.isFinal === false;
  });
  expect(provisional.length).toBeGreaterThan(100);
  const wrong = provisional.filter((one) => {
    const plan = planOf(one);
    return plan.do === 'end' && plan.end !== 'put back';
  });
  expect(wrong).toEqual([]);
});

test('what is believed gone is ended only where it is certain that there is no rollback', () => {
  const gone = all.filter(({ facts }) => facts.object?.record?.believedGoneAt !== undefined);
  expect(gone.length).toBeGreaterThan(100);
  const ended = gone.filter((one) => planOf(one).do !== 'leave');
  expect(ended.length).toBeGreaterThan(10);
  expect(ended.filter(({ known }) => known.isRollingBack !== false)).toEqual([]);
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
