import type { Models } from 'purecloud-platform-client-v2';
import * as z from 'zod/mini';
import { BadRequestError, ConflictError, MissingPermissionError } from '../genesys/index.ts';
import type { Step } from '../ledger/index.ts';
import { adoptionProperties, eitherOfBoth, type Found, findExisting } from '../lifecycle/adoption.ts';
import { commonProperties, type Existing, type ResourceType, type Result } from '../lifecycle/type.ts';
import { isGone, type Work, YOUNG_MILLISECONDS } from '../lifecycle/work.ts';
import {
  choice,
  coerceBySchema,
  type FreeForm,
  flag,
  freeForm,
  invalidProperty,
  PropertyError,
  problemAt,
  text,
} from '../properties/index.ts';
import { ProviderError, RefusedError } from '../runtime/errors.ts';
import { readCredentialFields } from './credential-fields.ts';
import { isOwnOfGenesysCloud } from './existing-action.ts';

const LAMBDA_TYPE = 'aws-lambda-data-actions';
const WEB_SERVICES_TYPE = 'custom-rest-actions';

/**
 * Where an integration type keeps its credential. Web services have one place for every kind of credential
 * (Genesys Cloud blueprints; CX as Code, custom_auth_action guide).
 */
const CREDENTIAL_PLACE = { [LAMBDA_TYPE]: 'AmazonWebServicesARN', [WEB_SERVICES_TYPE]: 'basicAuth' } as const;

const properties = z.strictObject({
  ...commonProperties,
  Name: text({ max: 256 }),
  IntegrationType: z.optional(choice(LAMBDA_TYPE, WEB_SERVICES_TYPE)),
  RoleArn: z.optional(
    text({
      pattern: /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
      hint: 'must be the ARN of an IAM role',
    }),
  ),
  CredentialType: z.optional(choice('userDefined', 'basicAuth', 'userDefinedOAuth')),
  CredentialsSecretArn: z.optional(
    text({
      pattern: /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\/genesys\/credentials\/.+/,
      hint: 'must be the ARN of a secret whose name begins with /genesys/credentials/',
    }),
  ),
  /** Any text: another one makes the provider read the secret again. */
  CredentialsSecretVersion: z.optional(text({ max: 256 })),
  Enabled: z.optional(flag()),
  Notes: z.optional(text({ min: 0, max: 10_000 })),
  Properties: z.optional(freeForm()),
  Advanced: z.optional(freeForm()),
  DeletionGuard: z.optional(choice('Actions', 'None')),
  ...adoptionProperties,
});
const schema = properties.check(eitherOfBoth());

export type AwsIntegrationProperties = z.infer<typeof schema>;

const typeOf = ({ IntegrationType = LAMBDA_TYPE }: AwsIntegrationProperties) => IntegrationType;

/** Rules between properties. @throws PropertyError */
export function checkTogether(properties: AwsIntegrationProperties): void {
  const { RoleArn, CredentialType, CredentialsSecretArn } = properties;
  if (typeOf(properties) === LAMBDA_TYPE) {
    if (RoleArn === undefined)
      throw invalidProperty('RoleArn', 'is required for aws-lambda-data-actions', { fault: 'missing' });
    const ofWebServices = (['CredentialType', 'CredentialsSecretArn'] as const)
      .filter((name) => properties[name] !== undefined)
      .map((name) =>
        problemAt(
          name,
          'belongs to IntegrationType custom-rest-actions; aws-lambda-data-actions takes RoleArn',
        ),
      );
    if (ofWebServices.length > 0) throw new PropertyError(ofWebServices);
    return;
  }
  if (RoleArn !== undefined) {
    throw invalidProperty(
      'RoleArn',
      'belongs to IntegrationType aws-lambda-data-actions; custom-rest-actions takes CredentialsSecretArn',
    );
  }
  if (CredentialType === undefined && CredentialsSecretArn !== undefined)
    throw invalidProperty('CredentialType', 'is required beside CredentialsSecretArn', { fault: 'missing' });
  if (CredentialType !== undefined && CredentialsSecretArn === undefined)
    throw invalidProperty('CredentialsSecretArn', 'is required beside CredentialType', { fault: 'missing' });
}

