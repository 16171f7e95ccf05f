import { PropertyError } from '../../../provider/properties/index.ts';
import { checkTogether } from '../../../provider/resources/aws-integration/schema.ts';

const common = { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:p', Name: 'a' };
const role = { RoleArn: 'arn:aws:iam::000000000000:role/a' };
const secret = {
  CredentialsSecretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/credentials/a-123456',
};
const kind = { CredentialType: 'basicAuth' as const };
const webServices = { IntegrationType: 'custom-rest-actions' as const };

/** Path and fault of everything that is wrong. */
function faults(properties: object): [path: string, fault: string][] {
  try {
    checkTogether({ ...common, ...properties });
    return [];
  } catch (error) {
    if (!(error instanceof PropertyError)) throw error;
    return error.problems.map(({ path, fault }) => [path, fault]);
  }
}

test.each<[string, object, [path: string, fault: string][]]>([
  ['a Lambda integration with a role is right', role, []],
  ['a Lambda integration needs a role', {}, [['RoleArn', 'missing']]],
  [
    'a Lambda integration takes no credential, and each part of one is named',
    { ...role, ...kind, ...secret },
    [
      ['CredentialType', 'rule'],
      ['CredentialsSecretArn', 'rule'],
    ],
  ],
  ['web services without a credential are right', webServices, []],
  ['web services with a credential are right', { ...webServices, ...kind, ...secret }, []],
  ['web services take no role', { ...webServices, ...role }, [['RoleArn', 'rule']]],
  [
    'a kind of credential needs its secret',
    { ...webServices, ...kind },
    [['CredentialsSecretArn', 'missing']],
  ],
  ['a secret needs its kind of credential', { ...webServices, ...secret }, [['CredentialType', 'missing']]],
])('%s', (_what, properties, expected) => {
  expect(faults(properties)).toEqual(expected);
});
