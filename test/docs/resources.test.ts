/** The reference pages list exactly the properties of the provider's schemas. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { messageOf } from '../../common/errors.ts';
import {
  isOptional,
  type PropertySchema,
  parseProperties,
  shapeOf,
} from '../../provider/properties/index.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { typePage } from '../../scripts/build/type-lists.ts';
import { codeBlocks, readPage, root, section } from './markdown.ts';

interface Field {
  required: boolean;
  /** For an object with known fields. */
  fields?: Record<string, Field>;
}

function fieldsOf(schema: unknown): Record<string, Field> {
  return Object.fromEntries(
    Object.entries(shapeOf(schema) ?? {}).map(([name, field]) => [
      name,
      {
        required: !isOptional(field),
        ...(shapeOf(field) === undefined ? {} : { fields: fieldsOf(field) }),
      },
    ]),
  );
}

const headings = (text: string, level: number) =>
  [...text.matchAll(new RegExp(`^${'#'.repeat(level)} (.*)$`, 'gm'))].map((match) => match[1] ?? '');

/** The tags of CloudFormation and their content do not matter here. */
const cloudFormationTags = ['!Ref', '!GetAtt', '!Sub', '!ImportValue'].map((tag) => ({
  tag,
  resolve: (value: string) => value,
}));

const types = resourceTypes.map(({ typeName, schema, attributes, replacement }) => ({
  typeName,
  schema,
  page: typePage(typeName),
  fields: fieldsOf(schema),
  attributes,
  replacement: replacement as readonly string[],
}));

test('every page of docs/resources is the page of a resource type', async () => {
  const files = await readdir(join(root, 'docs/resources'));
  expect(files.map((name) => `docs/resources/${name}`).sort()).toEqual(types.map(({ page }) => page).sort());
});

describe.each(types)('$page', ({ typeName, schema, page, fields, attributes, replacement }) => {
  let text = '';
  beforeAll(async () => {
    text = await readPage(page);
  });

  test('is named for its type', () => {
    expect(text.split('\n')[0]).toBe(`# ${typeName}`);
  });

  test('has every property of the schema, in its order, and no other', () => {
    expect(headings(section(text, '## Properties'), 3)).toEqual(Object.keys(fields));
  });

  test('has every field of every object', () => {
    const nested = Object.entries(fields).flatMap(([name, field]) =>
      Object.keys(field.fields ?? {}).map((inner) => `${name}.${inner}`),
    );
    expect(headings(section(text, '## Properties'), 4)).toEqual(nested);
  });

  test('says of each property whether it is required', () => {
    const said = (heading: string) =>
      /^- \*Required\*: (Yes|No|Conditional)/m.exec(section(text, heading))?.[1];
    for (const [name, field] of Object.entries(fields)) {
      expect({ name, required: said(`### ${name}`) === 'Yes' }).toEqual({ name, required: field.required });
      expect(said(`### ${name}`)).toBeDefined();
      for (const [inner, { required }] of Object.entries(field.fields ?? {})) {
        const path = `${name}.${inner}`;
        expect({ path, required: said(`#### ${path}`) === 'Yes' }).toEqual({ path, required });
        expect(said(`#### ${path}`)).toBeDefined();
      }
    }
  });

  test('says of each property what an update of it does', () => {
    for (const name of Object.keys(fields)) {
      const said = /^- \*Update requires\*: (.*)$/m.exec(section(text, `### ${name}`))?.[1];
      const expected = replacement.includes(name)
        ? 'Replacement'
        : name === 'ServiceToken'
          ? expect.stringMatching(/^Updates are not supported/)
          : name === 'ExistingId'
            ? expect.stringMatching(/^Replacement, where it names another/)
            : 'No interruption';
      expect({ name, said }).toEqual({ name, said: expected });
    }
  });

  test('shows every property in both forms of the syntax', () => {
    const yaml = parse(codeBlocks(section(text, '### YAML'), 'yaml')[0] ?? '');
    expect(yaml.Type).toBe(typeName);
    expect(Object.keys(yaml.Properties)).toEqual(Object.keys(fields));
    for (const [name, { fields: inner }] of Object.entries(fields))
      if (inner) expect(Object.keys(yaml.Properties[name])).toEqual(Object.keys(inner));
    const json = codeBlocks(section(text, '### JSON'), 'json')[0] ?? '';
    const names = [...json.matchAll(/^ {4}"(\w+)": /gm)].map((match) => match[1]);
    expect(names).toEqual(Object.keys(fields));
  });

  test('has every attribute, and no other', () => {
    const rows = [...section(text, '### Fn::GetAtt').matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    expect(rows).toEqual([...attributes]);
  });

  test('has examples that a schema takes: required properties, and no unknown one', () => {
    const blocks = codeBlocks(section(text, '## Examples'), 'yaml').map((block) =>
      parse(block, { customTags: cloudFormationTags }),
    );
    const examples = blocks
      .flatMap((block) =>
        Object.values(block as Record<string, { Type: string; Properties: Record<string, unknown> }>),
      )
      .filter(({ Type }) => Type === typeName);
    expect(examples.length).toBeGreaterThan(0);
    for (const { Properties } of examples) expect(gapsOf(schema, Properties)).toEqual([]);
  });
});

/** Unknown and missing properties. Values are placeholders on these pages, so their form does not matter. */
function gapsOf(schema: PropertySchema<never>, properties: Record<string, unknown>): string[] {
  try {
    parseProperties(schema, properties);
    return [];
  } catch (error) {
    return messageOf(error)
      .split('; ')
      .filter((problem) => /is unknown|is required|and \d+ more/.test(problem));
  }
}