/** A credential as the API takes it; its fields are secret and go nowhere else. */
interface NewCredential {
  type: { name: string };
  credentialFields: Record<string, string>;
}

export const awsIntegration: ResourceType<AwsIntegrationProperties> = {
  typeName: 'Custom::GenesysAwsIntegration',
  kind: 'integration',
  schema,
  replacement: ['IntegrationType'],
  defaults: { IntegrationType: LAMBDA_TYPE },
  attributes: ['IntegrationId', 'CredentialId', 'ReportedState', 'OrganizationId'],

  async create(properties, work, predecessor) {
    checkTogether(properties);
    const [credential, config] = await Promise.all([
      credentialOf(properties, work),
      freeFormsOf(properties, work),
    ]);
    const { id, credentialId, before } = await underName(properties, work, async () => {
      const existing = await findIntegrationToAdopt(properties, work, predecessor?.id);
      // Before the integration: undone in reverse, the credential goes when no configuration names it any more.
      const credentialId = credential && (await makeCredential(credential, properties.Name, work));
      const details: Record<string, string> =
        credentialId === undefined ? {} : { credentialId, credentialType: credential?.type.name ?? '' };
      const id = existing
        ? await adoptIntegration(existing, details, work)
        : await makeIntegration(properties, details, work);
      const before = existing && (existing.value ?? (await readIntegration(id, work)));
      await putConfig(id, properties, config, credentialId, work);
      return { id, credentialId, before };
    });
    const reported = await setState(id, properties, work, before);
    return resultOf(id, credentialId, credential?.type.name, reported, work);
  },

  async update(existing, properties, work) {
    checkTogether(properties);
    const { id, record } = existing;
    const [credential, config, before] = await Promise.all([
      credentialOf(properties, work),
      freeFormsOf(properties, work),
      readIntegration(id, work),
    ]);
    const known = record?.details['credentialId'] ?? (await credentialIdOf(id, typeOf(properties), work));
    await work.writing();
    // A credential cannot change its type: another one takes its place.
    const typeBefore = record?.details['credentialType'] ?? credential?.type.name;
    const reusable = typeBefore === credential?.type.name ? known : undefined;
    const credentialId = credential && (await writeCredential(credential, reusable, properties.Name, work));
    await putConfig(id, properties, config, credentialId, work);
    const reported = await setState(id, properties, work, before);
    // A credential that is no longer used is removed once the configuration no longer names it.
    if (known !== undefined && known !== credentialId) await deleteCredential(known, work);
    return resultOf(id, credentialId, credential?.type.name, reported, work);
  },

  exists: async (id, work) => !(await isGone(() => work.session.integrations.getIntegration(id, {}))),

  async guardReplacement(existing, oldProperties, work) {
    await refuseWhileOthersHang(existing, oldProperties, work);
  },

  async remove(existing, properties, work) {
    await refuseWhileOthersHang(existing, properties, work);
    const type = properties['IntegrationType'] === WEB_SERVICES_TYPE ? WEB_SERVICES_TYPE : LAMBDA_TYPE;
    const credentialId = existing.record
      ? existing.record.details['credentialId']
      : await credentialIdOf(existing.id, type, work);
    await deleteIntegration(existing.id, work);
    const credentialIds = [credentialId ?? '', ...formerCredentialsOf(existing)];
    for (const id of credentialIds) await deleteCredential(id, work);
    return [existing.id, ...credentialIds];
  },

  async putBack({ id, record }, before, work) {
    const { intendedState, ...config } = before as State;
    const { integrations } = work.session;
    await isGone(async () => {
      await work.withFreshVersion(async () => {
        const { version } = await integrations.getIntegrationConfigCurrent(id);
        await integrations.putIntegrationConfigCurrent(id, { body: { ...config, version } });
      });
      await integrations.patchIntegration(id, { body: { intendedState } });
    });
    const credentialId = record?.details['credentialId'] ?? '';
    await deleteCredential(credentialId, work);
    return [id, credentialId];
  },

  async undo(step: Step, work) {
    const name = step.marker['name'] ?? '';
    const lag = 15_000;
    if (step.kind === 'credential') {
      const id = step.id ?? (await work.until(() => findCredential(name, work), lag))?.id;
      if (id !== undefined) await deleteCredential(id, work);
    } else {
      const id = step.id ?? (await work.until(() => findIntegration(name, work), lag))?.id;
      if (id !== undefined) await deleteIntegration(id, work);
    }
  },
};

