/** Properties that want an ARN, and references beside them that give something else. */

import { branchesOf, referencesOf, type Value } from '../templates/template.ts';
import { type Context, type Resource, typeOf } from './context.ts';

/** The way to write the ARN that a property wants, by the type of the resource that it names. */
type Remedies = Record<string, { wrong: 'Ref' | 'any'; fix: (name: string) => string }>;

const arnOf: Remedies[string] = { wrong: 'Ref', fix: (name) => `Write !GetAtt ${name}.Arn.` };
const FUNCTIONS: Remedies = { 'AWS::Lambda::Function': arnOf, 'AWS::Serverless::Function': arnOf };
const aliasArn = (name: string) =>
  `Write !Sub arn:\${AWS::Partition}:kms:\${AWS::Region}:\${AWS::AccountId}:\${${name}}.`;

const WANTED: { path: [string] | [string, string]; remedies: Remedies }[] = [
  { path: ['ServiceToken'], remedies: FUNCTIONS },
  { path: ['Request', 'UrlTemplate'], remedies: FUNCTIONS },
  { path: ['RoleArn'], remedies: { 'AWS::IAM::Role': arnOf } },
  {
    path: ['KeyAliasArn'],
    remedies: {
      'AWS::KMS::Alias': { wrong: 'Ref', fix: aliasArn },
      'AWS::KMS::Key': {
        wrong: 'any',
        fix: () => 'Name an alias of the key: arn:aws:kms:<region>:<account>:alias/<name>.',
      },
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
      const type = typeOf(reference.name, context) ?? '';
      const remedy = Object.hasOwn(remedies, type) ? remedies[type] : undefined;
      if (remedy === undefined || (remedy.wrong === 'Ref' && reference.attribute !== undefined)) continue;
      context.report(
        'reference',
        value.at,
        `${logicalId}.${path.join('.')}`,
        `${reference.attribute === undefined ? '!Ref' : '!GetAtt'} of ${reference.name} (${type}) gives no ARN that fits here`,
        remedy.fix(reference.name),
      );
    }
  }
}

/** The reference that a value is as a whole: by Ref or GetAtt. */
function wholeReference(value: Value): { name: string; attribute?: string } | undefined {
  if (value.kind !== 'call' || (value.name !== 'Ref' && value.name !== 'Fn::GetAtt')) return undefined;
  return [...referencesOf(value)][0];
}
