/** A sample of the fault matrix and of the crash matrix; `make bench` runs all of both. */
import {
  cellsAt,
  crashesAt,
  nameOf,
  nameOfCrash,
  places,
  runCell,
  runCrash,
  scenarios,
} from '../../local/faults/matrix.ts';
import { sample } from '../../local/faults/sample.ts';
import { say } from '../../local/faults/verdicts.ts';

/** Prime numbers, so that a step through the matrix meets every fault and every call in turn. */
const CELLS = 37;
const CRASHES = 61;

describe.each(scenarios)('$operation of a $type', ({ type, operation }) => {
  test('every sampled fault at every sampled call is answered truly, rolled back and converges', async () => {
    const cells = (await places(type, operation)).flatMap((place) => cellsAt(type, operation, place));
    const broken: string[] = [];
    for (const cell of sample(cells, CELLS)) {
      const findings = await runCell(cell);
      if (findings.length > 0) broken.push(`${nameOf(cell)}: ${say(findings)}`);
    }
    expect(broken).toEqual([]);
  });

  test('a process that dies at any sampled call leaves exactly one object, or none after the Delete', async () => {
    const crashes = (await places(type, operation)).flatMap((place) => crashesAt(type, operation, place));
    const broken: string[] = [];
    for (const crash of sample(crashes, CRASHES)) {
      const findings = await runCrash(crash);
      if (findings.length > 0) broken.push(`${nameOfCrash(crash)}: ${say(findings)}`);
    }
    expect(broken).toEqual([]);
  });
});

test('every call of every operation is in the matrix, the ledger, the login and the answer too', async () => {
  const services = new Set<string>();
  for (const { type, operation } of scenarios) {
    const at = await places(type, operation);
    expect(at.map(({ service }) => service)).toEqual(
      expect.arrayContaining(['ledger', 'secrets', 'login', 'genesys', 'answer']),
    );
    for (const { service } of at) services.add(service);
  }
  expect([...services].sort()).toEqual(['answer', 'genesys', 'ledger', 'login', 'secrets', 'stacks']);
});