function resultOf(
  id: string,
  credentialId: string | undefined,
  credentialType: string | undefined,
  reportedState: string,
  work: Work,
): Result {
  return {
    id,
    attributes: {
      IntegrationId: id,
      CredentialId: credentialId ?? '',
      ReportedState: reportedState,
      OrganizationId: work.organization.id,
    },
    details: {
      credentialId: credentialId ?? '',
      ...(credentialType === undefined ? {} : { credentialType }),
    },
  };
}

// ---- credential

async function credentialOf(
  properties: AwsIntegrationProperties,
  work: Work,
): Promise<NewCredential | undefined> {
  if (typeOf(properties) === LAMBDA_TYPE) {
    // The one type and field that Genesys Cloud's blueprints use; the ExternalId is the organization's id, by itself.
    return { type: { name: 'amazonWebServicesARN' }, credentialFields: { ARN: properties.RoleArn ?? '' } };
  }
  const { CredentialType, CredentialsSecretArn } = properties;
  if (CredentialType === undefined || CredentialsSecretArn === undefined) return undefined;
  return {
    type: { name: CredentialType },
    credentialFields: await readCredentialFields(CredentialsSecretArn, work),
  };
}

async function makeCredential(credential: NewCredential, name: string, work: Work): Promise<string> {
  const unique = work.uniqueName(name);
  const { id } = await work.make({
    kind: 'credential',
    marker: { name: unique },
    send: () =>
      work.session.integrations.postIntegrationsCredentials({ body: { name: unique, ...credential } }),
    find: () => findCredential(unique, work),
  });
  return id;
}

/** Fields cannot be read back, so an existing credential is always written; one that is gone is made anew. */
async function writeCredential(
  credential: NewCredential,
  id: string | undefined,
  name: string,
  work: Work,
): Promise<string> {
  if (id === undefined || id === '') return makeCredential(credential, name, work);
  const put = () =>
    work.session.integrations.putIntegrationsCredential(id, {
      body: { id, name: work.uniqueName(name), ...credential },
    });
  return (await isGone(put)) ? makeCredential(credential, name, work) : id;
}

/** Right after its integration a credential may still count as in use. */
async function deleteCredential(id: string, work: Work): Promise<void> {
  if (id === '') return;
  const { integrations } = work.session;
  const remove = () => integrations.deleteIntegrationsCredential(id);
  await work.patiently(
    async () => {
      // A 404 alone is not believed.
      if (await isGone(remove))
        await work.deleteAndWait(
          remove,
          () => integrations.getIntegrationsCredential(id, {}),
          `credential ${id}`,
        );
    },
    (error) => error instanceof BadRequestError || error instanceof ConflictError,
    30_000,
  );
}

/** The credential that an integration names, for one that the ledger does not know. */
async function credentialIdOf(
  id: string,
  type: keyof typeof CREDENTIAL_PLACE,
  work: Work,
): Promise<string | undefined> {
  let found: string | undefined;
  await isGone(async () => {
    const config = await work.session.integrations.getIntegrationConfigCurrent(id);
    const credential = config.credentials?.[CREDENTIAL_PLACE[type]];
    // Ours carries the mark of the request that made it; another's is not ours to delete.
    if (/ \[[0-9a-f]{12}\]$/.test(credential?.name ?? '')) found = credential?.id;
  });
  return found;
}

