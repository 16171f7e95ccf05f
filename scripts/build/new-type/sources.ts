/** The source files of a new type, below provider/resources/. The formatter puts them in order. */
import { MARK } from './open-points.ts';
import type { Plan } from './plan.ts';

/** Comments of files whose type is written by PUT, and of the others. */
const WHOLE = '/** A PUT replaces everything, so it sends these back where no property gives them. */';
const PART = '/** The fields that putting back writes again. */';
const REPLACES = 'Replaces everything; fields that are not given stay as they are there.';
const WRITES = 'Writes the given fields.';

/** A comment that is an open point. */
const todo = (sentence: string) => `// ${MARK}: ${sentence}`;

/** The files by name. */
export const sourcesOf = (plan: Plan): Record<string, string> => ({
  'index.ts': index(plan),
  'schema.ts': schema(plan),
  'mapping.ts': mapping(plan),
  'api.ts': api(plan),
  'description.ts': description(plan),
  'drift.ts': drift(plan),
});

const index = ({ names, models, calls, hasDescription, replaces }: Plan) => `/**
 * \`${names.typeName}\`, and nothing that other types need.
 * \`schema.ts\` has the properties, \`mapping.ts\` makes Genesys Cloud's models of them, \`api.ts\` has the calls.
 */
import type { Models } from 'purecloud-platform-client-v2';
import { collection } from '../../lifecycle/collection.ts';
import { api, write } from './api.ts';
import { about } from './description.ts';
import { drift } from './drift.ts';
import { stateOf } from './mapping.ts';
import { ${hasDescription ? 'canonical, ' : ''}type ${names.short}Properties, schema } from './schema.ts';

export const ${names.constant} = collection<${names.short}Properties, ${names.short}Properties, Models.${models.answer}, undefined>({
  typeName: '${names.typeName}',
  kind: '${names.kebab}',
  noun: '${names.noun}',
  ${todo(`say servedByDefault: false if it decides about the whole organization.`)}
  servedByDefault: true,
  about,
  drift,
  schema,
  ${hasDescription ? 'canonical,' : ''}
  ${todo(
    replaces
      ? 'name the properties that cannot change in place; inputs_1_replace.json changes one.'
      : 'name the properties that cannot change in place; then add inputs_1_replace.json.',
  )}
  replacement: [],
  ${todo('name the attributes that a template may read, the id first; finish answers them.')}
  attributes: ['${names.short}Id', 'Name'],
  nameOf: ({ Name }) => Name,
  api,
  prepare: async () => undefined,
  ${todo('add uniqueNames, as data-action/ has it, if Genesys Cloud refuses a name twice.')}
  adoption: {
    refuseOther() {
      ${todo('refuse one that differs in what cannot change in place, as data-action/ does.')}
    },
    stateOf: async (found) => stateOf(found),
    async restore(id, state, operation) {
      ${calls.change.method === 'PUT' ? '// A field that it did not have goes, although the object has it now.\n      ' : ''}await write(id, stateOf(state as Models.${models.answer}), undefined, operation);
    },
  },

  async finish({ id, properties: { Name } }) {
    ${todo('wait here until the object works, if Genesys Cloud needs time for that.')}
    return { id, attributes: { ${names.short}Id: id, Name } };
  },
});
`;

const schema = ({
  names,
  hasDescription,
  unused,
  models,
}: Plan) => `/** The properties of ${names.one}, and the rules between them. */
import * as z from 'zod/mini';
import { adoptionProperties, eitherOfBoth } from '../../lifecycle/adoption.ts';
import { commonProperties } from '../../lifecycle/resource-type.ts';
import { text } from '../../properties/index.ts';

const properties = z.strictObject({
  ...commonProperties,
  ${todo('give its length, with the source. description.ts and the page say it too.')}
  Name: text({ max: 256 }),
  ${hasDescription ? 'Description: z.optional(text({ min: 0, max: 1024 })),' : ''}
${propertiesToAdd(models.make, unused)}
  ...adoptionProperties,
});

export const schema = properties.check(eitherOfBoth());

export type ${names.short}Properties = z.infer<typeof schema>;
${
  hasDescription
    ? `
/** Properties of equal objects are equal here: a default counts as written out. */
export const canonical = (written: ${names.short}Properties): unknown => ({
  ...written,
  Description: written.Description ?? '',
});`
    : ''
}
`;

