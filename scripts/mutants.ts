/**
 * `make mutants`: puts one deliberate defect at a time into a copy of the source, and runs the fast suite
 * there. A defect that no test notices survives: exit code 1. Argument: a part of a defect's name, for those
 * alone.
 */
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { baselineFolder } from './baseline.ts';

const root = resolve(import.meta.dirname, '..');

interface Mutant {
  /** The fault of the provider. */
  name: string;
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  /** The tests that have to notice it run the packaged provider. Default: the fast suite. */
  isOfUpgrades?: boolean;
}

const mutants: Mutant[] = [
  {
    name: 'drops the ledger write before a POST',
    file: 'provider/lifecycle/making.ts',
    find: '(await attempt.intend(step, organization.id))',
    replace: '0',
  },
  {
    name: 'counts characters instead of bytes',
    file: 'provider/protocol/deliver.ts',
    find: "'content-length': String(body.length)",
    replace: "'content-length': String(body.toString().length)",
  },
  {
    name: 'resends a POST blindly',
    file: 'provider/genesys/transport.ts',
    find: "return method !== 'POST' || harmlessPosts.includes(template);",
    replace: 'return harmlessPosts.includes(template) || method.length > 0;',
  },
  {
    name: 'answers a new id on update',
    file: 'provider/lifecycle/outcome.ts',
    find: "return { status: 'SUCCESS', physicalId: id, data: attributes };",
    replace:
      "return { status: 'SUCCESS', physicalId: request.type === 'Update' ? id.concat('-2') : id, data: attributes };",
  },
  {
    name: 'logs the event',
    file: 'provider/protocol/serve.ts',
    find: 'const address = readAnswerAddress(event);',
    replace: "const address = readAnswerAddress(event);\n  options.log.info('event', { event });",
  },
  {
    name: 'repeats on a 403 of the ResponseURL',
    file: 'provider/protocol/deliver.ts',
    find: 'response.status < 500 && response.status !== 429',
    replace: 'response.status < 500 && response.status !== 403 && response.status !== 429',
  },
  {
    name: 'logs in for ever',
    file: 'provider/genesys/session.ts',
    find: 'return await attempt(second);',
    replace: 'return await send(container, scope, call, second, before);',
  },
  {
    name: 'retries past the deadline',
    file: 'provider/genesys/retry.ts',
    find: 'if (clock.now() + waitMs >= end) throw error;',
    replace: '',
  },
  {
    name: 'replays a result across RequestIds',
    file: 'provider/ledger/records.ts',
    find: '`ATTEMPT#${stackId}#${attemptId}`',
    replace: '`ATTEMPT#${stackId}#${attemptId.slice(0, 0)}`',
  },
  {
    name: 'deletes what another owns',
    file: 'provider/lifecycle/plan.ts',
    find: 'if (record && !sameOwner(record.owner, asking)) {',
    replace: "if (record?.id === '') {",
  },
  {
    name: 'deletes an object that is believed gone',
    file: 'provider/lifecycle/plan.ts',
    find: 'if (isFollowedByAnother || known.isRollingBack !== false)',
    replace: "if (object.id === '')",
  },
  {
    name: 'leaves a write out by the ledger alone',
    file: 'provider/lifecycle/plan.ts',
    find: 'isAsWanted(object, form) && isInStep(facts)',
    replace: 'isAsWanted(object, form)',
  },
  {
    name: 'writes again in a rollback after a refusal',
    file: 'provider/lifecycle/changing.ts',
    find: 'record.dirty || session.mayHaveWritten',
    replace: 'record.dirty || session !== undefined',
  },
  {
    name: "treats another organization's 404 as deleted",
    file: 'provider/lifecycle/job.ts',
    find: 'if (known === organization.id) return;',
    replace: 'if (known !== undefined) return;',
  },
  {
    name: 'takes another resource of the stack for the owner',
    file: 'provider/ledger/records.ts',
    find: 'a.stackId === b.stackId && a.logicalId === b.logicalId',
    replace: 'a.stackId === b.stackId',
  },
  {
    name: 'undoes what another stack has adopted',
    file: 'provider/lifecycle/undo.ts',
    find: 'if (record && !sameOwner(record.owner, request)) return;',
    replace: '',
  },
  {
    name: 'answers the new id of a failed update',
    file: 'provider/protocol/failure.ts',
    find: "(type === 'Update' && isOfObject)",
    replace: "(type === 'Update' && isOfObject && progress.objectId === undefined)",
  },
  {
    name: 'answers that a failed create sent no write',
    file: 'provider/protocol/failure.ts',
    find: 'if (progress.wroteSomething) return failedCreate(attemptId);',
    replace: '',
  },
  {
    name: 'writes on after its lease was taken',
    file: 'provider/ledger/attempt.ts',
    find: 'if (read.body.lease.holder !== lease.holder)',
    replace: "if (lease.holder === '')",
  },
  {
    name: 'undoes a request that somebody still works on',
    file: 'provider/ledger/ledger.ts',
    find: 'if (!isAtWork(read.body, this.#now())) return await this.#openToUndo(read, by, deadline);',
    replace: 'return await this.#openToUndo(read, by, deadline);',
  },
  {
    name: 'does a failed request again',
    file: 'provider/ledger/verdict.ts',
    find: "if (attempt?.state === 'failed')",
    replace: "if (attempt?.state === 'failed' && attempt.reason === '')",
  },
  {
    name: 'does an undone request again',
    file: 'provider/ledger/verdict.ts',
    find: "if (attempt && isTakenBack(attempt)) return { verdict: 'superseded' };",
    replace: '',
  },
  {
    name: 'obeys an update that is older than the newest',
    file: 'provider/ledger/verdict.ts',
    find: 'signedAt + SIGNERS_DIFFER_MILLISECONDS < newest',
    replace: 'signedAt < 0',
  },
  {
    name: 'sorts the keys of a fingerprint otherwise',
    file: 'provider/runtime/canonical.ts',
    find: '(a < b ? -1 : a > b ? 1 : 0)',
    replace: '(a < b ? 1 : a > b ? -1 : 0)',
    isOfUpgrades: true,
  },
  {
    name: 'has one more property in the identity',
    file: 'provider/lifecycle/form.ts',
    find: 'fingerprint(untyped(type.replacement.map((name) => fixedValue(type, properties as RawProperties, name))));',
    replace:
      "fingerprint(untyped([...type.replacement, 'Region'].map((name) => fixedValue(type, properties as RawProperties, name as never))));",
    isOfUpgrades: true,
  },
];

