/**
 * The GitHub Action (action.yml): its scripts run by bash as GitHub runs them, in a workspace with templates.
 * No input becomes a part of a script.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { bundleCli } from '../../scripts/build/package.ts';

const root = resolve(import.meta.dirname, '../..');
const { inputs, outputs, runs } = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
  inputs: Record<string, { description: string; default: string }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
};

interface Step {
  name: string;
  id?: string;
  shell: string;
  run: string;
  env?: Record<string, string>;
}

const FAULTY = join(import.meta.dirname, 'broken/value-enum.yaml');
const WARNED = join(import.meta.dirname, 'broken/service-timeout-missing.yaml');
const SOUND = join(import.meta.dirname, 'sound/lambda.yaml');

let action: string;
let workspace: string;
let temporary: string;

beforeAll(async () => {
  action = await mkdtemp(join(tmpdir(), 'action-'));
  await mkdir(join(action, 'dist'));
  await bundleCli(join(action, 'dist/cli.mjs'));
});
afterAll(() => rm(action, { recursive: true }));

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'runner-'));
  workspace = join(temporary, 'workspace');
  await mkdir(workspace);
});
afterEach(() => rm(temporary, { recursive: true }));

async function put(template: string, name: string): Promise<void> {
  await mkdir(dirname(join(workspace, name)), { recursive: true });
  await copyFile(template, join(workspace, name));
}

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** One step, as GitHub runs the shell `bash`: the script is a file, and the workspace the current folder. */
async function runStep(step: Step, given: Record<string, string>, env: NodeJS.ProcessEnv): Promise<Ended> {
  const script = join(temporary, 'script.sh');
  await writeFile(script, step.run);
  const inputNamed = (_: string, name: string) => given[name] ?? inputs[name]?.default ?? '';
  const own = Object.entries(step.env ?? {}).map(([name, value]) => [
    name,
    value.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, inputNamed),
  ]);
  return new Promise((done) => {
    execFile(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', script],
      {
        cwd: workspace,
        env: {
          PATH: process.env['PATH'],
          GITHUB_WORKSPACE: workspace,
          GITHUB_ACTION_PATH: action,
          GITHUB_OUTPUT: join(temporary, 'output'),
          RUNNER_TEMP: temporary,
          ...Object.fromEntries(own),
          ...env,
        },
      },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

/** Every step, up to the first that fails. */
async function runAction(given: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  let last: Ended = { code: 0, stdout: '', stderr: '' };
  for (const step of runs.steps) {
    last = await runStep(step, given, env);
    if (last.code !== 0) break;
  }
  return last;
}

test('it is a composite action whose scripts hold no expression, so no input can change a script', () => {
  expect(runs.using).toBe('composite');
  expect(Object.keys(inputs)).toEqual(['paths', 'strict', 'format']);
  for (const step of runs.steps) {
    expect(step.shell).toBe('bash');
    expect(step.run).not.toContain('${{');
  }
  const used = runs.steps.flatMap(({ env = {} }) => Object.values(env));
  expect(used).toEqual(Object.keys(inputs).map((name) => `\${{ inputs.${name} }}`));
});

test('sound templates of the workspace are 0, and other files are left alone', async () => {
  await put(SOUND, 'stacks/sound.yaml');
  await writeFile(join(workspace, 'compose.yaml'), 'services: {}');
  const { code, stdout } = await runAction();
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '3 resources of Genesys Cloud in 1 template: nothing found\n',
  });
});

test('a fault is 1, and GitHub shows it at its line', async () => {
  await put(FAULTY, 'faulty.yaml');
  const { code, stdout } = await runAction();
  expect(code).toBe(1);
  expect(stdout).toMatch(/^::error file=faulty\.yaml,line=57,col=15,title=value::/);
});

test('only the named paths are checked, one on each line, with spaces in them', async () => {
  await put(SOUND, 'my stacks/one.yaml');
  await put(SOUND, 'two.yaml');
  await put(FAULTY, 'faulty.yaml');
  const { code, stdout } = await runAction({ paths: 'my stacks\r\n\ntwo.y*ml\n' });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '6 resources of Genesys Cloud in 2 templates: nothing found\n',
  });
});

