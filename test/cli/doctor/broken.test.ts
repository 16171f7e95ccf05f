/** Each of these worlds has one fault. Exactly that one is found, with its fix, and no secret is printed. */
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { areas } from '../../../cli/doctor/checks.ts';
import type { Broken } from './broken.ts';
import { brokenLedger } from './broken-ledger.ts';
import { brokenOAuth } from './broken-oauth.ts';
import { brokenObjects } from './broken-objects.ts';
import { brokenProvider } from './broken-provider.ts';
import { FUNCTION } from './by-hand.ts';
import { type DoctorWorld, healthyWorld, type ShownFinding } from './world.ts';

let world: DoctorWorld;

beforeAll(async () => {
  world = await healthyWorld();
}, 300_000);
afterAll(() => world?.stop());

const all: Broken[] = [...brokenOAuth, ...brokenProvider, ...brokenLedger, ...brokenObjects];

test.each(all)(
  '$id: $name',
  async ({ id, says, fix, args = [], break: breakOne }) => {
    const mend = await breakOne(world);
    try {
      const { code, findings } = await world.findings(...args);
      const faults = findings.filter(({ state }) => state === 'fault');
      expect(faults).toEqual([expect.objectContaining({ id })]);
      expect(faults[0]?.detail).toMatch(says);
      expect(faults[0]?.fix).toMatch(fix);
      expect(code).toBe(1);
      expect(unexplained(findings, id)).toEqual([]);
      expect(JSON.stringify(findings)).not.toMatch(/CANARY/);
      expect(JSON.stringify(findings)).not.toContain(world.genesys.clientSecret);
    } finally {
      await mend();
    }
  },
  120_000,
);

test('every check has a world in which it finds something', () => {
  const ids = areas
    .filter(({ title }) => title !== 'Assumptions')
    .flatMap(({ checks }) => checks.map(({ id }) => id));
  // A caller without a Region or with wrong credentials has tests of his own beside this one.
  const found = new Set(['aws-region', 'aws-credentials', ...all.map(({ id }) => id)]);
  expect([...found].sort()).toEqual(ids.sort());
});

/** Checks that could not be looked at and do not lead to the fault, over other such checks. */
function unexplained(findings: readonly ShownFinding[], fault: string): ShownFinding[] {
  const leads = new Map(findings.map(({ id, detail = '' }) => [id, /^see (\S+)$/.exec(detail)?.[1] ?? '']));
  const reaches = (id: string, steps = 0): boolean =>
    id === fault || (steps < findings.length && id !== '' && reaches(leads.get(id) ?? '', steps + 1));
  return findings.filter(({ state, id }) => state === 'not-looked-at' && !reaches(leads.get(id) ?? ''));
}

test('a sealing secret that is there and cannot be read is not said to be gone', async () => {
  const secrets = new SecretsManagerClient(world.administrator);
  const { Environment } = await new LambdaClient(world.administrator).send(
    new GetFunctionConfigurationCommand({ FunctionName: FUNCTION }),
  );
  const SecretId = Environment?.Variables?.['SEALING_SECRET_ARN'];
  const { VersionId: before } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const { VersionId: binary } = await secrets.send(
    new PutSecretValueCommand({ SecretId, SecretBinary: new Uint8Array([1]) }),
  );
  const { findings } = await world.findings();
  await secrets.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: before,
      RemoveFromVersionId: binary,
    }),
  );
  expect(findings.filter(({ id }) => id === 'sealing-secret')).toEqual([
    expect.objectContaining({ state: 'not-looked-at', because: 'failed' }),
  ]);
}, 120_000);

test('after all of that the world is sound again, so each fault was mended', async () => {
  const { code, findings } = await world.findings();
  expect(findings.filter(({ state }) => state === 'fault' || state === 'not-looked-at')).toEqual([]);
  expect(code).toBe(0);
});
