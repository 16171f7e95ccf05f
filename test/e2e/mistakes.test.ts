/**
 * Mistakes of people in templates, secrets, parameters and accounts, in whole deployments. Each answer names
 * the wrong thing and says what to do. The tables are in mistakes/.
 */
import { jest } from '@jest/globals';
import { MISTAKES } from './mistakes/index.ts';
import { faultsOf, type Mistake } from './mistakes/mistake.ts';
import { MistakesWorld } from './mistakes/world.ts';

jest.setTimeout(600_000);

let world: MistakesWorld;
let answers: Map<Mistake, string | Error>;
beforeAll(async () => {
  world = await MistakesWorld.start();
  answers = await world.answers(Object.values(MISTAKES).flat());
});
afterAll(() => world?.stop());

describe.each(Object.entries(MISTAKES))('the answer to a mistake helps: %s', (_kind, mistakes) => {
  test.each(mistakes.map((mistake) => [mistake.what, mistake] as const))('%s', (_what, mistake) => {
    const answer = answers.get(mistake);
    if (typeof answer !== 'string') throw answer ?? new Error('the mistake was not made');
    expect({ answer, faults: faultsOf(answer, mistake, world.hidden) }).toEqual({ answer, faults: [] });
  });
});

describe('the rule', () => {
  const mistake: Mistake = {
    what: 'any',
    make: async () => '',
    names: ['Name'],
    advice: 'must be text',
  };

  test.each<[string, string, string]>([
    ['another name', 'Nam must be text.', 'does not name Name'],
    ['no advice', 'Name is wrong.', 'does not say must be text'],
    ['too many words', `Name must be text.${' x'.repeat(300)}`, 'has 618 characters'],
    ['a stack trace', 'Name must be text.\n    at read (index.js:1)', 'holds /\\n\\s+at /'],
    ['a secret', 'Name must be text, not 1234.', 'shows a secret'],
  ])('finds %s', (_what, answer, fault) => {
    expect(faultsOf(answer, mistake, ['1234'])).toEqual([fault]);
  });

  test('takes no advice that tells nobody what to do', () => {
    const vague = { ...mistake, advice: 'is wrong' };
    expect(faultsOf('Name is wrong.', vague, [])).toEqual(['"is wrong" tells nobody what to do']);
  });

  test('finds nothing in an answer that helps', () => {
    expect(faultsOf('Name must be text.', mistake, ['1234'])).toEqual([]);
  });
});

test('no two mistakes of a kind have the same name, so a failure leads to its row', () => {
  for (const mistakes of Object.values(MISTAKES)) {
    const names = mistakes.map(({ what }) => what);
    expect(new Set(names).size).toBe(names.length);
  }
});