test('strict makes a warning a fault', async () => {
  await put(WARNED, 'warned.yaml');
  expect((await runAction()).code).toBe(0);
  expect((await runAction({ strict: 'true' })).code).toBe(1);
});

test('sarif writes a log for code scanning, also where there are faults, and names it as an output', async () => {
  await put(FAULTY, 'faulty.yaml');
  expect((await runAction({ format: 'sarif' })).code).toBe(1);
  const output = await readFile(join(temporary, 'output'), 'utf8');
  const file = join(temporary, 'genesys-cloud-cfn.sarif');
  expect(output).toBe(`sarif-file=${file}\n`);
  expect(outputs['sarif-file']?.value).toBe('${{ steps.validate.outputs.sarif-file }}');
  expect(runs.steps.at(-1)?.id).toBe('validate');
  const { runs: logs } = JSON.parse(await readFile(file, 'utf8'));
  expect(logs[0].results).toHaveLength(1);
});

test.each([
  ['a path that is not there', { paths: 'gone.yaml' }],
  ['no path', { paths: '' }],
  ['an unknown format', { format: 'pretty' }],
  ['strict that is neither true nor false', { strict: 'yes' }],
])('%s is 2, and says why', async (_what, given) => {
  await put(SOUND, 'sound.yaml');
  const { code, stdout, stderr } = await runAction(given);
  expect(code).toBe(2);
  expect(stdout + stderr).toMatch(/::error::|genesys-cloud-cfn: /);
});

const HOSTILE = [
  '$(touch owned)',
  '`touch owned`',
  '"; touch owned; "',
  "'; touch owned; '",
  '; touch owned #',
  '$' + '{{ github.token }}',
  '--watch',
  '--format',
  '-e',
];

test.each(HOSTILE)('the input %s is text, whichever input it is', async (text) => {
  await put(SOUND, 'sound.yaml');
  for (const name of Object.keys(inputs)) {
    const { code } = await runAction({ [name]: text });
    expect(code).toBe(2);
  }
  expect(existsSync(join(workspace, 'owned'))).toBe(false);
});

test.each(HOSTILE)('a template named %s.yaml is checked like any other', async (text) => {
  await put(FAULTY, `${text}.yaml`);
  for (const paths of [`${text}.yaml`, '.']) {
    const { code, stdout } = await runAction({ paths });
    expect(code).toBe(1);
    expect(stdout.split('\n')[0]).toMatch(/^::error file=.+,line=57,/);
  }
  expect(existsSync(join(workspace, 'owned'))).toBe(false);
});

describe('the first step', () => {
  const [build] = runs.steps;

  /** A folder of programs that come before those of the machine. */
  async function programs(scripts: Record<string, string>): Promise<NodeJS.ProcessEnv> {
    const folder = join(temporary, 'bin');
    await mkdir(folder);
    for (const [name, script] of Object.entries(scripts))
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: `${folder}:${process.env['PATH']}` };
  }

  test('builds the command in the folder of the action where it is not built', async () => {
    if (build === undefined) throw new Error('there is no step');
    const empty = join(temporary, 'empty');
    await mkdir(empty);
    const env = { ...(await programs({ npm: 'echo "$PWD: npm $*"' })), GITHUB_ACTION_PATH: empty };
    expect((await runStep(build, {}, env)).stdout).toBe(`${empty}: npm run prepare\n`);
    const built = { ...env, GITHUB_ACTION_PATH: action };
    expect(await runStep(build, {}, built)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('says which Node is needed where the build fails', async () => {
    if (build === undefined) throw new Error('there is no step');
    const env = { ...(await programs({ npm: 'exit 1' })), GITHUB_ACTION_PATH: temporary };
    const { code, stdout } = await runStep(build, {}, env);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^::error::.*Node 22\.18/);
  });
});
