/** The inputs, the page and the mapping test of a new type. */
import { MARK } from './open-points.ts';
import type { Plan } from './plan.ts';

/** The files by their path in the checkout. */
export const pagesOf = (plan: Plan): Record<string, string> => {
  const inputs = `local/provider/inputs/${plan.names.typeName.replace('Custom::', '')}`;
  return {
    [`${inputs}/inputs_1_create.json`]: create(plan),
    [`${inputs}/inputs_1_update.json`]: update(plan),
    [`${inputs}/inputs_1_invalid.json`]: invalid(plan),
    ...(plan.replaces ? { [`${inputs}/inputs_1_replace.json`]: replace(plan) } : {}),
    [`docs/resources/${plan.names.kebab}.md`]: page(plan),
    [`test/unit/resources/${plan.names.kebab}-mapping.test.ts`]: mappingTest(plan),
  };
};

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const described = ({ hasDescription }: Plan, name: string, text: string) =>
  hasDescription ? { [name]: text } : {};

const create = (plan: Plan) =>
  json({
    [MARK]: 'Give each required property a value, and name in remote what the object has then.',
    properties: { Name: 'Orders', ...described(plan, 'Description', 'made by a test') },
    remote: { name: 'Orders', ...described(plan, 'description', 'made by a test') },
  });

const update = (plan: Plan) =>
  json({
    [MARK]: 'Change everything that can change in place; what is required stays.',
    properties: { Name: 'Orders EU' },
    remote: { name: 'Orders EU', ...described(plan, 'description', '') },
  });

const invalid = (plan: Plan) =>
  json({
    [MARK]: 'Give each required property but Name a value, so that this alone is wrong.',
    properties: described(plan, 'Description', 'made by a test'),
    reason: 'Name is required',
  });

const replace = (plan: Plan) =>
  json({
    [MARK]: 'Change one of the properties that cannot change in place.',
    properties: { Name: 'Orders', ...described(plan, 'Description', 'made by a test') },
    remote: { name: 'Orders' },
  });

const mappingTest = ({
  names,
  hasDescription,
}: Plan) => `/** Between the properties of ${names.one} and Genesys Cloud's models. */
import { bodyOf, changesOf } from '../../../provider/resources/${names.kebab}/mapping.ts';
import type { ${names.short}Properties } from '../../../provider/resources/${names.kebab}/schema.ts';

// ${MARK}: add the required properties, and a row for each property.
const properties: ${names.short}Properties = {
  ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:provider',
  Name: 'Orders',
};

test.each<[rule: string, written: Partial<${names.short}Properties>, fields: object]>([
  ['the name is written', {}, { name: 'Orders' }],
${
  hasDescription
    ? `  ['a description that is not written is empty', {}, { description: '' }],
  ['a description is taken as it is', { Description: 'of a shop' }, { description: 'of a shop' }],
`
    : ''
}])('%s', (_rule, written, fields) => {
  expect(changesOf({ ...properties, ...written })).toMatchObject(fields);
});

test('a POST carries the name that it is given, and everything else of the properties', () => {
  expect(bodyOf('Orders [0123456789ab]', properties)).toMatchObject({
    ...changesOf(properties),
    name: 'Orders [0123456789ab]',
  });
});
`;

interface Property {
  name: string;
  text: string;
  required: string;
  type: string;
  /** Lines between type and update. */
  bounds?: string[];
  update?: string;
}

const IN_PLACE = 'No interruption';

