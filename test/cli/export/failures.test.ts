/** Each refusal of an export is one line that says what to do. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../../../local/provider/world.ts';
import { actionByHand } from '../../protocol/by-hand.ts';
import { exported, filesOf, inWorldWithFolder } from './running.ts';

/** An action of web services that somebody made. */
const webAction = (world: World) =>
  actionByHand(world, {
    integrationId: world.webServicesId,
    config: { request: { requestUrlTemplate: 'https://example.com/', requestType: 'GET' }, response: {} },
  });

const all = (world: World, folder: string, ...args: string[]) =>
  exported(world, '--all', '--output', folder, ...args);

const oneLine = (problems: string) => {
  expect(problems.trim().split('\n')).toHaveLength(1);
  return problems;
};

test('a folder with other files is refused and left as it is; --force writes beside them', () =>
  inWorldWithFolder(async (world, folder) => {
    webAction(world);
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const { code, out, problems } = await all(world, folder);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(oneLine(problems)).toContain(
      'has other files, such as notes.txt. Name an empty folder, or give --force',
    );
    expect(await filesOf(folder)).toEqual({ 'notes.txt': 'mine' });
    const forced = await all(world, folder, '--force');
    expect(forced).toMatchObject({ code: 0, problems: '' });
    expect(forced.out).toContain(`1 file of ${folder} left as they were: notes.txt`);
    expect(await filesOf(folder)).toMatchObject({ 'notes.txt': 'mine', 'template.yaml': expect.any(String) });
  }));

test('a folder with the same bytes is written again; with other bytes only by --force', () =>
  inWorldWithFolder(async (world, folder) => {
    webAction(world);
    expect(await all(world, folder)).toMatchObject({ code: 0 });
    const files = await filesOf(folder);
    expect(await all(world, folder)).toMatchObject({ code: 0 });
    const template = join(folder, 'template.yaml');
    await writeFile(template, '# mine');
    const { code, problems } = await all(world, folder);
    expect(code).toBe(2);
    expect(oneLine(problems)).toContain('has another template.yaml');
    expect(await readFile(template, 'utf8')).toBe('# mine');
    expect(await all(world, folder, '--force')).toMatchObject({ code: 0 });
    expect(await filesOf(folder)).toEqual(files);
  }));

test('the same export into the present folder is written again', () =>
  inWorldWithFolder(async (world, folder) => {
    webAction(world);
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(await all(world, '.')).toMatchObject({ code: 0, problems: '' });
      const files = await filesOf(folder);
      expect(await all(world, '.')).toMatchObject({ code: 0, problems: '' });
      expect(await filesOf(folder)).toEqual(files);
    } finally {
      process.chdir(before);
    }
  }));

test('a place that cannot be written is refused before the first call', () =>
  inWorldWithFolder(async (world, folder) => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    world.genesys.resetCalls();
    const asFile = await all(world, file);
    expect(asFile.code).toBe(2);
    expect(oneLine(asFile.problems)).toContain(`${file} is a file, and --output needs a folder.`);
    const beneath = await all(world, join(file, 'deeper'));
    expect(beneath.code).toBe(2);
    expect(oneLine(beneath.problems)).toContain('(ENOTDIR)');
    expect(world.genesys.calls()).toEqual([]);
  }));

test.each([
  [[], 'nothing is selected'],
  [['--all', '--stack', 'a'], '--stack and --all are two selections'],
  [['--all', 'more'], 'export takes options only, and not more'],
  [['--all', '--format', 'xml'], 'no format xml'],
])('%j is a wrong call, and shows the usage', (args, message) =>
  inWorldWithFolder(async (world, folder) => {
    const { code, problems } = await exported(world, ...args, '--output', folder);
    expect(code).toBe(2);
    expect(problems).toContain(message);
    expect(problems).toContain('Usage: genesys-cloud-cfn export');
  }),
);

test('without --output nothing is done', () =>
  inWorldWithFolder(async (world) => {
    const { code, problems } = await exported(world, '--all');
    expect(code).toBe(2);
    expect(problems).toContain('--output <folder> is missing');
  }));

test('a look that cannot be taken ends with one line, and no file', () =>
  inWorldWithFolder(async (world, folder) => {
    webAction(world);
    const path = '/api/v2/integrations/actions/{actionId}';
    world.genesys.faults({ match: { method: 'GET', path, count: 'every' }, action: { status: 403 } });
    const { code, out, problems } = await all(world, folder);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(oneLine(problems)).toContain('integrations:action:view');
    expect(await filesOf(folder)).toEqual({});
  }));

test('an action that is deleted while the export reads is left out with its reason', () =>
  inWorldWithFolder(async (world, folder) => {
    const id = webAction(world);
    const path = `/api/v2/integrations/actions/${id}`;
    world.genesys.faults({ match: { method: 'GET', path, count: 'every' }, action: { status: 404 } });
    const { code, out } = await all(world, folder);
    expect(code).toBe(0);
    expect(out).toContain(`(${id}) was deleted in the meantime`);
  }));

test('the folder is made, with its parents', () =>
  inWorldWithFolder(async (world, folder) => {
    webAction(world);
    await mkdir(join(folder, 'there'));
    expect(await all(world, join(folder, 'there/and/deeper'))).toMatchObject({ code: 0 });
    expect(Object.keys(await filesOf(folder))).toContain('there/and/deeper/template.yaml');
  }));
