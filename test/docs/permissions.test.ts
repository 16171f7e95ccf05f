/** The permissions that the pages ask for are those that the resource types declare. */
import { resourceTypes } from '../../provider/resources/index.ts';
import { typePage } from '../../scripts/build/type-lists.ts';
import { readPage, section } from './markdown.ts';

const named = (text: string) =>
  [...new Set([...text.matchAll(/`([a-z]+:[A-Za-z]+:[a-z]+)`/g)].map(([, name]) => name))].sort();

const declaredBy = ({ about }: (typeof resourceTypes)[number]) => [
  ...about.permissions,
  ...Object.values(about.furtherPermissions ?? {}),
];

test('getting started asks for the permissions of the types, and for no others', async () => {
  const table = section(await readPage('docs/getting-started.md'), '## The role and the OAuth client');
  expect(named(table)).toEqual([...new Set(resourceTypes.flatMap(declaredBy))].sort());
});

test.each(resourceTypes.map((type) => ({ page: typePage(type.typeName), type })))(
  '$page asks for the permissions of its type, and for no others',
  async ({ page, type }) => {
    const line = /^OAuth permissions: .*$/m.exec(await readPage(page))?.[0] ?? '';
    expect(named(line)).toEqual(declaredBy(type).toSorted());
  },
);