function propertiesToAdd(model: string, unused: string[]): string {
  if (unused.length === 0) return '';
  const lines = [`// ${model} has`];
  for (const name of unused) {
    const last = lines.at(-1) ?? '';
    if (last.length + name.length > 90) lines.push(`// ${name}`);
    else lines[lines.length - 1] = `${last}${last.endsWith(' has') ? ' ' : ', '}${name}`;
  }
  return [
    todo('add the properties that a template sets, out of these fields. Delete their list.'),
    ...lines,
  ].join('\n  ');
}

/** Fields that a model requires and no property gives yet; the cast makes the file compile until then. */
const unfilled = (fields: string[]) =>
  fields
    .map(
      (field) => `${todo(`${field} is required: take it from a property.`)}\n  ${field}: undefined as never,`,
    )
    .join('\n');

function mapping({ names, models, calls, hasDescription, kept, otherwise, missing }: Plan): string {
  const own = hasDescription ? '{ Name, Description }' : '{ Name }';
  const isPut = calls.change.method === 'PUT';
  const open = [
    ...otherwise.map((field) => `a write takes ${field} in another form than an answer has: send it back.`),
    'leave out what Genesys Cloud itself sets.',
  ];
  const onlyMade = missing.make.filter((field) => !missing.change.includes(field));
  const body = ['...changesOf(properties),', unfilled(onlyMade), 'name,'];
  return `/**
 * Between the properties of the resource and Genesys Cloud's models of ${names.one}.
 * Nothing here makes a call.
 */
import type { Models } from 'purecloud-platform-client-v2';
import type { ${names.short}Properties } from './schema.ts';

/** The part of an object that a write can set, in the form of a ${calls.change.method}. */
export type State = Pick<Models.${models.answer}, (typeof WRITABLE)[number]> & { name: string };

${isPut ? WHOLE : PART}
${open.map(todo).join('\n')}
const WRITABLE = [${kept.map((field) => `'${field}'`).join(', ')}] as const;

export const stateOf = (found: Models.${models.answer}): State =>
  Object.fromEntries(WRITABLE.map((field) => [field, found[field]])) as State;

/** The fields that the properties give. A property that is not written counts as its default. */
export const changesOf = (${own}: ${names.short}Properties) => ({
  name: Name,
  ${hasDescription ? "description: Description ?? ''," : ''}
  ${unfilled(missing.change)}
});

/** The body of the POST, under the name that the request gives. */
export const bodyOf = (name: string, properties: ${names.short}Properties): Models.${models.make} => ({
  ${body.filter((line) => line !== '').join('\n  ')}
});
`;
}

function api({
  names,
  models,
  calls,
  api: { name, isLazy },
  isVersioned,
  unserved,
  hasDescription,
}: Plan): string {
  const body = (call: keyof typeof calls, value: string) =>
    calls[call].bodyInOptions ? `{ body: ${value} }` : value;
  const isPut = calls.change.method === 'PUT';
  const reads = isPut || isVersioned;
  const whole = `{ ${isPut ? '...stateOf(found), ' : ''}...changes${isVersioned ? ', version: found.version ?? 1' : ''} }`;
  const sent = body('change', reads ? whole : 'changes');
  const put = `onExisting(id, () => calls.${calls.change.name}(id, ${sent}), operation)`;
  const read = `onExisting(id, () => calls.${calls.read.name}(id), operation)`;
  const writing = !reads
    ? `return ${put};`
    : isVersioned
      ? `let latest = known;
  return withFreshVersion(async () => {
    const found = latest ?? (await ${read});
    // After a conflict the version is read again.
    latest = undefined;
    return ${put};
  }, operation);`
      : `const found = known ?? (await ${read});
  return ${put};`;
  return `/** The calls of Genesys Cloud's API for ${names.noun}s. */
import type { Models } from 'purecloud-platform-client-v2';
import { collect } from '../../genesys/index.ts';
import type { CollectionApi } from '../../lifecycle/collection.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { ${calls.list.isPaged ? 'listed' : 'ofList'}, onExisting${isVersioned ? ', withFreshVersion' : ''} } from '../../lifecycle/waiting.ts';
import { bodyOf, changesOf, type State${isPut ? ', stateOf' : ''} } from './mapping.ts';
import type { ${names.short}Properties } from './schema.ts';
${unserved.map((call) => `\n${todo(`local/genesys-cloud/ lacks ${call}: serve it.`)}`).join('')}
type Asking = Pick<Operation, 'session'>;

export const apiOf = async ({ session }: Asking) => session.${isLazy ? `api('${name}')` : name};

export const api: CollectionApi<${names.short}Properties, Models.${models.answer}, undefined> = {
  read: async (id, operation) => (await apiOf(operation)).${calls.read.name}(id),

  async *list(id, operation) {
    const calls = await apiOf(operation);
    ${
      calls.list.isPaged
        ? `const all = listed((page) => calls.${calls.list.name}(page), operation);
    for await (const one of all) if (id === undefined || one.id === id) yield one;`
        : `const { entities = [] } = await ofList(() => calls.${calls.list.name}(), operation);
    yield* entities.filter((one) => id === undefined || one.id === id);`
    }
  },

  ${todo('let the API filter by name where it can. Keep the comparison: a filter may find parts.')}
  named: async (name, _properties, operation) =>
    (await collect(api.list(undefined, operation))).filter((one) => one.name === name),

  ${todo('give a secret in the answer to registerSecretOfRequest (common/redaction.ts).')}
  make: async (name, { properties }, operation) =>
    (await apiOf(operation)).${calls.make.name}(${body('make', 'bodyOf(name, properties)')}),

  change: (id, { properties }, known, operation) => write(id, changesOf(properties), known, operation),

  remove: async (id, operation) => (await apiOf(operation)).${calls.remove.name}(id),
};

/**
 * ${isPut ? REPLACES : WRITES}
${reads ? ' * @param known the object as it was just read or made\n' : ''} */
export async function write(
  id: string,
  changes: ${hasDescription ? "Partial<State> & Pick<State, 'name'>" : 'State'},
  ${reads ? 'known' : '_known'}: Models.${models.answer} | undefined,
  operation: Operation,
): Promise<Models.${models.answer}> {
  const calls = await apiOf(operation);
  ${writing}
}
`;
}

