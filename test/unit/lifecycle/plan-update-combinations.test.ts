import { isQuestion, type Known, planUpdate, type UpdateFacts } from '../../../provider/lifecycle/plan.ts';
import { form, otherOwner, ownerOf, record, updateFacts } from './facts.ts';
import { said } from './said.ts';

/** Every combination of what can be the case, each with all answers that its plan asks for. */
function* combinations(): Generator<{ facts: UpdateFacts; known: Known }> {
  const appliedForms = [[], [form('a')], [form('b')], [form('b'), form('a')], [form('a', 'n')]];
  const namedRecords = [
    undefined,
    ...appliedForms.flatMap((applied) => [true, false].map((dirty) => record('x', { applied, dirty }))),
    record('x', { believedGoneAt: 5_000 }),
    record('x', { owner: otherOwner }),
  ];
  const neighbours = [
    undefined,
    ...[500, 2_000].flatMap((createdAt) =>
      appliedForms.flatMap((applied) =>
        [true, false].map((dirty) => record('y', { createdAt, applied, dirty })),
      ),
    ),
    record('y', { createdAt: 2_000, believedGoneAt: 5_000 }),
  ];
  for (const named of namedRecords)
    for (const neighbour of neighbours)
      for (const leftover of [true, false])
        for (const answered of [undefined, { id: 'x', at: 3_000 }, { id: 'y', at: 3_000 }])
          for (const own of [[], ['y']])
            for (const newlyNamedId of [undefined, 'z'])
              for (const isRollingBack of [true, false, 'unknown'] as const)
                for (const sight of ['there', 'gone', 'listed'] as const)
                  for (const canChangeInPlace of [true, false])
                    for (const oldForm of [form('a'), form('c')]) {
                      const owner = ownerOf(
                        [{ id: 'x' }, ...(neighbour ? [{ id: 'y', leftover }] : [])],
                        answered ? { answered } : {},
                      );
                      yield {
                        facts: updateFacts({
                          named: { id: 'x', record: named },
                          owner,
                          others: neighbour ? [neighbour] : [],
                          madeByThisRequest: own,
                          newlyNamedId,
                          oldForm,
                        }),
                        known: { isRollingBack, sights: { y: sight }, canChangeInPlace, hasMoved: false },
                      };
                    }
}

describe('in every combination', () => {
  const all = [...combinations()];

  test('there are thousands of them', () => {
    expect(all.length).toBeGreaterThan(20_000);
  });

  /** Runs the rule over all combinations, and says for how many it decided something. */
  function holds(rule: (one: (typeof all)[number]) => boolean | undefined): number {
    let judged = 0;
    for (const one of all) {
      const ok = rule(one);
      if (ok === undefined) continue;
      judged += 1;
      if (!ok) throw new Error(`${said(one.facts, one.known)} for ${JSON.stringify(one)}`);
    }
    return judged;
  }

  const planOf = ({ facts, known }: (typeof all)[number]) => {
    const plan = planUpdate(facts, known);
    if (isQuestion(plan)) throw new Error(`it asks ${plan.ask} again`);
    return plan;
  };

  /** The plan, where it does something with an object. */
  const actOf = (one: (typeof all)[number]) => {
    const plan = planOf(one);
    return 'remove' in plan ? plan : undefined;
  };

  test('an object of another owner is refused, and nothing else is', () => {
    const judged = holds((one) => {
      const isForeign = one.facts.named.record?.owner.logicalId === otherOwner.logicalId;
      return (planOf(one).do === 'refuse') === isForeign;
    });
    expect(judged).toBe(all.length);
  });

  test('an object that is answered, written or replaced is never removed', () => {
    const judged = holds((one) => {
      const plan = actOf(one);
      return plan?.remove.every(({ id }) => id !== plan.object.id);
    });
    expect(judged).toBeGreaterThan(10_000);
  });

  test('an object of which nobody says that it is left over is removed only in a rollback', () => {
    const judged = holds((one) => {
      const plan = actOf(one);
      const isLeftOver = one.facts.owner.objects.some(({ id, leftover }) => id === 'y' && leftover);
      if (plan === undefined || isLeftOver || plan.remove.length === 0) return undefined;
      return one.known.isRollingBack === true;
    });
    expect(judged).toBeGreaterThan(100);
  });

  test('nothing that is believed gone, or was found to be gone, is ever removed', () => {
    const judged = holds((one) => {
      const plan = actOf(one);
      const missing = [...(plan?.gone ?? []), ...one.facts.others.filter((record) => record.believedGoneAt)];
      if (plan === undefined || missing.length === 0) return undefined;
      return plan.remove.every(({ id }) => missing.every((record) => record.id !== id));
    });
    expect(judged).toBeGreaterThan(1_000);
  });

  test('an object that is not to be seen is neither written nor replaced, and refused only outside of a rollback', () => {
    const judged = holds((one) => {
      const plan = planOf(one);
      if (plan.do !== 'answer unseen' && plan.do !== 'refuse unseen')
        return !('object' in plan) || plan.object.id !== 'y' || one.known.sights?.['y'] === 'there';
      return (plan.do === 'refuse unseen') === (one.known.isRollingBack === false);
    });
    expect(judged).toBe(all.length);
  });

  test('nothing that this request made itself is taken back', () => {
    const judged = holds((one) => {
      const plan = actOf(one);
      if (plan === undefined || one.facts.madeByThisRequest.length === 0) return undefined;
      return plan.remove.length === 0;
    });
    expect(judged).toBeGreaterThan(1_000);
  });

  test('a plan says "as before" exactly where an object of the resource had the wanted form', () => {
    const judged = holds((one) => {
      const plan = actOf(one);
      if (plan === undefined) return undefined;
      const hadIt = (applied: readonly { fingerprint: string }[] = []) =>
        applied.some(({ fingerprint }) => fingerprint === 'a');
      // An object that the rollback takes back does not count; other tests say so.
      if (plan.remove.length > 0 && one.known.isRollingBack === true) return undefined;
      const { others } = one.facts;
      const expected = hadIt(one.facts.named.record?.applied) || others.some(({ applied }) => hadIt(applied));
      return plan.appliedBefore === expected;
    });
    expect(judged).toBeGreaterThan(10_000);
  });

  test('no write is left out for an object that is dirty, missing or of another form', () => {
    const judged = holds((one) => {
      const plan = planOf(one);
      if (plan.do !== 'answer') return undefined;
      const { record: written } = plan.object;
      return (
        written !== undefined &&
        !written.dirty &&
        written.believedGoneAt === undefined &&
        written.applied[0]?.fingerprint === 'a'
      );
    });
    expect(judged).toBeGreaterThan(100);
  });

  test('no write is left out where CloudFormation believes in a form that the ledger does not know', () => {
    const judged = holds((one) =>
      one.facts.oldForm?.fingerprint === 'c' ? planOf(one).do !== 'answer' : undefined,
    );
    expect(judged).toBeGreaterThan(10_000);
  });

  test('the stack is asked about only where the answer can change the plan', () => {
    const judged = holds((one) => {
      const asked = planUpdate(one.facts, { hasMoved: false });
      if (!isQuestion(asked) || asked.ask !== 'is the stack rolling back') return undefined;
      const either = [true, false].map((isRollingBack) => said(one.facts, { ...one.known, isRollingBack }));
      return either[0] !== either[1];
    });
    expect(judged).toBeGreaterThan(100);
  });
});
