import { type RegistrationRecord, registrationKey } from '../../provider/ledger/registration.ts';

/** How the function of an installed provider knows itself: part of its environment. */
export const installed = (account = '123456789012', region = 'us-east-1') => ({
  PROVIDER_ARN: `arn:aws:lambda:${region}:${account}:function:genesys-cloud-provider`,
  PROVIDER_STACK_ID: `arn:aws:cloudformation:${region}:${account}:stack/genesys-cloud-provider/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`,
});

/** The item that the installation of a provider writes into its ledger: key and body. */
export function registrationOf({ PROVIDER_ARN } = installed()): [string, RegistrationRecord] {
  return [registrationKey(PROVIDER_ARN), { provider: PROVIDER_ARN, at: 0, by: 'installation' }];
}
