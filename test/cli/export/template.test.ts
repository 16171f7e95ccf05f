/** The parts of a template: names, quotes, limits, and which headers may be secret. */
import fc from 'fast-check';
import { parse } from 'yaml';
import { mayBeSecret } from '../../../cli/export/headers.ts';
import { logicalIdsOf } from '../../../cli/export/logical-ids.ts';
import { distribute, MOST } from '../../../cli/export/parts.ts';
import { jsonText, linesOf, Text } from '../../../cli/export/yaml.ts';
import { HOSTILE_NAMES } from './organization.ts';

const read = (text: string) => parse(text, { schema: 'yaml-1.1', merge: false, maxAliasCount: 0 });

describe('texts', () => {
  test.each(HOSTILE_NAMES.map((name) => [name]))(
    '%j comes back as it was, as a value and as a name',
    (name) => {
      const text = linesOf({ Outer: { [name]: name, list: [name] } }).join('\n');
      expect(read(text)).toEqual({ Outer: { [name]: name, list: [name] } });
    },
  );

  test('of any kind come back as they were, and no line is longer than its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.jsonValue(), (text, value) => {
        const lines = linesOf({ Text: text, Json: new Text(jsonText(value)), After: 1 });
        const back = read(lines.join('\n')) as { Text: string; Json: string };
        expect(back).toMatchObject({ Text: text, After: 1 });
        expect(JSON.parse(back.Json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('logical ids', () => {
  const integration = (id: string, name: string) => ({ id, name, noun: 'Integration', isNounShown: true });
  const dataAction = (id: string, name: string, known?: string) => ({
    ...{ id, name, noun: 'Action', isNounShown: false },
    ...(known === undefined ? {} : { known }),
  });

  test.each([
    ['Get order (v2)', 'GetOrderV2'],
    ['Kunde prüfen', 'KundePrufen'],
    ['2nd try', 'Action2ndTry'],
    ['電話', expect.stringMatching(/^Action[0-9a-f]{6}$/)],
    ['', expect.stringMatching(/^Action[0-9a-f]{6}$/)],
  ])('%j is %s', (name, expected) => {
    expect(logicalIdsOf([dataAction('a', name)], []).get('a')).toEqual(expected);
  });

  test('an integration ends in its kind, once', () => {
    const ids = logicalIdsOf([integration('a', 'Orders'), integration('b', 'Billing integration')], []);
    expect([...ids.values()]).toEqual(['OrdersIntegration', 'BillingIntegration']);
  });

  test('names that are alike, even in capitals, get digits of their ids, in any order the same', () => {
    const objects = [dataAction('a', 'Get order'), dataAction('b', 'GET ORDER'), dataAction('c', 'getOrder')];
    const ids = logicalIdsOf(objects, []);
    expect(new Set([...ids.values()].map((id) => id.toLowerCase())).size).toBe(3);
    for (const id of ids.values()) expect(id).toMatch(/^get_?order[0-9a-f]{6}$/i);
    const turned = logicalIdsOf([...objects].reverse(), []);
    expect(Object.fromEntries(turned)).toEqual(Object.fromEntries(ids));
  });

  test('an object of a stack keeps the logical id that it has there, and none takes the name of a parameter', () => {
    const ids = logicalIdsOf(
      [dataAction('a', 'Other', 'Mine'), dataAction('b', 'LambdaRegion')],
      ['LambdaRegion'],
    );
    expect(ids.get('a')).toBe('Mine');
    expect(ids.get('b')).toMatch(/^LambdaRegion[0-9a-f]{6}$/);
  });

  test('are unique whatever the names are', () => {
    const names = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 40 });
    fc.assert(
      fc.property(names, (all) => {
        const ids = logicalIdsOf(
          all.map((name, index) => dataAction(`id-${index}`, name)),
          ['Taken'],
        );
        expect(new Set([...ids.values()].map((id) => id.toLowerCase())).size).toBe(all.length);
        for (const id of ids.values()) expect(id).toMatch(/^[A-Za-z][A-Za-z0-9]{0,254}$/);
      }),
    );
  });
});

describe('parts', () => {
  const small = () => ({ bytes: 1, parameters: 0 });
  const group = (length: number) => Array.from({ length }, (_, index) => index);

  test('a group that fits stays together, and one that fits nowhere goes on where there is room', () => {
    const counts = (groups: number[]) => distribute(groups.map(group), small).map(({ length }) => length);
    expect(counts([])).toEqual([]);
    expect(counts([10, 20])).toEqual([30]);
    expect(counts([MOST.resources - 5, 10])).toEqual([MOST.resources - 5, 10]);
    expect(counts([1, 2 * MOST.resources])).toEqual([MOST.resources, MOST.resources, 1]);
  });

  test('bytes and parameters count as well', () => {
    const half = { bytes: MOST.bytes / 2, parameters: 0 };
    expect(distribute([group(5)], () => half).map(({ length }) => length)).toEqual([2, 2, 1]);
    const many = { bytes: 1, parameters: MOST.parameters };
    expect(distribute([group(2)], () => many).map(({ length }) => length)).toEqual([1, 1]);
  });
});

test.each([
  ['Authorization', 'Bearer abcdef', true],
  ['Authorization', 'x', true],
  ['Authorization', 'Bearer ${authResponse.access_token}', false],
  ['Authorization', 'Bearer $authResponse.access_token', false],
  ['Authorization', 'Bearer $ecret', true],
  ['x-api-key', '${credentials.apiKey}', false],
  ['x-api-key', '1', true],
  ['X-Tenant', 'acme-corporation', true],
  ['X-Version', '2', false],
  ['Content-Type', 'application/json; charset=utf-8', false],
  ['Set-Cookie', 'a=b', true],
])('the header %s with %j may be secret: %s', (name, value, expected) => {
  expect(mayBeSecret(name, value)).toBe(expected);
});
