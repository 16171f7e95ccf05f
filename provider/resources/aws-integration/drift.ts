/** Looks at integrations by their list, which carries their configurations. */
import type { Models } from 'purecloud-platform-client-v2';
import { entitiesOf } from '../../genesys/index.ts';
import { differencesBetween } from '../../lifecycle/differences.ts';
import type { DriftRules } from '../../lifecycle/resource-type.ts';
import type { FreeForm } from '../../properties/index.ts';
import { CREDENTIAL_PLACE, stateDetail, stateOf } from './mapping.ts';
import { type IntegrationProperties, keepsCredential, typeOf } from './schema.ts';

export const drift: DriftRules<IntegrationProperties, Models.Integration> = {
  list: ({ session }) =>
    entitiesOf((page) => session.integrations.getIntegrations({ expand: ['config.current'], ...page })),

  read: (id, { session }) => session.integrations.getIntegration(id, {}),

  async differences(integration, { properties }) {
    const { Name, Notes = '', Enabled = true, Properties, Advanced } = properties;
    const { name, notes, ...forms } = stateOf(integration, configOf(integration));
    const applied = {
      Name,
      Notes,
      Enabled,
      IntegrationType: typeOf(properties),
      Properties: contentOf(Properties),
      Advanced: contentOf(Advanced),
    };
    const now = {
      Name: name,
      Notes: notes ?? '',
      Enabled: integration.intendedState === 'ENABLED',
      IntegrationType: integration.integrationType?.id,
      Properties: forms.properties ?? {},
      Advanced: forms.advanced ?? {},
    };
    return differencesBetween(applied, now, '');
  },

  async troubles(integration, applied) {
    const isInError = integration.reportedState?.code === 'ERROR';
    const detail = stateDetail(integration);
    return [
      ...(isInError
        ? [{ cause: 'error-state' as const, detail: `Genesys Cloud reports ERROR. ${detail}`.trim() }]
        : []),
      ...(applied === undefined ? [] : credentialTroubles(integration, applied)),
    ];
  },
};

const configOf = ({ config }: Models.Integration) =>
  config?.current ?? ({} as Models.IntegrationConfiguration);

const contentOf = (form: FreeForm | undefined): Record<string, unknown> =>
  form === undefined ? {} : 'typed' in form ? form.typed : form.untyped;

function credentialTroubles(
  integration: Models.Integration,
  { properties, record }: Parameters<typeof drift.differences>[1],
): { cause: 'credential-replaced'; detail: string }[] {
  const { credentialId: own, keptCredentialId: kept } = record.details;
  const isKept = keepsCredential(properties);
  if (isKept && own === undefined && kept === undefined) return [];
  const ours = own || (isKept ? kept : undefined) || '';
  const place = CREDENTIAL_PLACE[typeOf(properties)];
  const there = configOf(integration).credentials?.[place]?.id ?? '';
  if (there === ours) return [];
  const named = (id: string) => (id === '' ? 'no credential' : `the credential ${id}`);
  return [{ cause: 'credential-replaced', detail: `It has ${named(there)} instead of ${named(ours)}.` }];
}
