/** Every check, in the order of the report. */
import { accountChecks } from './account.ts';
import { assumptionChecks } from './assumptions.ts';
import type { Check } from './check.ts';
import { functionChecks } from './function.ts';
import { ledgerChecks } from './ledger.ts';
import { oauthChecks } from './oauth.ts';
import { objectChecks } from './objects.ts';
import { recordingKeyChecks } from './recording-key.ts';
import { stackChecks } from './stack.ts';

/** Checks that need no provider. */
const beforehand: readonly Check[] = [...accountChecks, ...oauthChecks];

/** Assumptions about an organization, which a client alone can look up. */
const OF_ORGANIZATION = [
  'assumed-own-permissions',
  'assumed-credential-types',
  'assumed-integration-names',
  'assumed-lambda-method',
  'assumed-action-kind',
  'assumed-tracking-state',
  'assumed-key-configurations',
  'assumed-internal-key',
];

export const areas: readonly { title: string; checks: readonly Check[] }[] = [
  { title: 'The account and the OAuth client', checks: beforehand },
  { title: 'The provider', checks: [...stackChecks, ...functionChecks] },
  { title: 'The ledger', checks: ledgerChecks },
  { title: 'Integrations and data actions', checks: objectChecks },
  { title: 'The recording key', checks: recordingKeyChecks },
  { title: 'Assumptions', checks: assumptionChecks },
];

/** The checks of a run. */
export function checksFor({ hasProvider }: { hasProvider: boolean }): Check[] {
  const all = areas.flatMap(({ checks }) => checks);
  return hasProvider
    ? all
    : all.filter((check) => beforehand.includes(check) || OF_ORGANIZATION.includes(check.id));
}