/** Tests of the provider that are fast, and need neither a package nor an emulator. */
const fastSuite = [
  'test/references/wire-format',
  'test/unit/genesys/login',
  'test/unit/genesys/status',
  'test/unit/ledger',
  'test/unit/lifecycle',
  'test/unit/protocol',
  'test/unit/runtime',
  'test/protocol/adoption/owners',
  'test/protocol/answered-ids',
  'test/protocol/contract',
  'test/protocol/ownership',
  'test/protocol/events',
  'test/protocol/leases',
  'test/protocol/budgets',
  'test/protocol/refusals',
  'test/protocol/rules',
  'test/protocol/threats',
];
/** Tests of the packaged provider, which goes on with objects of the baseline. */
const upgradeSuite = ['test/upgrade'];
/** Time limit for a defect that makes a test run for ever. The suite itself takes a minute. */
const SUITE_MILLISECONDS = 300_000;

async function copyOfSource(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  const folders = ['provider', 'local', 'test', 'scripts', 'schemas', 'templates'];
  const parts = [...folders, 'package.json', 'tsconfig.json', 'jest.config.ts'];
  for (const part of parts) {
    await cp(join(root, part), join(folder, part), { recursive: true }).catch((error: { code?: string }) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  for (const part of ['node_modules', '.tools']) await symlink(join(root, part), join(folder, part));
  return folder;
}

/** The names of the first failing tests; none when the suite passes. */
async function suite(folder: string, isOfUpgrades = false): Promise<string[]> {
  if (!isOfUpgrades) return tests(folder, fastSuite);
  await promisify(execFile)(process.execPath, ['scripts/package.ts'], { cwd: folder });
  return tests(folder, upgradeSuite);
}

function tests(folder: string, paths: string[]): Promise<string[]> {
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      ['node_modules/jest/bin/jest.js', '--bail', '--silent', '--testTimeout=20000', '--forceExit', ...paths],
      {
        cwd: folder,
        // A group of its own, so that its workers end with it.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
      },
    );
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, SUITE_MILLISECONDS);
    child.on('error', fail);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (late) return done(['a test that does not end']);
      const failed = [...output.matchAll(/^ {2}● (.+)$/gm)].map(([, name]) => name ?? '');
      done(code === 0 ? [] : failed.length > 0 ? failed : [`exit code ${code}: ${output.slice(-500)}`]);
    });
  });
}

const wanted = process.argv[2] ?? '';
const chosen = mutants.filter(({ name }) => name.includes(wanted));
// The build needs the history, which the copy lacks. The copy finds the baseline in .tools/.
if (chosen.some(({ isOfUpgrades }) => isOfUpgrades)) await baselineFolder();
const folder = await copyOfSource();
let survivors = 0;
try {
  for (const isOfUpgrades of new Set(chosen.map((mutant) => mutant.isOfUpgrades ?? false))) {
    const healthy = await suite(folder, isOfUpgrades);
    if (healthy.length > 0) throw new Error(`the suite fails without a defect: ${healthy[0]}`);
  }
  for (const { file, find } of mutants) {
    if ((await readFile(join(folder, file), 'utf8')).split(find).length !== 2)
      throw new Error(`${file} does not hold once: ${find}`);
  }
  console.log('without a defect the suite passes\n');
  for (const { name, file, find, replace, isOfUpgrades } of chosen) {
    const path = join(folder, file);
    const source = await readFile(path, 'utf8');
    await writeFile(
      path,
      source.replace(find, () => replace),
    );
    const [killer] = await suite(folder, isOfUpgrades);
    await writeFile(path, source);
    if (killer === undefined) survivors += 1;
    console.log(`${killer === undefined ? 'SURVIVES' : 'killed  '}  ${name.padEnd(46)}  ${killer ?? ''}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`\n${survivors === 0 ? 'no defect survives' : `${survivors} survive`}`);
process.exit(survivors === 0 ? 0 : 1);
