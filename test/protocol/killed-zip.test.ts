/** A sample of the crash matrix in real time, through the zip; `make bench` runs more of it. */
import { join } from 'node:path';
import { boundaries, type Kill, nameOfKill, runKill } from './killed-zip.ts';
import { eachOf, sample } from './sample.ts';

const code = join(import.meta.dirname, '../../dist/provider.zip');

test('a provider that is killed at a call leaves exactly one object, or none after the Delete', async () => {
  const type = 'Custom::GenesysAwsIntegration';
  const sent = await boundaries(code, type, 'create');
  expect(sent).toBeGreaterThan(12);
  const kills = Array.from({ length: sent }, (_, index) => index + 1).flatMap((nth): Kill[] => [
    { type, operation: 'create', nth, when: 'before', sequel: 'delivered again' },
    { type, operation: 'create', nth, when: 'after', sequel: 'given up before' },
  ]);
  const broken = await eachOf(sample(kills, 7), 7, async (kill) => {
    const findings = await runKill(code, kill);
    return findings.map(({ kind, what }) => `${nameOfKill(kill)}: ${kind}: ${what}`);
  });
  expect(broken.flat()).toEqual([]);
}, 120_000);
