/** Policies of oauth-rotation.yaml: the role of the rotation, and the secret of its own client. */
import {
  account,
  oauthSecret,
  otherOauthSecret,
  rotationSecret,
  scenarios,
  secretsKeyArn,
} from '../../../scripts/build/templates/scenarios.ts';
import {
  arn,
  attachment,
  type Court,
  deployed,
  deployer,
  document,
  everything,
  lambdaTrust,
  ordinaryKey,
  ownLogs,
  type Row,
  request,
} from './court.ts';

const role = `arn:aws:iam::${account}:role/rotation`;
const { base = {}, variations = {} } = scenarios['oauth-rotation.yaml'] ?? {};
const places = { 'RotationLogs.Arn': arn('logs', 'log-group:rotation:*'), 'RotationRole.Arn': role };
const rotation = deployed('oauth-rotation.yaml', { ...base, ...variations['every option'] }, places);
const policies = ['RotationPolicy', 'SecretsKeyPolicy', 'NetworkPolicy'].map((id) => document(rotation, id));
const ownSecret = document(
  deployed('oauth-rotation.yaml', base, places),
  'OwnSecretPolicy',
  'ResourcePolicy',
);

const secrets = (allowed: boolean, action: string, resource: string, statement = 'Rotate') =>
  request(statement, allowed, role, `secretsmanager:${action}`, resource);
const key = (allowed: boolean, action: string, context: Record<string, string>): Row => ({
  statement: 'ReadAndWriteSecrets',
  allowed,
  principal: role,
  action: `kms:${action}`,
  resource: secretsKeyArn,
  context,
  resourcePolicy: ordinaryKey,
});
const viaSecrets = { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' };
const ofSecret = { ...viaSecrets, 'kms:EncryptionContext:SecretARN': oauthSecret };
const own = (allowed: boolean, principal: string, action: string): Row => ({
  statement: 'OnlyTheRotationReads',
  allowed,
  principal,
  action: `secretsmanager:${action}`,
  resource: rotationSecret,
  context: { 'aws:PrincipalArn': principal },
});

export const rotationCourts: Court[] = [
  {
    name: "the role of the rotation of the OAuth client's secret",
    policies: { identity: policies },
    judged: policies.map((policy) => ({ policy })),
    rows: [
      ...ownLogs(role, 'rotation'),
      secrets(true, 'GetSecretValue', rotationSecret, 'LogIn'),
      secrets(false, 'GetSecretValue', otherOauthSecret, 'LogIn'),
      secrets(false, 'PutSecretValue', rotationSecret, 'LogIn'),
      ...['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].flatMap(
        (action) => [secrets(true, action, oauthSecret), secrets(false, action, otherOauthSecret)],
      ),
      ...['DeleteSecret', 'PutResourcePolicy', 'RotateSecret', 'UpdateSecret'].map((action) =>
        secrets(false, action, oauthSecret),
      ),
      ...['Decrypt', 'GenerateDataKey'].flatMap((action) => [
        key(true, action, ofSecret),
        key(true, action, { ...ofSecret, 'kms:EncryptionContext:SecretARN': rotationSecret }),
        key(false, action, { ...ofSecret, 'kms:EncryptionContext:SecretARN': otherOauthSecret }),
        key(false, action, { 'kms:EncryptionContext:SecretARN': oauthSecret }),
      ]),
      ...attachment(role, 'NotFromTheFunctionItself', arn('lambda', 'function:rotation')),
    ],
  },
  lambdaTrust(
    "the trust of the rotation's role",
    document(rotation, 'RotationRole', 'AssumeRolePolicyDocument'),
  ),
  {
    name: "the policy of the secret of the rotation's own client",
    policies: { identity: [everything], resource: ownSecret },
    judged: [{ policy: ownSecret }],
    rows: [
      own(true, role, 'GetSecretValue'),
      own(false, deployer, 'GetSecretValue'),
      own(true, deployer, 'PutSecretValue'),
    ],
  },
];
