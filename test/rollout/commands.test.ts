/**
 * Every roll-out command that the docs print works as printed: make passes its options on, and the script
 * knows them.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

interface Ended {
  code: number;
  text: string;
}

const run = (command: string, args: string[]) =>
  new Promise<Ended>((done) => {
    execFile(command, args, { cwd: root }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), text: `${stdout}${stderr}` }),
    );
  });

const usages = new Map<string, Promise<Ended>>();

/** The usage of a script, asked for once, because each start of a script takes a second of processor time. */
function usageOf(script: string): Promise<Ended> {
  const known = usages.get(script) ?? run(process.execPath, [script, '--help']);
  usages.set(script, known);
  return known;
}

const printed = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => [
    ...readFileSync(join(root, 'docs', name), 'utf8').matchAll(
      /^make (?:publish|deploy|deploy-stackset|move-ledger|remove) [^\n#]+/gm,
    ),
  ])
  .map(([line]) => line.trim());

test('the docs print every command of the roll-out', () => {
  const targets = new Set(printed.map((line) => line.split(' ')[1]));
  expect([...targets].sort()).toEqual(['deploy', 'deploy-stackset', 'move-ledger', 'publish', 'remove']);
});

test.each([...new Set(printed)])(
  'every option of a printed command is an option of its script: %s',
  async (line) => {
    // The shell reads the line as a person's shell would. With -n, make prints the recipe and runs nothing.
    const { code, text } = await run('sh', ['-c', line.replace(/^make /, 'make -n ')]);
    expect(code).toBe(0);
    const called =
      /node (scripts\/rollout\/commands\/(?:publish|deploy|deploy-stackset|move-ledger|remove)\.ts) (.*)/.exec(
        text,
      );
    const [, script = '', options = ''] = called ?? [];
    const { code: usage, text: help } = await usageOf(script);
    expect(usage).toBe(0);
    const used = options.match(/--[a-z-]+/g) ?? [];
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((option) => !help.includes(option))).toEqual([]);
  },
);

test.each(['publish', 'deploy', 'deploy-stackset', 'move-ledger', 'remove'])(
  '--help of %s lists its options, and every option that the Makefile passes on',
  async (script) => {
    const { code, text } = await usageOf(`scripts/rollout/commands/${script}.ts`);
    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`^node scripts/rollout/commands/${script}\\.ts --`));
    const source = readFileSync(join(root, `scripts/rollout/commands/${script}.ts`), 'utf8');
    const [, declared = ''] = /parseArgs\(\{\n {4}args,\n {4}options: \{\n(.*?)\n {4}\},/s.exec(source) ?? [];
    const options = [...declared.matchAll(/^ {6}'?([a-z-]+)'?: \{/gm)].map(([, name]) => `--${name}`);
    expect(options).toContain('--help');
    const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
    const [recipe = ''] = new RegExp(`node scripts/rollout/commands/${script}\\.ts.*`).exec(makefile) ?? [];
    const passed = [...recipe.matchAll(/,([a-z][a-z-]*)\)|--([a-z-]+)/g)].map(([, a, b]) => `--${a ?? b}`);
    expect(passed.length).toBeGreaterThan(3);
    const needed = [...options.filter((option) => option !== '--help'), ...passed];
    expect(needed.filter((option) => !text.includes(option))).toEqual([]);
  },
);

test.each([
  ['publish', '--parallel', '0'],
  ['publish', '--parallel', 'many'],
  ['deploy', '--concurrency', '1.5'],
  ['deploy', '--concurrency', ''],
  ['deploy', '--failure-tolerance', '5%'],
  ['deploy', '--failure-tolerance', '-1'],
  ['remove', '--concurrency', 'NaN'],
  ['deploy-stackset', '--poll-seconds', '0'],
])('%s %s %j is refused before anything is called', async (script, option, value) => {
  const { code, text } = await run(process.execPath, [
    `scripts/rollout/commands/${script}.ts`,
    ...(script === 'remove' ? [] : ['--bucket-prefix', 'acme']),
    ...['--regions', 'eu-west-1', `${option}=${value}`],
  ]);
  expect([code, text]).toEqual([2, expect.stringContaining(`${option} is a`)]);
  expect(text).toContain('--help lists the options.');
});