const drift = ({ names, models, calls }: Plan) => `/** Looks at ${names.noun}s by their list. */
import type { Models } from 'purecloud-platform-client-v2';
${calls.list.isPaged ? "import { entitiesOf } from '../../genesys/index.ts';\n" : ''}import { differencesBetween } from '../../lifecycle/differences.ts';
import type { DriftRules } from '../../lifecycle/resource-type.ts';
import { apiOf } from './api.ts';
import { changesOf } from './mapping.ts';
import type { ${names.short}Properties } from './schema.ts';

export const drift: DriftRules<${names.short}Properties, Models.${models.answer}> = {
  async *list(looking) {
    const calls = await apiOf(looking);
    ${
      calls.list.isPaged
        ? `yield* entitiesOf<Models.${models.answer}>((page) => calls.${calls.list.name}(page));`
        : `const { entities = [] } = await calls.${calls.list.name}();
    yield* entities;`
    }
  },

  read: async (id, looking) => (await apiOf(looking)).${calls.read.name}(id),

  ${todo('compare under the names of the properties, and mark fields that may be secret.')}
  async differences(there, { properties }) {
    const applied: Record<string, unknown> = changesOf(properties);
    const now = Object.fromEntries(
      Object.entries(there).filter(([field]) => Object.hasOwn(applied, field)),
    );
    return differencesBetween(applied, now, '');
  },

  troubles: async () => [],
};
`;

const description = ({
  names,
  hasDescription,
  permissions,
  unserved,
}: Plan) => `import type { TypeDescription } from '../../lifecycle/resource-type.ts';
import { adoptionDescriptions, commonDescriptions } from '../common-descriptions.ts';

export const about: TypeDescription = {
  ${todo('say in a sentence what it is; add "unique" if a template can have it once only.')}
  description: '${names.one[0]?.toUpperCase()}${names.one.slice(1)} of Genesys Cloud. Ref returns its id.',
  properties: {
    ...commonDescriptions,
    Name: 'Name of the ${names.noun} in Genesys Cloud, 1 to 256 characters.',
    ${hasDescription ? `Description: 'Description that Genesys Cloud shows beside the ${names.noun}.',` : ''}
    ...adoptionDescriptions,
  },
  attributes: {
    ${names.short}Id: 'Id of the ${names.noun}; the same as Ref.',
    Name: 'Name of the ${names.noun}.',
  },
  ${
    unserved.length > 0
      ? todo('name the permissions of all calls. CONTRIBUTING.md says where to look them up.')
      : todo('compare the permissions with the documentation of the API.')
  }
  permissions: [${permissions.map((permission) => `'${permission}'`).join(', ')}],
};
`;
