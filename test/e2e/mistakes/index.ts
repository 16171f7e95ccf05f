/** Every mistake, by its kind. */
import { inContracts, inDefinitions, inTemplates } from './contents.ts';
import type { Mistake } from './mistake.ts';
import { ofObjects } from './objects.ts';
import { ofParameters } from './parameters.ts';
import { missing, misspelt, ofAnotherKind } from './properties.ts';
import { ofRecordingKeys, ofRoles, ofSmokeTests, ofTheProvider } from './running.ts';
import { ofCredentials, ofTheOAuthClient } from './secrets.ts';

export const MISTAKES: Record<string, readonly Mistake[]> = {
  'a misspelt name': misspelt,
  'a value of another kind': ofAnotherKind,
  'a missing property': missing,
  'a contract': inContracts,
  'a template of an action': inTemplates,
  'a definition': inDefinitions,
  'an OAuth client': ofTheOAuthClient,
  'a credential': ofCredentials,
  'an object': ofObjects,
  'a role': ofRoles,
  'a smoke test': ofSmokeTests,
  'a recording key': ofRecordingKeys,
  'the provider': ofTheProvider,
  'a parameter': ofParameters,
};
