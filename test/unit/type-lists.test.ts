import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { typeLists } from '../../scripts/build/type-lists.ts';

const root = resolve(import.meta.dirname, '../..');

test.each(Object.entries(typeLists))(
  '%s has the resource types of the provider (else: make generate)',
  async (file, current) => {
    const text = await readFile(join(root, file), 'utf8');
    expect(current(text)).toBe(text);
  },
);
