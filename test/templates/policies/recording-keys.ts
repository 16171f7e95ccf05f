/** Key policies of kms/. */
import {
  account,
  administrator,
  keyArn,
  organization,
  otherOrganization,
} from '../../../scripts/build/templates/scenarios.ts';
import {
  type Court,
  deployed,
  deployer,
  document,
  everything,
  genesysRole,
  ordinaryKey,
  type Row,
  statementsOf,
  strangerRole,
} from './court.ts';

export const recordingKeyCourts: Court[] = [];

export const recordingKeys = (file: string, variation: Record<string, string>) =>
  document(deployed(file, variation), 'RecordingKey', 'KeyPolicy');
export const twoOrganizations = { GenesysOrganizationIds: `${organization},${otherOrganization}` };
const k = (statement: string, allowed: boolean, principal: string, action: string, id?: string): Row => ({
  statement,
  allowed,
  principal,
  action: `kms:${action}`,
  resource: keyArn,
  ...(id === undefined ? {} : { context: { 'kms:EncryptionContext:genesys-cloud-organization-id': id } }),
});
/** Nobody of this account can use the key, whatever the IAM policies say. */
const unusable = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'ReEncryptFrom', 'CreateGrant'];
const genesysCloud = 'GenesysCloudUsesItForTheseOrganizations';

for (const file of ['kms/recording-key.yaml', 'kms/recording-key-replica.yaml']) {
  const policy = recordingKeys(file, twoOrganizations);
  recordingKeyCourts.push({
    name: `the key policy of ${file}, with every IAM policy allowing everything`,
    policies: { identity: [everything], resource: policy },
    judged: [{ policy, sids: [genesysCloud, 'AccountManagesByIam'] }],
    rows: [
      k(genesysCloud, true, genesysRole, 'Encrypt', organization),
      k(genesysCloud, true, genesysRole, 'Decrypt', organization),
      k(genesysCloud, true, genesysRole, 'GenerateDataKey', otherOrganization),
      k(genesysCloud, true, genesysRole, 'GenerateDataKeyPairWithoutPlaintext', otherOrganization),
      k(genesysCloud, false, genesysRole, 'Decrypt', '99999999-0000-4000-8000-000000000000'),
      k(genesysCloud, false, genesysRole, 'Decrypt'),
      k(genesysCloud, false, genesysRole, 'ReEncryptFrom', organization),
      k(genesysCloud, false, genesysRole, 'PutKeyPolicy'),
      k(genesysCloud, false, genesysRole, 'ScheduleKeyDeletion'),
      k(genesysCloud, false, strangerRole, 'Decrypt', organization),
      k('AccountManagesByIam', true, deployer, 'PutKeyPolicy'),
      k('AccountManagesByIam', true, deployer, 'DescribeKey'),
      k('AccountManagesByIam', true, deployer, 'UpdateAlias'),
      k('AccountManagesByIam', true, deployer, 'ReplicateKey'),
      k('AccountManagesByIam', false, deployer, 'EnableKey'),
      k('AccountManagesByIam', false, deployer, 'DisableKey'),
      k('AccountManagesByIam', false, deployer, 'ScheduleKeyDeletion'),
      k('AccountManagesByIam', false, deployer, 'CancelKeyDeletion'),
      k('AccountManagesByIam', false, strangerRole, 'DescribeKey'),
      ...unusable.map((action) => k('AccountManagesByIam', false, deployer, action, organization)),
      ...unusable.map((action) => k('AccountManagesByIam', false, administrator, action, organization)),
    ],
  });
  recordingKeyCourts.push({
    name: `the key policy of ${file}, for administrators without an IAM policy`,
    policies: { identity: [], resource: policy },
    judged: [{ policy, sids: ['AdministratorsAdminister'] }],
    rows: [
      k('AdministratorsAdminister', true, administrator, 'PutKeyPolicy'),
      k('AdministratorsAdminister', true, administrator, 'CancelKeyDeletion'),
      k('AdministratorsAdminister', true, administrator, 'EnableKey'),
      k('AdministratorsAdminister', true, administrator, 'DisableKey'),
      k('AdministratorsAdminister', true, administrator, 'ScheduleKeyDeletion'),
      ...unusable.map((action) => k('AdministratorsAdminister', false, administrator, action, organization)),
      k('AdministratorsAdminister', false, deployer, 'PutKeyPolicy'),
    ],
  });
  const loosened = {
    ...policy,
    Statement: [...statementsOf(policy), ...statementsOf(ordinaryKey)],
  };
  recordingKeyCourts.push({
    name: `the key policy of ${file}, loosened to what AWS makes by itself`,
    policies: { identity: [everything], resource: loosened },
    judged: [{ policy: loosened, sids: ['OnlyAdministratorsEndIt'] }],
    rows: [
      k('OnlyAdministratorsEndIt', false, deployer, 'ScheduleKeyDeletion'),
      k('OnlyAdministratorsEndIt', false, deployer, 'DisableKey'),
      k('OnlyAdministratorsEndIt', false, `arn:aws:iam::${account}:root`, 'ScheduleKeyDeletion'),
      k('OnlyAdministratorsEndIt', true, administrator, 'ScheduleKeyDeletion'),
      k('OnlyAdministratorsEndIt', true, administrator, 'DisableKey'),
      k('OnlyAdministratorsEndIt', true, deployer, 'PutKeyPolicy'),
      k('OnlyAdministratorsEndIt', true, deployer, 'EnableKey'),
    ],
  });
  const killed = recordingKeys(file, { ...twoOrganizations, GenesysCloudAccess: 'Denied' });
  recordingKeyCourts.push({
    name: `the key policy of ${file} after the kill switch`,
    policies: { identity: [everything], resource: killed },
    judged: [{ policy: killed, sids: ['KillSwitch'] }],
    rows: [
      k('KillSwitch', false, genesysRole, 'Decrypt', organization),
      k('KillSwitch', false, genesysRole, 'Encrypt', organization),
      k('KillSwitch', false, genesysRole, 'GenerateDataKey', otherOrganization),
      k('KillSwitch', true, deployer, 'PutKeyPolicy'),
      k('KillSwitch', true, administrator, 'PutKeyPolicy'),
    ],
  });
}
