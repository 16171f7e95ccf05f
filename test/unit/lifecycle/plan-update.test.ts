import { type Known, planAbsence, type UpdateFacts } from '../../../provider/lifecycle/plan.ts';
import { adopted, asking, form, otherOwner, ownerOf, record, updateFacts } from './facts.ts';
import { said } from './said.ts';

const x = (more = {}) => ({ id: 'x', record: record('x', more) });
/** The object of before a replacement, which had form b. */
const old = record('old', { createdAt: 500, applied: [form('b')] });
const newer = record('newer', { createdAt: 2_000, applied: [form('c')] });
const bothOf = (id: string, leftover = false) => ownerOf([{ id: 'x' }, leftover ? { id, leftover } : { id }]);

const rows: [rule: string, facts: Partial<UpdateFacts>, known: Known, plan: string][] = [
  [
    'an object of another logical resource asks whether its resource has moved here',
    { named: x({ owner: otherOwner }) },
    {},
    'ask: has the object moved here',
  ],
  [
    'an object of another logical resource is not changed',
    { named: x({ owner: otherOwner }) },
    { hasMoved: false },
    'refuse',
  ],
  [
    'an object of the same logical id in another stack is not changed',
    { named: x({ owner: { ...asking, stackId: `${asking.stackId}2` } }) },
    { hasMoved: false },
    'refuse',
  ],
  [
    'an object whose resource CloudFormation has moved here is taken along first',
    { named: x({ owner: otherOwner }) },
    { hasMoved: true },
    'take along x',
  ],
  ['an object that is clean and as wanted is answered', {}, {}, 'answer x, as before'],
  [
    'an object that is as wanted, but dirty, is written again',
    { named: x({ dirty: true }) },
    { canChangeInPlace: true },
    'converge x, as before',
  ],
  [
    'an object that CloudFormation believes to be otherwise is written, whatever a restored ledger says',
    { oldForm: form('b') },
    { canChangeInPlace: true },
    'converge x, as before',
  ],
  [
    'an object is written where CloudFormation does not say what it believes',
    { oldForm: undefined },
    { canChangeInPlace: true },
    'converge x, as before',
  ],
  [
    'going back from a form that was refused before any write needs none',
    { named: x({ refused: form('b') }), oldForm: form('b') },
    {},
    'answer x, as before',
  ],
  [
    'going back from another form than the refused one is written',
    { named: x({ refused: form('b') }), oldForm: form('c') },
    { canChangeInPlace: true },
    'converge x, as before',
  ],
  [
    'going back to the named object, from one that was answered meanwhile, needs no write',
    {
      others: [record('newer', { createdAt: 500, applied: [form('b')] })],
      owner: ownerOf([{ id: 'x' }, { id: 'newer' }], { answered: { id: 'newer', at: 3_000 } }),
      oldForm: form('b'),
    },
    {},
    'answer x, as before',
  ],
  [
    'an object that is believed gone is looked for again, even as wanted',
    { named: x({ believedGoneAt: 5_000 }) },
    { canChangeInPlace: true },
    'converge x, as before',
  ],
  [
    'another Nonce writes again',
    { form: form('a', 'n') },
    { canChangeInPlace: true },
    'converge x, as before',
  ],
  [
    'another form asks whether it can change in place',
    { form: form('b') },
    {},
    'ask: can it change in place',
  ],
  ['another form in place is written', { form: form('b') }, { canChangeInPlace: true }, 'converge x'],
  ['another identity is a replacement', { form: form('b') }, { canChangeInPlace: false }, 'replace x'],
  [
    'the form of before the last is a rollback',
    { named: x({ applied: [form('b'), form('a')] }) },
    { canChangeInPlace: true },
    'converge x, as before',
  ],
  [
    'an object that the ledger does not know is converged',
    { named: { id: 'x', record: undefined }, owner: ownerOf([]) },
    { canChangeInPlace: true },
    'converge x',
  ],
  [
    'a newly named existing object replaces this one without a further question',
    { form: form('b'), newlyNamedId: 'y' },
    {},
    'replace x',
  ],
  [
    'naming the object itself is no replacement',
    { form: form('b'), newlyNamedId: 'x' },
    { canChangeInPlace: true },
    'converge x',
  ],
  [
    'an earlier object that had the wanted form is asked for',
    { form: form('b'), others: [old], owner: bothOf('old') },
    {},
    'ask: where is the object',
  ],
  [
    'an earlier object that is still there is answered',
    { form: form('b'), others: [old], owner: bothOf('old') },
    { sights: { old: 'there' } },
    'answer old, as before',
  ],
  [
    'an earlier object that is not to be seen asks for the rollback',
    { form: form('b'), others: [old], owner: bothOf('old') },
    { sights: { old: 'listed' } },
    'ask: is the stack rolling back',
  ],
  [
    'an earlier object that is not to be seen is answered in a rollback',
    { form: form('b'), others: [old], owner: bothOf('old') },
    { sights: { old: 'listed' }, isRollingBack: true },
    'answer unseen old, as before',
  ],
  [
    'an earlier object that is not to be seen counts as one of a rollback where nobody says',
    { form: form('b'), others: [old], owner: bothOf('old') },
    { sights: { old: 'unclear' }, isRollingBack: 'unknown' },
    'answer unseen old, as before',
  ],
  [
    'an earlier object that is not to be seen is refused outside of a rollback, with the word of the list',
    { form: form('b'), others: [old], owner: bothOf('old') },
    { sights: { old: 'listed' }, isRollingBack: false },
    'refuse unseen old, listed',
  ],
  [
    'an earlier object for which there is too little time is refused outside of a rollback',
    { form: form('b'), others: [old], owner: bothOf('old') },
    { sights: { old: 'unclear' }, isRollingBack: false },
    'refuse unseen old',
  ],
  [
    'an earlier object that is dirty is converged',
    { form: form('b'), others: [{ ...old, dirty: true }], owner: bothOf('old') },
    { sights: { old: 'there' }, canChangeInPlace: true },
    'converge old, as before',
  ],
  [
    'where the earlier object is gone, the present one goes on, and no deletion is sent for the gone one',
    { form: form('b'), others: [old], owner: bothOf('old') },
    { sights: { old: 'gone' }, canChangeInPlace: true },
    'converge x, as before, believe old gone',
  ],
  [
    'a left-over object that is gone is not removed either',
    { form: form('b'), others: [old], owner: bothOf('old', true) },
    { sights: { old: 'gone' }, canChangeInPlace: true },
    'converge x, as before, believe old gone',
  ],
  [
    'an object that is believed gone is used again where it is seen again',
    { form: form('b'), others: [{ ...old, believedGoneAt: 5_000 }], owner: bothOf('old') },
    { sights: { old: 'there' }, canChangeInPlace: true },
    'converge old, as before',
  ],
  [
    'an object that is believed gone is never removed, left over or not',
    { others: [{ ...old, believedGoneAt: 5_000 }], owner: bothOf('old', true) },
    {},
    'answer x, as before',
  ],
  [
    'a newer object that is believed gone is not taken back in a rollback',
    { others: [{ ...newer, believedGoneAt: 5_000 }], owner: bothOf('newer') },
    {},
    'answer x, as before',
  ],
  [
    'an earlier object is not looked for while the present one had the form',
    { others: [record('old', { createdAt: 500 })], owner: bothOf('old') },
    {},
    'answer x, as before',
  ],
  [
    'a left-over object is removed beside the answer',
    { others: [old], owner: bothOf('old', true) },
    {},
    'answer x, as before, remove old',
  ],
  [
    'a left-over object that had the wanted form is used instead of removed',
    { form: form('b'), others: [old], owner: bothOf('old', true) },
    { sights: { old: 'there' } },
    'answer old, as before',
  ],
  [
    'a newer object asks whether the stack rolls back',
    { others: [newer], owner: bothOf('newer') },
    {},
    'ask: is the stack rolling back',
  ],
  [
    'a newer object is removed in a rollback',
    { others: [newer], owner: bothOf('newer') },
    { isRollingBack: true },
    'answer x, as before, remove newer',
  ],
  [
    'a newer object stays outside of a rollback: it may be retained on purpose',
    { others: [newer], owner: bothOf('newer') },
    { isRollingBack: false },
    'answer x, as before',
  ],
  [
    'a newer object stays where nobody says whether the stack rolls back',
    { others: [newer], owner: bothOf('newer') },
    { isRollingBack: 'unknown' },
    'answer x, as before',
  ],
  [
    'a newer object that is older than the last answer was retained, and is not asked about',
    {
      others: [newer],
      owner: ownerOf([{ id: 'x' }, { id: 'newer' }], { answered: { id: 'x', at: 3_000 } }),
    },
    {},
    'answer x, as before',
  ],
  [
    'a newer object that was the last answer may be taken back',
    {
      others: [newer],
      owner: ownerOf([{ id: 'x' }, { id: 'newer' }], { answered: { id: 'newer', at: 3_000 } }),
    },
    {},
    'ask: is the stack rolling back',
  ],
  [
    'a newer object that this very request made is its own work',
    { others: [newer], owner: bothOf('newer'), madeByThisRequest: ['newer'] },
    {},
    'answer x, as before',
  ],
  [
    'an object that a rollback takes back is no candidate, even with the wanted form',
    { form: form('c'), others: [newer], owner: bothOf('newer') },
    { isRollingBack: true, canChangeInPlace: true },
    'converge x, remove newer',
  ],
];

