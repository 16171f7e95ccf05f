/** An integration as properties that take it over without a change. */
import type { Models } from 'purecloud-platform-client-v2';
import { PropertyError, parseProperties } from '../../provider/properties/index.ts';
import { isAsWanted } from '../../provider/resources/aws-integration/as-it-is.ts';
import {
  CREDENTIAL_PLACE,
  configurationOf,
  stateDetail,
  stateOf,
} from '../../provider/resources/aws-integration/mapping.ts';
import {
  checkTogether,
  LAMBDA_TYPE,
  schema,
  typeOf,
  WEB_SERVICES_TYPE,
} from '../../provider/resources/aws-integration/schema.ts';
import { NotExported } from './findings.ts';
import type { ListedIntegration } from './inventory.ts';
import { jsonText, type Members, sorted, Text } from './yaml.ts';

export interface ExportedIntegration {
  id: string;
  name: string;
  properties: Members;
  /** Properties for a person to fill in. */
  comment: string;
  remarks: string[];
}

/** The provider parses it, too: anything else would say more than a deployment does. */
const SERVICE_TOKEN = 'arn:aws:lambda:us-east-1:123456789012:function:provider';

export const isOfOurTypes = ({ integrationType }: Models.Integration): boolean =>
  [LAMBDA_TYPE, WEB_SERVICES_TYPE].includes(integrationType?.id ?? '');

/**
 * @param config its current configuration
 * @throws NotExported where a deployment could not take it over as it is
 */
export function integrationOf(
  integration: ListedIntegration,
  config: Models.IntegrationConfiguration,
  organizationId: string,
): ExportedIntegration {
  const { id } = integration;
  const type = integration.integrationType?.id ?? '';
  if (!isOfOurTypes(integration))
    throw new NotExported(
      `is of the type ${type || 'unknown'}, which Custom::GenesysAwsIntegration does not manage`,
    );
  const state = stateOf(integration, config);
  const { name = integration.name ?? '', notes, properties = {}, advanced = {}, intendedState } = state;
  if (intendedState !== 'ENABLED' && intendedState !== 'DISABLED')
    throw new NotExported(`has the state ${intendedState}, which no property has`);
  refuseUnwritable([name, notes ?? '']);
  const form = (value: object) =>
    Object.keys(value).length > 0 ? jsonText(sorted({ ...value })) : undefined;
  const written = {
    ...(type === LAMBDA_TYPE ? {} : { IntegrationType: type }),
    ExistingId: id,
    Name: name,
    ...(notes ? { Notes: notes } : {}),
    ...(intendedState === 'DISABLED' ? { Enabled: false } : {}),
    ...textOf('Properties', form(properties)),
    ...textOf('Advanced', form(advanced)),
  };
  judge(written, state);
  return {
    id,
    name,
    properties: Object.fromEntries(
      Object.entries(written).map(([property, value]) => [
        property,
        property === 'Properties' || property === 'Advanced' ? new Text(String(value)) : value,
      ]),
    ),
    comment: commentOf(type, state.credentials, organizationId),
    remarks:
      integration.reportedState?.code === 'ERROR'
        ? [`Genesys Cloud reports ERROR for it, before and after. ${stateDetail(integration)}`.trim()]
        : [],
  };
}

const textOf = (name: string, text: string | undefined) => (text === undefined ? {} : { [name]: text });

/** @throws NotExported where the provider refuses the properties, or would write them */
function judge(written: Record<string, unknown>, state: ReturnType<typeof stateOf>): void {
  try {
    const typed = parseProperties(schema, { ServiceToken: SERVICE_TOKEN, ...written });
    checkTogether(typed);
    const forms = { properties: formOf(typed.Properties), advanced: formOf(typed.Advanced) };
    const credential = { do: 'keep' as const, credentials: state.credentials, details: {}, obsolete: [] };
    const wanted = configurationOf(typed, typeOf(typed), { credential, config: forms }, '');
    if (isAsWanted(state, wanted, typed.Enabled ?? true)) return;
  } catch (error) {
    if (error instanceof PropertyError) throw new NotExported(`cannot be described: ${error.message}`);
    throw error;
  }
  throw new NotExported('cannot be described without a change');
}

const formOf = (
  form: { typed: Record<string, unknown> } | { untyped: Record<string, unknown> } | undefined,
) => (form === undefined ? {} : 'typed' in form ? form.typed : form.untyped);

/** @throws NotExported for texts that no template can carry */
export function refuseUnwritable(texts: readonly string[]): void {
  if (texts.some((text) => !text.isWellFormed()))
    throw new NotExported('has a text with half a character, which no template can hold');
}

function commentOf(
  type: string,
  credentials: Record<string, { id: string }>,
  organizationId: string,
): string {
  const place = CREDENTIAL_PLACE[type === LAMBDA_TYPE ? LAMBDA_TYPE : WEB_SERVICES_TYPE];
  const has =
    credentials[place] === undefined ? 'It has no credential.' : 'It keeps the credential that it has.';
  if (type === LAMBDA_TYPE) {
    return `${has} To manage it here, write the role, which trusts
Genesys Cloud with the ExternalId ${organizationId}:
RoleArn: arn:aws:iam::<account>:role/<role>`;
  }
  return `${has} To manage it here, put its fields into a secret and write:
CredentialType: <userDefined|basicAuth|userDefinedOAuth>
CredentialsSecretArn: arn:aws:secretsmanager:<region>:<account>:secret:/genesys/credentials/<name>`;
}
