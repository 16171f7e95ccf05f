/**
 * `Custom::GenesysAwsIntegration`, and nothing that other types need. `schema.ts` has the properties and the
 * rules between them, `mapping.ts` makes Genesys Cloud's models of them, `api.ts` the calls; `credentials.ts`
 * looks after the integration's credential, `activation.ts` waits until it works, `guard.ts` protects other
 * stacks' data actions.
 */
import type { Models } from 'purecloud-platform-client-v2';
import { RefusedError } from '../../../common/errors.ts';
import { collection } from '../../lifecycle/collection.ts';
import { publishedSharing } from '../shared-integrations.ts';
import { setState } from './activation.ts';
import { api, readConfig, readState, restoreState, wantedConfiguration } from './api.ts';
import { credentialParts, wantedCredential } from './credentials.ts';
import { about } from './description.ts';
import { drift } from './drift.ts';
import { guard, refuseRevokingUsed } from './guard.ts';
import type { IntegrationState, Prepared } from './mapping.ts';
import { preview } from './preview.ts';
import {
  canonical,
  checkTogether,
  type IntegrationProperties,
  LAMBDA_TYPE,
  schema,
  typeOf,
} from './schema.ts';

export const awsIntegration = collection<
  IntegrationProperties,
  IntegrationProperties,
  Models.Integration,
  Prepared
>({
  typeName: 'Custom::GenesysAwsIntegration',
  kind: 'integration',
  noun: 'integration',
  servedByDefault: true,
  about,
  drift,
  preview,
  schema,
  canonical,
  replacement: ['IntegrationType'],
  defaults: { IntegrationType: LAMBDA_TYPE },
  attributes: ['IntegrationId', 'CredentialId', 'ReportedState', 'OrganizationId'],
  nameOf: ({ Name }) => Name,
  api,
  async check(properties, operation, isCreate) {
    checkTogether(properties);
    if (!isCreate) await refuseRevokingUsed(properties, operation);
  },

  async prepare(properties, operation, object) {
    const [credential, config] = await Promise.all([
      wantedCredential(properties, operation, object),
      readConfig(properties, operation),
    ]);
    return { credential, config };
  },

  parts: credentialParts,
  published: (properties, operation) => ({
    ...publishedSharing(properties, operation),
    configuredAt: String(operation.clock.now()),
  }),

  adoption: {
    refuseOther({ id, integrationType }, properties) {
      const wanted = typeOf(properties);
      if (integrationType?.id === wanted) return;
      throw new RefusedError(
        `The integration ${id} cannot be taken over: its type is ${integrationType?.id}, not ${wanted}, and cannot change. Check ExistingId and IntegrationType.`,
      );
    },
    stateOf: readState,
    async isAsWanted(state, { properties, prepared, details }) {
      const { isAsWanted } = await import('./as-it-is.ts');
      const wanted = wantedConfiguration(properties, prepared, details);
      return isAsWanted(state as IntegrationState, wanted, properties.Enabled ?? true);
    },
    restore: restoreState,
  },

  async finish({ id, properties, details, before, isUntouched }, operation) {
    // A write may have broken it. Without one its state is its own matter, and drift reports it.
    const reportedState = isUntouched
      ? (before?.reportedState?.code ?? '')
      : await setState(id, properties, before, operation);
    return {
      id,
      attributes: {
        IntegrationId: id,
        CredentialId: details['credentialId'] ?? '',
        ReportedState: reportedState,
        OrganizationId: operation.organization.id,
      },
    };
  },

  async guardReplacement(object, oldProperties, operation) {
    if (operation.appliedBefore) return;
    await guard.refuse(object, oldProperties, operation);
  },

  deletionGuard: guard,
});
