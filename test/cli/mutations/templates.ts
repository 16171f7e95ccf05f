/** Faults between resources: types, references, order, roles and copies. */
import type { Data, Path } from './forms.ts';
import {
  get,
  isMembers,
  type Members,
  nameOf,
  type Place,
  type Planted,
  placesOf,
  put,
  rename,
} from './places.ts';
import { faultAt, type Operator, replaced } from './properties.ts';

const ofTheResource = (place: Place) => place.inner.length === 0;
const resource = ({ logicalId }: Place, ...inner: Path): Path => ['Resources', logicalId, ...inner];

/** The logical id behind a reference by Ref or GetAtt. */
function target(value: Data | undefined): string | undefined {
  if (!isMembers(value)) return undefined;
  const [name] = [value['Ref'], (value['Fn::GetAtt'] as Data[] | undefined)?.[0]].filter(Boolean);
  return typeof name === 'string' ? name : undefined;
}

/** The role of an integration, where the template makes it. */
function roleOf({ template, properties }: Place): string | undefined {
  const role = target(properties['RoleArn']);
  return role !== undefined && get(template, ['Resources', role, 'Type']) === 'AWS::IAM::Role'
    ? role
    : undefined;
}

/** Every statement of the policies that are in a role or attached to it. */
function statementsOf(template: Members, role: string): Path[] {
  const documents = Object.entries(template['Resources'] as Members).flatMap(
    ([logicalId, declared]): Path[] => {
      const own: Path = ['Resources', logicalId, 'Properties'];
      if (logicalId === role) {
        const policies = get(template, [...own, 'Policies']);
        return Array.isArray(policies)
          ? policies.map((_one, index) => [...own, 'Policies', index, 'PolicyDocument'])
          : [];
      }
      const roles = get(declared, ['Properties', 'Roles']);
      const attached = Array.isArray(roles) && roles.some((one) => target(one) === role);
      return attached ? [[...own, 'PolicyDocument']] : [];
    },
  );
  return documents.flatMap((document) => {
    const statements = get(template, [...document, 'Statement']);
    return Array.isArray(statements)
      ? statements.map((_one, index) => [...document, 'Statement', index])
      : [];
  });
}

/** An operator on the types of resources. */
const types = (name: string, change: (type: string) => string, says: RegExp): Operator => ({
  name,
  plant(place) {
    const at = resource(place, 'Type');
    if (!ofTheResource(place) || change(place.type) === place.type) return undefined;
    const template = put(place.template, at, change(place.type));
    return { template, faults: [{ rule: 'type', at, path: `${place.logicalId}.Type`, says }] };
  },
});

/** An operator that puts something else into a property that refers to a resource of the template. */
const references = (
  name: string,
  property: string,
  change: (place: Place, target: string) => Data | undefined,
  [rule, says]: [string, RegExp],
  ofResource = false,
): Operator => ({
  name,
  plant(place) {
    const to = place.inner.join('.') === property ? target(place.value) : undefined;
    const declared = to !== undefined && get(place.template, ['Resources', to]) !== undefined;
    const value = declared ? change(place, to) : undefined;
    if (value === undefined) return undefined;
    const planted = replaced(place, value, rule, says);
    return ofResource
      ? { ...planted, faults: planted.faults.map((fault) => ({ ...fault, path: place.logicalId })) }
      : planted;
  },
});

const someRole = ({ template }: Place) =>
  Object.entries(template['Resources'] as Members).find(
    ([, one]) => get(one, ['Type']) === 'AWS::IAM::Role',
  )?.[0];
const someFunction = ({ template }: Place) =>
  Object.entries(template['Resources'] as Members).find(
    ([, one]) => get(one, ['Type']) === 'AWS::Lambda::Function',
  )?.[0];
const ref = (name: string | undefined): Data | undefined => (name === undefined ? undefined : { Ref: name });

/** The template with a copy of the resource under another name. */
const copied = (place: Place, name: string): Planted['template'] =>
  put(place.template, ['Resources', name], get(place.template, resource(place)));

