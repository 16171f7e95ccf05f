/** A sample of the matrix of hostile surroundings, and the plan behind it; `make bench` runs all of it. */
import { runAxisCell } from '../../local/faults/axes.ts';
import {
  type AxisCell,
  axes,
  axesPlan,
  classesOf,
  killClasses,
  nameOfAxisCell,
} from '../../local/faults/axes-plan.ts';
import { places, scenarios } from '../../local/faults/matrix.ts';
import { sample } from '../../local/faults/sample.ts';
import { say } from '../../local/faults/verdicts.ts';

/** Prime, so that a step through the plan meets every value of every axis in turn. */
const CELLS = 37;

const known = await Promise.all(
  scenarios.map(async ({ type, operation }) => ({ type, operation, places: await places(type, operation) })),
);
const plan = axesPlan(known);
const valuesOf = Object.entries(axes).flatMap(([axis, values]) => values.map((value) => `${axis} ${value}`));

/** The factors of a cell. */
const factorsOf = ({ axis, value, type, operation, killClass }: AxisCell) => ({
  value: `${axis} ${value}`,
  type,
  operation,
  killClass,
});
type Factor = keyof ReturnType<typeof factorsOf>;

const pairsOf = (one: Factor, other: Factor) =>
  new Set(plan.map(factorsOf).map((factors) => `${factors[one]} | ${factors[other]}`));

const operations = [...new Set(scenarios.map(({ operation }) => operation))];
const types = [...new Set(scenarios.map(({ type }) => type))];

describe('the plan has every pair', () => {
  test.each<{ one: Factor; ones: readonly string[]; other: Factor; others: readonly string[] }>([
    { one: 'value', ones: valuesOf, other: 'type', others: types },
    { one: 'value', ones: valuesOf, other: 'operation', others: operations },
    { one: 'value', ones: valuesOf, other: 'killClass', others: killClasses },
    { one: 'type', ones: types, other: 'killClass', others: killClasses },
    { one: 'operation', ones: operations, other: 'killClass', others: killClasses },
  ])('of $one and $other', ({ one, ones, other, others }) => {
    const wanted = ones.flatMap((left) => others.map((right) => `${left} | ${right}`));
    expect([...pairsOf(one, other)].sort()).toEqual(wanted.sort());
  });

  test('of an operation and a type that has it', () => {
    const wanted = scenarios.map(({ type, operation }) => `${operation} | ${type}`);
    expect([...pairsOf('operation', 'type')].sort()).toEqual(wanted.sort());
  });
});

test.each(known)(
  '$operation of a $type dies at each of its calls, before and after',
  ({ type, operation, places: at }) => {
    const deaths = plan.flatMap((cell) =>
      cell.type === type && cell.operation === operation && cell.death ? [cell.death] : [],
    );
    const met = new Set(
      deaths.map(({ place, fault }) => `${place.service} ${place.operation} ${place.nth} ${fault}`),
    );
    expect(met.size).toBe(at.length * 2);
  },
);

test('every call is of a kind, and every operation has calls of every kind', () => {
  for (const { places: at } of known)
    expect([...new Set(classesOf(at))].sort()).toEqual(killClasses.filter((one) => one !== 'nowhere').sort());
});

test('the plan is always the same', () => {
  expect(axesPlan(known)).toEqual(plan);
});

test('every sampled cell is answered truly, rolled back and converges', async () => {
  const broken: string[] = [];
  for (const cell of sample(plan, CELLS)) {
    const findings = await runAxisCell(cell);
    if (findings.length > 0) broken.push(`${nameOfAxisCell(cell)}: ${say(findings)}`);
  }
  expect(broken).toEqual([]);
}, 120_000);