const propertiesOf = ({ names: { noun, one }, hasDescription }: Plan): Property[] => [
  {
    name: 'ServiceToken',
    text: "ARN of the provider's function: `!ImportValue genesys-cloud-ServiceToken`.",
    required: 'Yes',
    type: 'String',
    update: 'Updates are not supported (CloudFormation refuses another ServiceToken)',
  },
  {
    name: 'ServiceTimeout',
    text: 'Seconds that CloudFormation waits for the answer. Set 1200: the provider itself answers within 300 seconds, and a repeated delivery needs a further few minutes.',
    required: "No (CloudFormation's default is 3600)",
    type: 'Number, 1 to 3600',
  },
  {
    name: 'Nonce',
    text: `Any text. A new text makes the provider write the ${noun} again although no other property changed. This undoes a change by hand.`,
    required: 'No',
    type: 'String',
    bounds: ['- *Maximum length*: 1024'],
  },
  {
    name: 'OAuthSecretArn',
    text: `ARN of another secret to log in with. The provider's parameter \`AdditionalOAuthSecretArns\` has to list it. If the ${noun} exists, the secret must lead to the same organization.`,
    required: "No (the provider's own secret)",
    type: 'String, the ARN of a secret whose name begins with `/genesys/oauth/`',
  },
  {
    name: 'Name',
    text: `Name of the ${noun}.`,
    required: 'Yes',
    type: 'String',
    bounds: ['- *Minimum length*: 1', '- *Maximum length*: 256'],
  },
  ...(hasDescription
    ? [
        {
          name: 'Description',
          text: `Description beside the ${noun}. Empty is allowed.`,
          required: 'No (default: empty)',
          type: 'String',
          bounds: ['- *Maximum length*: 1024'],
        },
      ]
    : []),
  {
    name: 'AdoptExisting',
    text: `Whether to take over an existing ${noun} of this \`Name\`, instead of making one. It keeps its id, and becomes what the properties say. If there is none, one is made. If there are several, the request fails and lists them; choose one by \`ExistingId\`. The property counts only when the resource is made.`,
    required: 'No (default `false`)',
    type: 'Boolean',
  },
  {
    name: 'ExistingId',
    text: `Id of ${one} to take over, in place of \`AdoptExisting\`. If an update names another one, that one is taken over in place of the present one. The id of the present one, or no id, changes nothing.`,
    required: 'No',
    type: 'String',
    bounds: ['- *Maximum length*: 256'],
    update: `Replacement, where it names another ${noun}`,
  },
  {
    name: 'OnDelete',
    text: `The end of the ${noun} when the resource is deleted or replaced. \`Delete\` deletes it. \`Retain\` leaves it as it is and gives it up: it has no owner from then on. A rollback ignores this property: it deletes ${one} that was made, and [puts back](../concepts.md#undoing-goes-by-the-origin) one that was taken over.`,
    required: 'No (default `Delete` for one that was made, `Retain` for one that was taken over)',
    type: 'String, one of `Delete`, `Retain`',
  },
];

const plainType = ({ type }: Property) => type.split(',')[0];

const shown = ({ name, text, required, type, bounds = [], update = IN_PLACE }: Property) =>
  [
    `### ${name}\n`,
    `${text}\n`,
    `- *Required*: ${required}`,
    `- *Type*: ${type}`,
    ...bounds,
    `- *Update requires*: ${update}\n`,
  ].join('\n');

function page(plan: Plan): string {
  const { names, permissions } = plan;
  const properties = propertiesOf(plan);
  const rows = properties.map((property) => `    "${property.name}": ${plainType(property)}`).join(',\n');
  const lines = properties.map((property) => `  ${property.name}: ${plainType(property)}`).join('\n');
  return `# ${names.typeName}

<!-- ${MARK}: Say in one or two sentences what it is and what it is for. -->
${names.one[0]?.toUpperCase()}${names.one.slice(1)}.

- [Syntax](#syntax)
- [Properties](#properties)
- [Return values](#return-values)
- [Behaviour](#behaviour)
- [Examples](#examples)

OAuth permissions: ${permissions.map((permission) => `\`${permission}\``).join(', ')}.

## Syntax

### JSON

\`\`\`json
{
  "Type": "${names.typeName}",
  "Properties": {
${rows}
  }
}
\`\`\`

### YAML

\`\`\`yaml
Type: ${names.typeName}
Properties:
${lines}
\`\`\`

## Properties

An unknown property is an error that names the nearest known one. So is a value that is not in its list. CloudFormation sends every scalar as a string; each property takes the string as well.

<!-- ${MARK}: Describe each further property, in the order of the schema. -->

${properties.map(shown).join('\n')}
## Return values

### Ref

The id of the ${names.noun}. Treat it as opaque text.

### Fn::GetAtt

| attribute | value |
|---|---|
| \`${names.short}Id\` | the id, as \`Ref\` |
| \`Name\` | the name |

## Behaviour

<!-- ${MARK}: Say what waits, what is refused, and what replaces. -->

**Create.** The ${names.noun} is first made under a unique name, \`<Name> [<12 hexadecimal digits>]\`, so that the object of a lost call can be found again. A second call sets its final name.

**Update.** Properties that are equal cause no call, however they are written. ${names.one[0]?.toUpperCase()}${names.one.slice(1)} that was deleted by hand is [made anew](../concepts.md#objects-that-are-missing) and gets a new id.

**Taking over.** With \`AdoptExisting\` or \`ExistingId\` an existing ${names.noun} keeps its id. Its former form is kept, encrypted, until the resource ends ([what for](../concepts.md#adoption)).

**Delete.** With \`Retain\` nothing is called. Otherwise the ${names.noun} is deleted and read until it is gone, for up to 30 seconds.

## Examples

<!-- ${MARK}: Give the example the properties that people use. -->

\`\`\`yaml
Thing:
  Type: ${names.typeName}
  Properties:
    ServiceToken: !ImportValue genesys-cloud-ServiceToken
    ServiceTimeout: 1200
    Name: Orders
\`\`\`
`;
}