export const ofTemplates: Operator[] = [
  types(
    'a resource type is misspelt',
    (type) => type.replace(/(..)$/, (two) => [...two].reverse().join('')),
    /is no resource type of the provider\. Write Custom::Genesys/,
  ),
  types(
    'a resource type in the plural',
    (type) => `${type}s`,
    /is no resource type of the provider\. Write Custom::Genesys/,
  ),
  types(
    'a resource type of AWS’s own form',
    (type) => type.replace('Custom::Genesys', 'AWS::Genesys'),
    /is no resource type/,
  ),
  {
    name: 'the general type of the CDK',
    plant(place) {
      const at = resource(place, 'Type');
      const token = JSON.stringify(place.properties['ServiceToken']);
      // The provider is known by the token of another resource.
      const others = [...placesOf(place.template)].filter(
        ({ inner, logicalId }) => inner.length === 0 && logicalId !== place.logicalId,
      );
      if (
        !ofTheResource(place) ||
        !others.some(({ properties }) => JSON.stringify(properties['ServiceToken']) === token)
      )
        return undefined;
      return {
        template: put(place.template, at, 'AWS::CloudFormation::CustomResource'),
        faults: [{ rule: 'type', at, path: `${place.logicalId}.Type`, says: /does not say which resource/ }],
      };
    },
  },
  references('the name of a resource in the place of its id', 'IntegrationId', (_place, to) => to, [
    'reference',
    /is the name of a resource.*Write !Ref/,
  ]),
  references('a role in the place of an integration', 'IntegrationId', (place) => ref(someRole(place)), [
    'reference',
    /is no integration, but AWS::IAM::Role/,
  ]),
  references(
    'a reference to nothing',
    'IntegrationId',
    (_place, to) => ({ Ref: `${to}s` }),
    ['reference', /is no parameter or resource.*Write /],
    true,
  ),
  references(
    'an attribute of an integration that is no id',
    'IntegrationId',
    (place, to) =>
      get(place.template, ['Resources', to, 'Type']) !== 'Custom::GenesysAwsIntegration'
        ? undefined
        : { 'Fn::GetAtt': [to, 'OrganizationId'] },
    ['reference', /is not the id of an integration/],
  ),
  references(
    'a function that CloudFormation does not have',
    'IntegrationId',
    (_place, to) => ({ 'Fn::Reff': to }),
    ['function', /has no function Reff\. Write Ref/],
    true,
  ),
  references(
    'a role by its name',
    'RoleArn',
    (place, to) => (roleOf(place) === undefined ? undefined : { Ref: to }),
    ['reference', /gives no ARN.*Write !GetAtt \w+\.Arn/],
  ),
  references(
    'a role by its name in Fn::Sub',
    'RoleArn',
    (place, to) => (roleOf(place) === undefined ? undefined : { 'Fn::Sub': `\${${to}}` }),
    ['reference', /gives no ARN.*Write !GetAtt \w+\.Arn/],
  ),
  references(
    'a role by its id',
    'RoleArn',
    (place, to) => (roleOf(place) === undefined ? undefined : { 'Fn::GetAtt': [to, 'RoleId'] }),
    ['reference', /gives no ARN/],
  ),
  references(
    'a function in the place of a role',
    'RoleArn',
    (place) => someFunction(place) && { 'Fn::GetAtt': [someFunction(place) ?? '', 'Arn'] },
    ['reference', /gives no ARN that fits.*ARN of a role/],
  ),
  {
    name: 'a function by its name',
    plant(place) {
      const name = someFunction(place);
      if (place.inner.join('.') !== 'Request.UrlTemplate' || name === undefined) return undefined;
      return replaced(place, { Ref: name }, 'reference', /gives no ARN.*Write !GetAtt \w+\.Arn/);
    },
  },
  {
    name: 'a function by its name before an alias',
    plant(place) {
      const name = someFunction(place);
      if (place.inner.join('.') !== 'Request.UrlTemplate' || name === undefined) return undefined;
      return replaced(
        place,
        { 'Fn::Sub': `\${${name}}:live` },
        'reference',
        /gives no ARN.*Write !GetAtt \w+\.Arn/,
      );
    },
  },
  {
    name: 'a role in the place of a function',
    plant(place) {
      const name = someRole(place);
      if (place.inner.join('.') !== 'Request.UrlTemplate' || name === undefined) return undefined;
      return replaced(
        place,
        { 'Fn::GetAtt': [name, 'Arn'] },
        'reference',
        /gives no ARN that fits.*ARN of a function/,
      );
    },
  },
  {
    name: 'an attribute that the type does not have',
    plant(place) {
      if (!ofTheResource(place)) return undefined;
      const at = ['Outputs', 'Wrong', 'Value'];
      const outputs = isMembers(place.template['Outputs']) ? place.template['Outputs'] : {};
      const template = put(place.template, ['Outputs'], {
        ...outputs,
        Wrong: { Value: { 'Fn::GetAtt': [place.logicalId, 'Arn'] } },
      });
      return {
        template,
        faults: [
          { rule: 'attribute', at, path: `${place.logicalId}.Arn`, says: /has no attribute Arn.*It has/ },
        ],
      };
    },
  },
  {
    name: 'DependsOn names nothing',
    plant(place) {
      const at = resource(place, 'DependsOn');
      if (!ofTheResource(place)) return undefined;
      const before = get(place.template, at);
      const list = before === undefined ? [] : [before].flat();
      return {
        template: put(place.template, at, [...list, 'NothingOfThis'] as Data),
        faults: [
          {
            rule: 'reference',
            at: [...at, list.length],
            path: place.logicalId,
            says: /NothingOfThis is no resource of this template/,
          },
        ],
      };
    },
  },
  {
    name: 'a resource waits for itself',
    plant(place) {
      const at = resource(place, 'DependsOn');
      if (!ofTheResource(place)) return undefined;
      const before = get(place.template, at);
      const list = before === undefined ? [] : [before].flat();
      return {
        template: put(place.template, at, [...list, place.logicalId] as Data),
        faults: [
          { rule: 'depends-on', at: resource(place, 'Type'), path: place.logicalId, says: /needs itself/ },
        ],
      };
    },
  },
  {
    name: 'nothing makes the policy before the integration',
    plant(place) {
      const role = roleOf(place);
      const at = resource(place, 'DependsOn');
      const before = [get(place.template, at) ?? []].flat();
      if (!ofTheResource(place) || role === undefined || before.length !== 1) return undefined;
      const [policy = ''] = before as string[];
      if (get(place.template, ['Resources', policy, 'Properties', 'PolicyDocument']) === undefined)
        return undefined;
      return {
        template: put(place.template, at, undefined),
        faults: [
          {
            rule: 'depends-on',
            at: resource(place, 'Type'),
            path: place.logicalId,
            says: new RegExp(`${policy} gives ${role} its permissions.*Add DependsOn: ${policy}`),
          },
        ],
      };
    },
  },
  {
    name: 'the trust of the role asks for no ExternalId',
    plant(place) {
      const role = roleOf(place);
      if (!ofTheResource(place) || role === undefined) return undefined;
      const trust: Path = ['Resources', role, 'Properties', 'AssumeRolePolicyDocument'];
      const condition: Path = [...trust, 'Statement', 0, 'Condition'];
      if (get(place.template, condition) === undefined) return undefined;
      return {
        template: put(place.template, condition, undefined),
        faults: [
          {
            rule: 'external-id',
            at: trust,
            path: `${role}.AssumeRolePolicyDocument`,
            says: /asks for no ExternalId.*Add Condition/,
          },
        ],
      };
    },
  },
  ...(['Action', 'Effect'] as const).map(
    (part): Operator => ({
      name: part === 'Action' ? 'the role may do something else than invoke' : 'the role may not invoke',
      plant(place) {
        const role = roleOf(place);
        const statements = role === undefined ? [] : statementsOf(place.template, role);
        if (!ofTheResource(place) || role === undefined || statements.length === 0) return undefined;
        const value = part === 'Action' ? 'lambda:GetFunction' : 'Deny';
        return {
          template: statements.reduce((made, at) => put(made, [...at, part], value), place.template),
          faults: [
            {
              rule: 'invoke',
              at: ['Resources', role, 'Properties'],
              path: role,
              says: /no policy of the template lets it invoke.*Allow lambda:InvokeFunction/,
            },
          ],
        };
      },
    }),
  ),
  {
    name: 'two actions of one integration have the same name',
    plant(place) {
      if (!ofTheResource(place) || place.type !== 'Custom::GenesysDataAction') return undefined;
      if (place.properties['Name'] === undefined || isMembers(place.properties['Name'])) return undefined;
      if (place.properties['ExistingId'] !== undefined) return undefined;
      const second = { ...place, logicalId: `${place.logicalId}2`, inner: ['Name'] };
      return {
        template: copied(place, `${place.logicalId}2`),
        faults: [faultAt(second, 'duplicate', /has this name in the same integration.*another Name/)],
      };
    },
  },
  {
    name: 'two recording keys',
    plant(place) {
      if (!ofTheResource(place) || place.type !== 'Custom::GenesysRecordingKey') return undefined;
      if (get(place.template, resource(place, 'Condition')) !== undefined) return undefined;
      return {
        template: copied(place, `${place.logicalId}2`),
        faults: [
          {
            rule: 'duplicate',
            at: ['Resources', `${place.logicalId}2`, 'Type'],
            path: `${place.logicalId}2`,
            says: /an organization has one/,
          },
        ],
      };
    },
  },
  {
    name: 'Properties are misspelt',
    plant(place) {
      if (place.inner.length > 0 || place.type !== 'Custom::GenesysRecordingKey') return undefined;
      const at = resource(place, 'Type');
      const required = ['ServiceToken', 'KeyAliasArn'];
      return {
        template: rename(place.template, resource(place, 'Properties'), 'Propertys'),
        faults: [
          ...required.map((name) => ({
            rule: 'required',
            at,
            path: nameOf({ ...place, inner: [name] }),
            says: /is required/,
          })),
          { rule: 'service-timeout', at, path: place.logicalId, says: /Add ServiceTimeout/ },
        ],
      };
    },
  },
  {
    name: 'a condition that nobody declares',
    unseen:
      'CloudFormation itself refuses the template at once and names the condition; cfn-lint does as well.',
    plant: (place) =>
      ofTheResource(place)
        ? { template: put(place.template, resource(place, 'Condition'), 'NothingOfThis'), faults: [] }
        : undefined,
  },
];
