/** Faults of properties by themselves: names, presence and values. */
import type { Data } from './forms.ts';
import {
  type Fault,
  get,
  isCall,
  isMembers,
  misspelt,
  nameOf,
  type Place,
  type Planted,
  pathOf,
  put,
  rename,
} from './places.ts';

export interface Operator {
  /** The fault that it plants. */
  name: string;
  plant(place: Place): Planted | undefined;
  /** The reason for which no command could see the fault in the template. */
  unseen?: string;
}

/** A fault at the place itself. */
export const faultAt = (place: Place, rule: string, says: RegExp): Fault => ({
  rule,
  at: pathOf(place),
  path: nameOf(place),
  says,
});

/** Another value in the place, and the one fault that it makes there. */
export const replaced = (place: Place, value: Data, rule: string, says: RegExp): Planted => ({
  template: put(place.template, pathOf(place), value),
  faults: [faultAt(place, rule, says)],
});

/** An operator that puts another value into the properties whose path fits. */
export const values = (name: string, path: RegExp, value: Data, rule: string, says: RegExp): Operator => ({
  name,
  plant: (place) => (path.test(place.inner.join('.')) ? replaced(place, value, rule, says) : undefined),
});

const GROUPS = ['', 'Contract', 'Request', 'Response', 'SmokeTest', 'Definition.S3'];
/** Properties that nothing replaces. */
const REQUIRED: Record<string, string[]> = {
  'Custom::GenesysAwsIntegration': ['ServiceToken', 'Name'],
  'Custom::GenesysDataAction': ['ServiceToken', 'IntegrationId'],
  'Custom::GenesysRecordingKey': ['ServiceToken', 'KeyAliasArn'],
};
const OF_ACTION = /^(Name|Category|Contract|Request|Contract\.Input|Contract\.Output|Request\.UrlTemplate)$/;
const ENUMERATIONS =
  /^(RotationPeriod|Request\.Type|OnDelete|DeletionGuard|IntegrationType|CredentialType|Definition\.config\.request\.requestType)$/;

