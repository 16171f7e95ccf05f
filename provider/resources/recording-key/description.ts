import type { TypeDescription } from '../../lifecycle/resource-type.ts';
import { commonDescriptions } from '../common-descriptions.ts';

export const about: TypeDescription = {
  description:
    "The organization's key configuration of recording encryption, set to a KMS key of one's own. An organization has one. Ref returns its id.",
  properties: {
    ...commonDescriptions,
    KeyAliasArn: "ARN of the key's alias, in the organization's home region. The key must be symmetric.",
    RotationPeriod: 'How often Genesys Cloud makes a new recording key. Left as it is when missing.',
    Takeover: 'Whether a customer key that the organization uses already may be replaced (default false).',
    OnDelete:
      "What a deletion leaves: Retain (default) this configuration, Native Genesys Cloud's own keys, RestorePrevious what was there before.",
  },
  attributes: {
    KeyConfigurationId: 'Id of the key configuration; the same as Ref.',
    KeyConfigurationType: 'Type of the key configuration, KmsSymmetric.',
    PreviousKeyConfigurationType: 'Type of the key configuration that was there before, or Native.',
    ActiveKeyId: 'Id of the newest recording key.',
  },
  permissions: ['recording:encryptionKey:view', 'recording:encryptionKey:edit'],
  unique: {
    properties: [],
    problem: 'is a recording key already, and an organization has one',
    fix: 'Keep one of them.',
  },
};
