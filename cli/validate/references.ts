/** Properties that want an ARN, and references beside them that give something else. */
import { branchesOf, referencesOf, substituted, type Value } from '../templates/template.ts';
import { type Context, type Resource, typeOf } from './context.ts';

/** The way to write the ARN that a property wants, by the type of the resource that it names. */
type Remedies = Record<string, { wrong: 'any but Arn' | 'any'; fix: (name: string) => string }>;

const arnOf: Remedies[string] = { wrong: 'any but Arn', fix: (name) => `Write !GetAtt ${name}.Arn.` };
const FUNCTIONS: Remedies = { 'AWS::Lambda::Function': arnOf, 'AWS::Serverless::Function': arnOf };
const aliasArn = (name: string) =>
  `Write !Sub arn:\${AWS::Partition}:kms:\${AWS::Region}:\${AWS::AccountId}:\${${name}}.`;
const other = (what: string): Remedies[string] => ({ wrong: 'any', fix: () => `Name ${what}.` });
const ofTypes = (types: string[], remedy: Remedies[string]): Remedies =>
  Object.fromEntries(types.map((type) => [type, remedy])) as Remedies;
const IAM_POLICIES = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'];

const WANTED: { path: [string] | [string, string]; remedies: Remedies }[] = [
  { path: ['ServiceToken'], remedies: FUNCTIONS },
  {
    path: ['Request', 'UrlTemplate'],
    remedies: {
      ...FUNCTIONS,
      ...ofTypes(
        ['AWS::IAM::Role', ...IAM_POLICIES, 'Custom::GenesysAwsIntegration'],
        other('the ARN of a function, or a URL'),
      ),
    },
  },
  {
    path: ['RoleArn'],
    remedies: {
      'AWS::IAM::Role': arnOf,
      ...ofTypes(
        [...Object.keys(FUNCTIONS), ...IAM_POLICIES, 'AWS::IAM::InstanceProfile', 'AWS::Lambda::Alias'],
        other('the ARN of a role'),
      ),
    },
  },
  {
    path: ['KeyAliasArn'],
    remedies: {
      'AWS::KMS::Alias': { wrong: 'any but Arn', fix: aliasArn },
      'AWS::KMS::Key': other('an alias of the key: arn:aws:kms:<region>:<account>:alias/<name>'),
    },
  },
];

/** A reference that gives a name or an id where the property wants an ARN. */
export function checkReferences({ logicalId, properties }: Resource, context: Context): void {
  for (const { path, remedies } of WANTED) {
    const [outer, inner] = path;
    const values = branchesOf(properties, outer).flatMap((value) =>
      inner === undefined ? [value] : branchesOf(value, inner),
    );
    for (const value of values) {
      const reference = wholeReference(value);
      if (reference === undefined) continue;
      const { name, attribute } = reference;
      const type = typeOf(name, context) ?? '';
      const remedy = Object.hasOwn(remedies, type) ? remedies[type] : undefined;
      if (remedy === undefined || (remedy.wrong === 'any but Arn' && isArn(type, attribute))) continue;
      context.report(
        'reference',
        value.at,
        `${logicalId}.${path.join('.')}`,
        `${attribute === undefined ? '!Ref' : '!GetAtt'} of ${name} (${type}) gives no ARN that fits here`,
        remedy.fix(name),
      );
    }
  }
}

/** SAM makes further attributes of a function, such as its alias. */
const isArn = (type: string, attribute: string | undefined) =>
  attribute === 'Arn' || (attribute !== undefined && type === 'AWS::Serverless::Function');

/** The reference that a value is as a whole, or up to a version or an alias of a function. */
function wholeReference(value: Value): { name: string; attribute?: string } | undefined {
  if (value.kind !== 'call') return undefined;
  const isWhole =
    value.name === 'Ref' || value.name === 'Fn::GetAtt' || /^\0(?::|$)/.test(substituted(value)?.text ?? '');
  const [reference] = isWhole ? referencesOf(value) : [];
  // GetAtt without an attribute is another fault.
  return reference?.attribute === '' ? undefined : reference;
}