async function findCredential(name: string, work: Work): Promise<Models.CredentialInfo | undefined> {
  let after: string | undefined;
  do {
    const page: Models.CredentialInfoCursorListing =
      await work.session.integrations.getIntegrationsCredentialsListing({
        pageSize: '200',
        ...(after === undefined ? {} : { after }),
      });
    const found = page.entities?.find((credential) => credential.name === name);
    if (found) return found;
    after = page.nextUri
      ? (new URL(page.nextUri, 'https://api.invalid').searchParams.get('after') ?? undefined)
      : undefined;
  } while (after !== undefined);
  return undefined;
}

// ---- integration

function readIntegration(id: string, work: Work): Promise<Models.Integration> {
  return work.readExisting(() => work.session.integrations.getIntegration(id, {}));
}

/** Makes it under a unique name; its configuration then sets the final one. */
async function makeIntegration(
  properties: AwsIntegrationProperties,
  details: Record<string, string>,
  work: Work,
): Promise<string> {
  const unique = work.uniqueName(properties.Name);
  const { id } = await work.make({
    kind: 'integration',
    marker: { name: unique },
    send: () =>
      work.session.integrations.postIntegrations({
        body: { name: unique, integrationType: { id: typeOf(properties) } },
      }),
    find: () => findIntegration(unique, work),
    object: () => ({ details }),
  });
  return id;
}

async function findIntegration(name: string, work: Work): Promise<Models.Integration | undefined> {
  for await (const integration of allIntegrations({}, work))
    if (integration.name === name) return integration;
  return undefined;
}

async function* allIntegrations(
  filter: { integrationType?: string },
  work: Work,
): AsyncGenerator<Models.Integration> {
  for (let pageNumber = 1; ; pageNumber += 1) {
    const page = await work.session.integrations.getIntegrations({ ...filter, pageSize: 100, pageNumber });
    const entities = page.entities ?? [];
    yield* entities;
    if (pageNumber >= (page.pageCount ?? 1) || entities.length === 0) return;
  }
}

function deleteIntegration(id: string, work: Work): Promise<void> {
  const { integrations } = work.session;
  return work.deleteAndWait(
    () => integrations.deleteIntegration(id),
    () => integrations.getIntegration(id, {}),
    `integration ${id}`,
  );
}

interface Config {
  properties: Record<string, unknown>;
  advanced: Record<string, unknown>;
}

/** The free forms with their types: JSON text has them, an object's strings get them from the published schema. */
async function freeFormsOf(properties: AwsIntegrationProperties, work: Work): Promise<Config> {
  const typed = async (
    form: FreeForm | undefined,
    name: 'properties' | 'advanced',
  ): Promise<Record<string, unknown>> => {
    if (form === undefined) return {};
    if ('typed' in form) return form.typed;
    const published = await work.session.integrations.getIntegrationsTypeConfigschema(
      typeOf(properties),
      name,
    );
    return coerceBySchema(form.untyped, published) as Record<string, unknown>;
  };
  const [main, advanced] = await Promise.all([
    typed(properties.Properties, 'properties'),
    typed(properties.Advanced, 'advanced'),
  ]);
  return { properties: main, advanced };
}

/** Sets the integration's final name and everything else; a PUT replaces the whole configuration. */
async function putConfig(
  id: string,
  properties: AwsIntegrationProperties,
  config: Config,
  credentialId: string | undefined,
  work: Work,
): Promise<void> {
  const { integrations } = work.session;
  await work.withFreshVersion(async () => {
    const { version } = await work.readExisting(() => integrations.getIntegrationConfigCurrent(id));
    await integrations.putIntegrationConfigCurrent(id, {
      body: {
        name: properties.Name,
        version,
        properties: config.properties,
        advanced: config.advanced,
        notes: properties.Notes ?? '',
        credentials:
          credentialId === undefined ? {} : { [CREDENTIAL_PLACE[typeOf(properties)]]: { id: credentialId } },
      },
    });
  });
}

// ---- an integration that is there already

/** What is put back: everything but the version, and the state. Its credential is not ours, and stays as it is. */
type State = Omit<Models.IntegrationConfiguration, 'version' | 'id' | 'selfUri'> &
  Pick<Models.Integration, 'intendedState'>;