const provisional: [rule: string, facts: Partial<UpdateFacts>, known: Known, plan: string][] = [
  [
    'an adoption asks whether it is final, as long as the ledger does not know it',
    { named: { id: 'x', record: adopted('x') } },
    {},
    'ask: is the adoption final',
  ],
  [
    'an adoption that is final is noted as such',
    { named: { id: 'x', record: adopted('x') } },
    { isFinal: true },
    'answer x, as before, note that it is final',
  ],
  [
    'an adoption that may still be undone stays provisional',
    { named: { id: 'x', record: adopted('x') } },
    { isFinal: false },
    'answer x, as before',
  ],
  [
    'an adoption that nobody can ask about stays provisional',
    { named: { id: 'x', record: adopted('x') } },
    { isFinal: 'unknown' },
    'answer x, as before',
  ],
  [
    'an adoption that was final before asks nothing',
    {
      named: {
        id: 'x',
        record: adopted('x', { isFinal: true }),
      },
    },
    {},
    'answer x, as before',
  ],
];

test.each([...rows, ...provisional])('%s', (_rule, facts, known, plan) => {
  expect(said(updateFacts(facts), known)).toBe(plan);
});

describe('an object that is missing', () => {
  const rollbacks = [undefined, true, false, 'unknown'] as const;
  const sights = ['gone', 'listed', 'unclear'] as const;
  const all = sights.flatMap((sight) =>
    [true, false].flatMap((appliedBefore) =>
      rollbacks.map((isRollingBack) => ({ sight, appliedBefore, isRollingBack })),
    ),
  );

  test.each(all)('$sight, applied before: $appliedBefore, rollback: $isRollingBack', (one) => {
    const { sight, appliedBefore, isRollingBack } = one;
    const plan = planAbsence({ sight, appliedBefore }, isRollingBack === undefined ? {} : { isRollingBack });
    const isRollback = isRollingBack === 'unknown' ? appliedBefore : isRollingBack;
    if (sight === 'gone') expect(plan).toEqual({ do: 'make anew' });
    else if (isRollback === undefined) expect(plan).toEqual({ ask: 'is the stack rolling back' });
    else expect(plan).toEqual({ do: isRollback ? 'answer unseen' : 'refuse' });
  });
});
