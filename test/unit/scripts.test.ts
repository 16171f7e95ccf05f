/**
 * A script that does its work when it is imported cannot be tested or used by another one. So every program
 * has its work in an exported `run`, and calls it only as the main module.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSync, type Statement } from '@swc/core';

const root = resolve(import.meta.dirname, '../..');
const files = ['scripts', 'cli'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith('.ts')),
);
/** The entry of the package's command; nothing imports it. */
const COMMAND = 'cli/index.ts';

const MAIN = 'if (import.meta.main)';

/** Kinds of statements of a file's top level that do something, other than `if (import.meta.main)`. */
function work(source: string): string[] {
  const { body } = parseSync(source, { syntax: 'typescript', target: 'es2022' });
  return body
    .filter((statement) => !isMain(statement))
    .flatMap(({ type }) => (/Declaration$|^Ts|^Export|^EmptyStatement$/.test(type) ? [] : [type]));
}

/** Whether a statement is `if (import.meta.main) …`. */
const isMain = (statement: Statement | { type: string }) =>
  'test' in statement &&
  statement.test?.type === 'MemberExpression' &&
  statement.test.object.type === 'MetaProperty' &&
  statement.test.property.type === 'Identifier' &&
  statement.test.property.value === 'main';

test.each(files.filter((file) => file !== COMMAND))('%s does nothing when it is imported', (file) => {
  expect(work(readFileSync(join(root, file), 'utf8'))).toEqual([]);
});

test('every program exports `run`', () => {
  const programs = files.filter((file) => readFileSync(join(root, file), 'utf8').includes(MAIN));
  expect(programs.length).toBeGreaterThan(10);
  expect(
    programs.filter(
      (file) => !/^export (async )?function run\(/m.test(readFileSync(join(root, file), 'utf8')),
    ),
  ).toEqual([]);
});

test('work at the top level is found', () => {
  expect(work('const a = 1;\nexport function run() {}\nawait run();\n')).toEqual(['ExpressionStatement']);
});