/** Integrations of one name are told apart only while nobody makes another; without AdoptExisting nobody cares. */
function underName<T>(properties: AwsIntegrationProperties, work: Work, run: () => Promise<T>): Promise<T> {
  if (properties.AdoptExisting !== true) return run();
  const name = `${work.organization.id}#integration#${typeOf(properties)}#${properties.Name}`;
  return work.ledger.withLock(name, work.holding, run);
}

function findIntegrationToAdopt(
  properties: AwsIntegrationProperties,
  work: Work,
  predecessorId: string | undefined,
): Promise<Found<Models.Integration> | undefined> {
  const wanted = typeOf(properties);
  return findExisting(
    properties,
    {
      kind: 'integration',
      noun: 'integration',
      predecessorId,
      read: (id) => work.session.integrations.getIntegration(id, {}),
      named: async () => {
        const ids: string[] = [];
        for await (const { id = '', name, integrationType } of allIntegrations(
          { integrationType: wanted },
          work,
        ))
          if (name === properties.Name && integrationType?.id === wanted) ids.push(id);
        return ids;
      },
      check({ id, integrationType }) {
        if (integrationType?.id === wanted) return;
        throw new RefusedError(
          `The integration ${id} cannot be taken over: its type is ${integrationType?.id}, not ${wanted}, and cannot change.`,
        );
      },
    },
    work,
  );
}

/** Notes what the integration is, and that it is ours from here on. */
async function adoptIntegration(
  { id, value, record }: Found<Models.Integration>,
  details: Record<string, string>,
  work: Work,
): Promise<string> {
  // An earlier delivery of this request has done it.
  if (value === undefined) return id;
  const former = [...formerCredentialsOf({ id, record }), record?.details['credentialId'] ?? ''].filter(
    (one) => one !== '',
  );
  await work.adopt({
    kind: 'integration',
    id,
    record,
    before: await stateOf(value, work),
    details: { ...details, formerCredentials: former.join(' ') },
  });
  return id;
}

/** Credentials that this provider made for the integration's owners of before: they go with the integration. */
const formerCredentialsOf = ({ record }: Existing) =>
  (record?.details['formerCredentials'] ?? '').split(' ').filter((id) => id !== '');

async function stateOf({ id = '', intendedState }: Models.Integration, work: Work): Promise<State> {
  const { name, notes, properties, advanced, credentials } = await work.readExisting(() =>
    work.session.integrations.getIntegrationConfigCurrent(id),
  );
  return {
    intendedState,
    name,
    // What the API answers for empty notes at times (Terraform provider, flattenIntegrationConfig).
    notes: notes === 'node_dynamodb_empty_string' ? '' : notes,
    properties,
    advanced,
    credentials: Object.fromEntries(
      Object.entries(credentials ?? {}).map(([place, credential]) => [place, { id: credential.id ?? '' }]),
    ),
  };
}

const POLL_MILLISECONDS = 2_000;
/** How often an integration in ERROR is enabled again: Genesys Cloud may not look at a new role by itself. */
const ENABLE_AGAIN_MILLISECONDS = 15_000;
/** For a rollback: as long as enabling once again takes to show. */
const TRUSTED_MILLISECONDS = ENABLE_AGAIN_MILLISECONDS + 2 * POLL_MILLISECONDS;

/**
 * Sets ENABLED or DISABLED and waits until the reported state settles; resolves to it. A form that was applied before
 * is not refused for a state that it may have had then.
 */
