/** A sample of the matrices in real time, through the zip; `make bench` runs more of it. */
import { join } from 'node:path';
import { eachOf, sample } from '../../local/faults/sample.ts';
import {
  boundaries,
  type Kill,
  nameOfKill,
  nameOfZipFault,
  runKill,
  runRetry,
  runZipFault,
  type ZipFault,
} from '../../local/faults/through-zip.ts';
import { serverFaults } from '../../local/server-faults.ts';

const code = join(import.meta.dirname, '../../dist/provider.zip');

test('a provider that is killed at a call leaves exactly one object, or none after the Delete', async () => {
  const type = 'Custom::GenesysAwsIntegration';
  const sent = await boundaries(code, type, 'create');
  expect(sent).toBeGreaterThan(12);
  const kills = Array.from({ length: sent }, (_, index) => index + 1).flatMap((nth): Kill[] => [
    { type, operation: 'create', nth, when: 'before', sequel: 'delivered again' },
    { type, operation: 'create', nth, when: 'after', sequel: 'given up before' },
    { type, operation: 'create', nth, when: 'after', sequel: 'followed after 2 s' },
  ]);
  const broken = await eachOf(sample(kills, 10), 10, async (kill) => {
    const findings = await runKill(code, kill);
    return findings.map(({ kind, what }) => `${nameOfKill(kill)}: ${kind}: ${what}`);
  });
  expect(broken.flat()).toEqual([]);
}, 240_000);

test.each(['FAILED', 'SUCCESS'] as const)(
  'a deployment that is tried again with the same RequestId after %s is answered, and ends with one object',
  async (answered) => {
    for (const type of ['Custom::GenesysAwsIntegration', 'Custom::GenesysDataAction'])
      expect(await runRetry(code, type, answered)).toEqual([]);
  },
  60_000,
);

test('a provider that meets a fault at a call answers in time and truly, and converges or rolls back', async () => {
  const type = 'Custom::GenesysDataAction';
  const sent = await boundaries(code, type, 'update');
  const faults = serverFaults.map(
    (fault, index): ZipFault => ({ type, operation: 'update', nth: 1 + ((index * 5) % sent), fault }),
  );
  const broken = await eachOf(sample(faults, 6), 6, async (fault) => {
    const findings = await runZipFault(code, fault);
    return findings.map(({ kind, what }) => `${nameOfZipFault(fault)}: ${kind}: ${what}`);
  });
  expect(broken.flat()).toEqual([]);
}, 120_000);
