/** README's table of permissions is the one that the resource types declare. */
import { resourceTypes } from '../../provider/resources/index.ts';
import { readPage, section } from './markdown.ts';

const named = (text: string) => [...text.matchAll(/`([a-z]+:[A-Za-z]+:[a-z]+)`/g)].map(([, name]) => name);

test('README asks for the permissions of the types, and for no others', async () => {
  const table = section(await readPage('README.md'), '### 1. A role and an OAuth client in Genesys Cloud');
  const declared = resourceTypes.flatMap(({ about }) => [
    ...about.permissions,
    ...Object.values(about.furtherPermissions ?? {}),
  ]);
  expect([...new Set(named(table))].sort()).toEqual([...new Set(declared)].sort());
});