async function setState(
  id: string,
  { Enabled = true }: AwsIntegrationProperties,
  work: Work,
  before: Models.Integration | undefined,
): Promise<string> {
  const { integrations } = work.session;
  const intendedState = Enabled ? 'ENABLED' : 'DISABLED';
  // New integrations are disabled (CX as Code, default of intended_state).
  const now = before?.intendedState ?? 'DISABLED';
  const patch = () => integrations.patchIntegration(id, { body: { intendedState } });
  let integration = now === intendedState && !Enabled ? before : await patch();
  if (!Enabled) return integration?.reportedState?.code ?? 'INACTIVE';
  const end = work.patienceEnd(work.trusted ? TRUSTED_MILLISECONDS : YOUNG_MILLISECONDS);
  let enableAgainAt = work.clock.now() + ENABLE_AGAIN_MILLISECONDS;
  for (;;) {
    const code = integration?.reportedState?.code;
    if (code === 'ACTIVE') return code;
    if (work.clock.now() + POLL_MILLISECONDS > end) {
      const detail = detailOf(integration);
      if (work.trusted) {
        work.log.warn('the integration is as it was before, and not active', { id, code, detail });
        return code ?? '';
      }
      throw new IntegrationStateError(
        `Integration ${id} is enabled, but Genesys Cloud reports ${code ?? 'no state'} for it${detail === '' ? '.' : `: ${detail}`} Check that the role trusts Genesys Cloud's account with the organization id ${work.organization.id} as ExternalId.`,
      );
    }
    await work.clock.sleep(POLL_MILLISECONDS, work.signal);
    if (code === 'ERROR' && work.clock.now() >= enableAgainAt) {
      enableAgainAt = work.clock.now() + ENABLE_AGAIN_MILLISECONDS;
      await patch();
    }
    integration = await integrations.getIntegration(id, {});
  }
}

/** Enabled, but not active. */
class IntegrationStateError extends ProviderError {}

function detailOf(integration: Models.Integration | undefined): string {
  const { effective, detail } = integration?.reportedState ?? {};
  const text = [effective, detail?.localizableMessageCode, detail?.message, detail?.messageWithParams]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(', ');
  return text === '' ? '' : `${text.slice(0, 400)}.`;
}

// ---- guard

/** Deleting an integration deletes its actions: refused while any is not this stack's. */
async function refuseWhileOthersHang(
  { id }: Existing,
  properties: Record<string, unknown>,
  work: Work,
): Promise<void> {
  if (properties['DeletionGuard'] === 'None' || work.trusted) return;
  const others: Models.Action[] = [];
  try {
    for await (const action of actionsOfOthers(id, work)) {
      others.push(action);
      // Each costs a call: one more than are shown says that there are more.
      if (others.length > MOST_SHOWN) break;
    }
  } catch (error) {
    if (!(error instanceof MissingPermissionError)) throw error;
    throw new RefusedError(
      `Whether data actions of others hang on integration ${id} cannot be seen: ${error.message} Grant it, or set DeletionGuard: None.`,
      { cause: error },
    );
  }
  if (others.length === 0) return;
  const shown = others
    .slice(0, MOST_SHOWN)
    .map(({ id: actionId, name }) => `"${name}" (${actionId})`)
    .join(', ');
  const more = others.length > MOST_SHOWN ? ', and more' : '';
  throw new RefusedError(
    `Integration ${id} is not deleted: Genesys Cloud would delete its data actions with it, and these are not this stack's: ${shown}${more}. Remove them first, or apply DeletionGuard: None.`,
  );
}

const MOST_SHOWN = 5;

/** Data actions of an integration that are not this stack's. */
async function* actionsOfOthers(integrationId: string, work: Work): AsyncGenerator<Models.Action> {
  // There is no filter by integration.
  for (let pageNumber = 1; ; pageNumber += 1) {
    const page = await work.session.integrations.getIntegrationsActions({ pageSize: 100, pageNumber });
    const entities = page.entities ?? [];
    for (const action of entities) {
      const { id } = action;
      if (action.integrationId !== integrationId || id === undefined || isOwnOfGenesysCloud(id)) continue;
      const record = await work.ledger.object('action', id, work.invocation);
      if (record?.owner.stackId === work.owner.stackId) continue;
      // Nobody's: unless another request of this stack has deleted it, and its record, since the list was read.
      if (record === undefined && (await isActionGone(id, work))) continue;
      yield action;
    }
    if (pageNumber >= (page.pageCount ?? 1) || entities.length === 0) return;
  }
}

const isActionGone = (id: string, work: Work) =>
  isGone(() => work.session.integrations.getIntegrationsAction(id, {}));
