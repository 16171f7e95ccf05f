/**
 * The update check as a release runs it: a command in a git checkout, which compares with the last release's
 * tag.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { releasedTemplate } from '../support/released-template.ts';

const root = resolve(import.meta.dirname, '../..');
let folder: string;
const run = (command: string, ...args: string[]) =>
  new Promise<{ code: number; text: string }>((done) => {
    execFile(command, args, { cwd: folder }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), text: `${stdout}${stderr}` }),
    );
  });
const check = () => run(process.execPath, 'scripts/release/update-check.ts');
const write = (template: string, version: string) =>
  Promise.all([
    writeFile(join(folder, 'templates/a.yaml'), template),
    writeFile(join(folder, 'package.json'), JSON.stringify({ version, type: 'module' })),
  ]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'update-check-'));
  await mkdir(join(folder, 'templates'));
  await cp(join(root, 'scripts/build/templates'), join(folder, 'scripts/build/templates'), {
    recursive: true,
  });
  await cp(join(root, 'scripts/release'), join(folder, 'scripts/release'), { recursive: true });
  for (const name of ['node_modules', '.tools']) await symlink(join(root, name), join(folder, name));
  await write(releasedTemplate, '1.0.0');
  await run('git', 'init', '-q');
  await run('git', 'add', 'templates', 'package.json');
  await run('git', '-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '-qm', 'one');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('passes with a note before the first release, and compares with its tag from then on', async () => {
  expect(await check()).toEqual({ code: 0, text: expect.stringContaining('No release before 1.0.0') });
  await run('git', 'tag', 'v1.0.0');
  await write(releasedTemplate.replace('  Size: {', '  Extent: {'), '1.1.0');
  expect(await check()).toEqual({
    code: 1,
    text: expect.stringMatching(
      /major {2}templates\/a\.yaml: parameter Size is gone\n.*1 findings, 1 not allowed/,
    ),
  });
  await write(releasedTemplate.replace('  Size: {', '  Extent: {'), '2.0.0');
  expect(await check()).toMatchObject({ code: 0 });
  await write(releasedTemplate.replace("'${Name}-ledger'", "'${Name}-table'"), '2.0.0');
  expect(await check()).toMatchObject({ code: 1 });
  await rm(join(folder, 'templates/a.yaml'));
  expect((await check()).text).toContain('the template is gone');
});
