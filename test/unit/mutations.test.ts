/** Every deliberate defect of `make mutants` fits the source, so that the command can put it in. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mutants } from '../../scripts/checks/mutations.ts';

const root = resolve(import.meta.dirname, '../..');

test.each(mutants.map(({ name, file, find, replace }) => [name, file, find, replace]))(
  '%s: its place stands once in %s',
  (_name, file = '', find = '', replace) => {
    expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  },
);
