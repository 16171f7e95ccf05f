/** A misspelt property is answered with the right name, at every depth and for every resource type. */
import { isOptional, kindOf, parseProperties, shapeOf } from '../../../provider/properties/index.ts';
import { resourceTypes } from '../../../provider/resources/index.ts';

/** A property of an object: where the object is, its own name, and the names beside it. */
interface Named {
  above: string[];
  name: string;
  siblings: string[];
}

/** Every property of a schema, those of the forms of a property included. */
function named(schema: unknown, above: string[] = []): Named[] {
  const siblings = Object.entries(shapeOf(schema) ?? {});
  return siblings.flatMap(([name, part]) => [
    { above, name, siblings: siblings.map(([sibling]) => sibling) },
    ...formsOf(part).flatMap((form) => named(form, [...above, name])),
  ]);
}

/** A strict object, or the strict objects among the forms of a property. */
function formsOf(part: unknown): unknown[] {
  const inner = isOptional(part)
    ? (part as { _zod: { def: { innerType: unknown } } })._zod.def.innerType
    : part;
  const kind = kindOf(inner as object);
  // The file of a definition may have more members than the provider knows.
  return kind?.kind === 'forms' ? [kind.forms['S3'], kind.forms['Secret']] : [part];
}

/** One letter too few, one too many, two that changed places, and one in the wrong case. */
function misspellings(name: string): string[] {
  const middle = Math.floor(name.length / 2);
  const [a = '', b = ''] = name.slice(middle - 1, middle + 1);
  return [
    name.slice(0, -1),
    name.slice(0, middle) + name.slice(middle + 1),
    `${name.slice(0, middle)}x${name.slice(middle)}`,
    // In a name of two letters nothing of it would be left.
    ...(name.length > 2 ? [name.slice(0, middle - 1) + b + a + name.slice(middle + 1)] : []),
    name.charAt(0).toLowerCase() + name.slice(1),
  ];
}

/** `{ Request: { Typ: 'x' } }`. */
const nested = ([first, ...rest]: string[], name: string): Record<string, unknown> =>
  first === undefined ? { [name]: 'x' } : { [first]: nested(rest, name) };

const cases = resourceTypes.flatMap(({ typeName, schema }) =>
  named(schema).flatMap(({ above, name, siblings }) =>
    misspellings(name)
      .filter((misspelt) => !siblings.includes(misspelt))
      .map((misspelt) => ({ typeName, schema, above, name, misspelt })),
  ),
);

const problemsOf = ({ schema, above, misspelt }: (typeof cases)[number]): string => {
  try {
    parseProperties(schema, nested(above, misspelt));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test('there are cases at every depth', () => {
  expect(new Set(cases.map(({ above }) => above.length))).toEqual(new Set([0, 1, 2]));
});

test('a property that is misspelt by a letter is answered with its right name', () => {
  const wrong = cases.filter((one) => {
    const at = [...one.above, one.misspelt].join('.');
    const right = [...one.above, one.name].join('.');
    return !problemsOf(one).includes(`${at} is unknown: did you mean ${right}?`);
  });
  expect(
    wrong.map(({ typeName, above, misspelt }) => `${typeName} ${[...above, misspelt].join('.')}`),
  ).toEqual([]);
});