export const ofProperties: Operator[] = [
  {
    name: 'a property is misspelt',
    plant(place) {
      const name = place.inner.at(-1);
      if (!GROUPS.includes(place.inner.slice(0, -1).join('.')) || typeof name !== 'string') return undefined;
      const wrong = { ...place, inner: [...place.inner.slice(0, -1), misspelt(name)] };
      return {
        template: rename(place.template, pathOf(place), misspelt(name)),
        faults: [faultAt(wrong, 'unknown-property', new RegExp(`is unknown. Write ${name}\\.`))],
      };
    },
  },
  {
    name: 'a property is added that the type does not have',
    plant(place) {
      if (!GROUPS.includes(place.inner.join('.')) || !isMembers(place.value)) return undefined;
      const wrong = { ...place, inner: [...place.inner, 'Zzzzzzzzzzzzzz'] };
      return {
        template: put(place.template, pathOf(wrong), 'x'),
        faults: [faultAt(wrong, 'unknown-property', /Zzzzzzzzzzzzzz is unknown\. .+ takes /)],
      };
    },
  },
  {
    name: 'a required property is removed',
    plant(place) {
      const path = place.inner.join('.');
      const always = REQUIRED[place.type]?.includes(path) === true;
      const unlessDefined = OF_ACTION.test(path) && place.properties['Definition'] === undefined;
      if (!always && !(place.type === 'Custom::GenesysDataAction' && unlessDefined)) return undefined;
      return {
        template: put(place.template, pathOf(place), undefined),
        faults: [
          {
            rule: 'required',
            at:
              place.inner.length === 1
                ? ['Resources', place.logicalId, 'Type']
                : pathOf({ ...place, inner: place.inner.slice(0, -1) }),
            path: nameOf(place),
            says: new RegExp(`is required.* Add ${path}: `),
          },
        ],
      };
    },
  },
  {
    name: 'ServiceTimeout is removed',
    plant(place) {
      if (place.inner.join() !== 'ServiceTimeout') return undefined;
      return {
        template: put(place.template, pathOf(place), undefined),
        faults: [
          {
            rule: 'service-timeout',
            at: ['Resources', place.logicalId, 'Type'],
            path: place.logicalId,
            says: /waits an hour.* Add ServiceTimeout/,
          },
        ],
      };
    },
  },
  values('a value that no enumeration has', ENUMERATIONS, 'SOMETIMES', 'value', /must be one of/),
  {
    name: 'a value of an enumeration in other capitals',
    plant(place) {
      const { value, inner } = place;
      if (!ENUMERATIONS.test(inner.join('.')) || typeof value !== 'string') return undefined;
      const wrong = value === value.toLowerCase() ? value.toUpperCase() : value.toLowerCase();
      return replaced(place, wrong, 'value', new RegExp(`must be one of .*Write ${value}\\.`));
    },
  },
  values('a number as a word', /^(TimeoutSeconds|ServiceTimeout)$/, 'ten', 'value', /must be a whole number/),
  values(
    'a number out of its range',
    /^(TimeoutSeconds|ServiceTimeout)$/,
    4000,
    'value',
    /whole number from 1 to/,
  ),
  values(
    'a fraction for a whole number',
    /^Definition\.config\.timeoutSeconds$/,
    1.5,
    'value',
    /whole number/,
  ),
  values(
    'a flag as another word',
    /^(Secure|Enabled|AdoptExisting|Definition\.secure)$/,
    'perhaps',
    'value',
    /must be true or false/,
  ),
  values(
    'an empty text',
    /^(Name|Category|IntegrationId|Request\.UrlTemplate)$/,
    '',
    'value',
    /must not be empty/,
  ),
  values('a name that is too long', /^(Name|Category)$/, 'x'.repeat(257), 'value', /256/),
  values('text where a list is wanted', /^SharedWith$/, 'billing', 'value', /must be a list/),
  values(
    'a list item that is no name of a stack',
    /^SharedWith$/,
    ['billing/*/x/y'],
    'value',
    /wrong entry 1/,
  ),
  values(
    'text where a group is wanted',
    /^(Request|Response|Contract|SmokeTest)$/,
    'text',
    'value',
    /must be an object/,
  ),
  values(
    'a list where texts by name are wanted',
    /^(Request\.Headers|Response\.TranslationMap|Response\.TranslationMapDefaults)$/,
    ['x'],
    'value',
    /must be an object/,
  ),
  values(
    'an object where text is wanted',
    /^(Request\.Template|Response\.SuccessTemplate|Name|Category)$/,
    { a: 'b' },
    'value',
    /must be text/,
  ),
  {
    name: 'a null',
    plant(place) {
      const { value, inner } = place;
      if (typeof value === 'object' || inner.some((name) => /^(Ref|Fn::.*)$/.test(String(name))))
        return undefined;
      return replaced(place, null, 'null', /is null, and CloudFormation refuses.*Leave it out/);
    },
  },
  {
    name: 'a reference to a secret, which would be taken literally',
    plant(place) {
      const { value, inner } = place;
      if (typeof value !== 'string' || inner.some((name) => /^(Ref|Fn::.*)$/.test(String(name))))
        return undefined;
      const secret =
        inner.length % 2 === 0 ? 'secretsmanager:orders:SecretString:token' : 'ssm-secure:orders:1';
      return replaced(
        place,
        `{{resolve:${secret}}}`,
        'secret-reference',
        /does not resolve.*CredentialsSecretArn/,
      );
    },
  },
  {
    name: 'a reference to a secret in the default of a parameter',
    plant(place) {
      const name = isMembers(place.value) ? place.value['Ref'] : undefined;
      const parameters = place.template['Parameters'];
      if (typeof name !== 'string' || !isMembers(parameters) || !isMembers(parameters[name]))
        return undefined;
      const path = ['Parameters', name, 'Default'];
      return {
        template: put(place.template, path, '{{resolve:secretsmanager:orders}}'),
        faults: [{ rule: 'secret-reference', at: path, path: path.join('.'), says: /does not resolve/ }],
      };
    },
  },
  values(
    'the ARN of a key instead of its alias',
    /^KeyAliasArn$/,
    'arn:aws:kms:us-east-1:111122223333:key/1',
    'value',
    /ARN of a KMS alias/,
  ),
  values(
    'a name where the ARN of a role is wanted',
    /^RoleArn$/,
    'OrdersRole',
    'value',
    /ARN of an IAM role/,
  ),
  values(
    'a name where the ARN of a secret is wanted',
    /^CredentialsSecretArn$/,
    'orders',
    'value',
    /\/genesys\/credentials\//,
  ),
  values(
    'the name of the export as the token',
    /^ServiceToken$/,
    'genesys-cloud-ServiceToken',
    'service-token',
    /is no ARN.*Fn::ImportValue/,
  ),
  {
    name: 'a role beside the credential of web services',
    plant(place) {
      if (place.inner.length > 0 || place.properties['IntegrationType'] !== 'custom-rest-actions')
        return undefined;
      const wrong = { ...place, inner: ['RoleArn'] };
      return {
        template: put(place.template, pathOf(wrong), 'arn:aws:iam::111122223333:role/orders'),
        faults: [faultAt(wrong, 'combination', /belongs to IntegrationType aws-lambda-data-actions/)],
      };
    },
  },
  {
    name: 'half of a credential',
    plant(place) {
      const other = { CredentialType: 'CredentialsSecretArn', CredentialsSecretArn: 'CredentialType' }[
        place.inner.join()
      ];
      if (other === undefined) return undefined;
      return {
        template: put(place.template, pathOf(place), undefined),
        faults: [
          {
            rule: 'required',
            at: ['Resources', place.logicalId, 'Type'],
            path: nameOf(place),
            says: new RegExp(`is required beside ${other}`),
          },
        ],
      };
    },
  },
  {
    name: 'both ways of taking an object over',
    plant(place) {
      if (place.inner.length > 0 || place.type === 'Custom::GenesysRecordingKey') return undefined;
      const [existing, adopt] = [
        { ...place, inner: ['ExistingId'] },
        { ...place, inner: ['AdoptExisting'] },
      ];
      const first = put(place.template, pathOf(adopt), true);
      return {
        template: put(first, pathOf(existing), 'custom_-_x'),
        faults: [faultAt(existing, 'combination', /AdoptExisting.*Keep one/)],
      };
    },
  },
  {
    name: 'an object that two resources take over',
    plant(place) {
      if (place.inner.join() !== 'ExistingId') return undefined;
      const copy = put(place.template, ['Resources', `${place.logicalId}2`], {
        Type: place.type,
        Properties: { ...place.properties, Name: 'Another one' },
      });
      const second = { ...place, logicalId: `${place.logicalId}2` };
      return { template: copy, faults: [faultAt(second, 'duplicate', /takes the same object over/)] };
    },
  },
  {
    name: 'a definition in S3 of any version',
    plant(place) {
      if (place.inner.join('.') !== 'Definition.S3.VersionId') return undefined;
      const group = { ...place, inner: place.inner.slice(0, -1) };
      if (get(place.properties, [...group.inner, 'Sha256']) !== undefined) return undefined;
      return {
        template: put(place.template, pathOf(place), undefined),
        faults: [faultAt(group, 'value', /needs VersionId or Sha256/)],
      };
    },
  },
  values(
    'a definition in a bucket of no such name',
    /^Definition\.S3\.Bucket$/,
    'Not_A_Bucket',
    'value',
    /S3 bucket/,
  ),
  values(
    'a definition of an action that logs in',
    /^Definition\.actionType$/,
    'customAuth',
    'value',
    /must not be customAuth.*exports/,
  ),
  {
    name: 'the text of a definition is cut',
    plant(place) {
      if (place.inner.join() !== 'Definition' || typeof place.value !== 'string') return undefined;
      return replaced(place, place.value.slice(0, -1), 'definition', /is no JSON.*Paste the file/);
    },
  },
  {
    name: 'a wrong value in the default of a parameter',
    unseen: 'The value comes at deployment: the default is one of many.',
    plant(place) {
      const name = isCall(place.value) ? (place.value as { Ref?: Data }).Ref : undefined;
      const parameters = place.template['Parameters'];
      if (typeof name !== 'string' || !isMembers(parameters) || !isMembers(parameters[name]))
        return undefined;
      return { template: put(place.template, ['Parameters', name, 'Default'], '?'), faults: [] };
    },
  },
  {
    name: 'an export that no stack has',
    unseen: 'The exports of other stacks are known at deployment only.',
    plant(place) {
      if (place.inner.at(-1) !== 'Fn::ImportValue') return undefined;
      return { template: put(place.template, pathOf(place), 'no-such-export'), faults: [] };
    },
  },
];
