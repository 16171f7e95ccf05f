import type { Models } from 'purecloud-platform-client-v2';
import * as z from 'zod/mini';
import { BadRequestError, NotFoundError } from '../genesys/index.ts';
import type { HeldLock, ObjectRecord, Step } from '../ledger/index.ts';
import { adoptionProperties, eitherOfBoth, findExisting } from '../lifecycle/adoption.ts';
import { commonProperties, type ResourceType, type Result } from '../lifecycle/type.ts';
import { isGone, type Work } from '../lifecycle/work.ts';
import {
  choice,
  flag,
  freeForm,
  invalidProperty,
  jsonSchema,
  missingIssue,
  text,
  textMap,
  wholeNumber,
} from '../properties/index.ts';
import { fingerprint } from '../runtime/canonical.ts';
import { RefusedError } from '../runtime/errors.ts';
import { isPlainObject } from '../runtime/objects.ts';
import { checkContract } from './contract.ts';
import {
  category,
  complete,
  type Described,
  definition,
  missing,
  REQUEST_TYPES,
  readDefinition,
} from './definition.ts';
import {
  type ActionState,
  DEFAULT_TIMEOUT_SECONDS,
  keepHeadersSecret,
  refuseOther,
  stateOf,
} from './existing-action.ts';

const properties = z.strictObject({
  ...commonProperties,
  IntegrationId: text({ max: 256 }),
  /** What it holds and is not written beside it. */
  Definition: z.optional(definition()),
  Name: z.optional(text({ max: 256 })),
  Category: z.optional(category()),
  Secure: z.optional(flag()),
  /** Seconds (1 to 60; Genesys Cloud's default is 60). */
  TimeoutSeconds: z.optional(wholeNumber(1, 60)),
  Contract: z.optional(z.strictObject({ Input: z.optional(jsonSchema()), Output: z.optional(jsonSchema()) })),
  Request: z.optional(
    z.strictObject({
      UrlTemplate: z.optional(text()),
      Type: z.optional(choice(...REQUEST_TYPES)),
      Template: z.optional(text({ min: 0 })),
      Headers: z.optional(textMap()),
    }),
  ),
  Response: z.optional(
    z.strictObject({
      TranslationMap: z.optional(textMap()),
      TranslationMapDefaults: z.optional(textMap()),
      SuccessTemplate: z.optional(text({ min: 0 })),
    }),
  ),
  ...adoptionProperties,
  SmokeTest: z.optional(z.strictObject({ Input: freeForm(), ExpectOutput: z.optional(freeForm()) })),
  DeletionGuard: z.optional(choice('All', 'Replacement', 'None')),
});

/** Without a definition everything that an action needs has to be written. */
const schema = properties.check(
  z.check<z.infer<typeof properties>>(
    (context) => {
      if (!isPlainObject(context.value) || context.value['Definition'] !== undefined) return;
      for (const path of missing(context.value)) {
        context.issues.push(missingIssue(path, context.value));
      }
    },
    { when: () => true },
  ),
  eitherOfBoth(),
);

type Written = z.infer<typeof schema>;

/** A data action's properties, completed by its definition. */
export type DataActionProperties = Omit<Written, 'Definition' | keyof Described> &
  Described & { Secure: boolean };

/** What was made in this time may not be known everywhere yet: the action service answers 400 for its integration. */
const YOUNG_OBJECT_MILLISECONDS = 120_000;
const YOUNG_ACTION_MILLISECONDS = 30_000;
const PAGE_SIZE = 100;

export const dataAction: ResourceType<DataActionProperties, Written> = {
  typeName: 'Custom::GenesysDataAction',
  kind: 'action',
  schema,
  resolvedFrom: ['Definition'],
  replacement: ['IntegrationId', 'Secure', 'Contract'],
  attributes: ['DataActionId', 'Name', 'Version', 'IntegrationId'],

  async resolve({ Definition, ...written }, reading) {
    if (Definition === undefined) return complete(written, {});
    const { from, described } = await readDefinition(Definition, reading);
    return complete(written, described, from);
  },

  async create(properties, work, predecessor) {
    checkContract(properties.Contract);
    await checkFunctionRegion(properties, work);
    const { result, isNew } = await work.ledger.withLock(
      lockName(properties, work),
      work.holding,
      async (lock) => {
        const existing = await findAction(properties, work, predecessor?.id);
        if (existing) {
          const { id, value: found, record } = existing;
          if (found) await work.adopt({ kind: 'action', id, record, before: await stateOf(found, work) });
          return { result: await converge(id, properties, work, (run) => run(lock)), isNew: false };
        }
        const [isYoung] = await Promise.all([
          isIntegrationYoung(properties, work),
          // Names are not unique in Genesys Cloud; in one integration they are for us. Once sent, it may be ours.
          work.stepOf('action') ?? refuseSecondOfName(properties, work, lock, predecessor?.id),
        ]);
        const marker = markerOf(properties, predecessor?.id);
        const { id, value } = await work.make({
          kind: 'action',
          marker,
          send: () => postPatiently(properties, isYoung, work),
          find: () => findUnowned(marker, work),
          object: () => ({ details: {} }),
        });
        lock.note(id);
        return { result: resultOf(id, properties, value?.version ?? 1), isNew: true };
      },
    );
    await testOnce(result.id, properties, isNew, work);
    return result;
  },

  async update(existing, properties, work) {
    await checkFunctionRegion(properties, work);
    const updated = await converge(existing.id, properties, work, (run) =>
      work.ledger.withLock(lockName(properties, work), work.holding, run),
    );
    await testOnce(existing.id, properties, wasJustMade(existing.record, work), work);
    return updated;
  },

  exists: async (id, work) => !(await isGone(() => work.session.integrations.getIntegrationsAction(id, {}))),

  async guardReplacement(existing, _oldProperties, work, { DeletionGuard }) {
    // A repeat that has made the new one already was let through before.
    if (DeletionGuard === 'None' || work.trusted || work.stepOf('action') !== undefined) return;
    const { refuseWhileUsed } = await import('./deletion-guard.ts');
    await refuseWhileUsed(existing.id, 'replaced', work);
  },

  async guardDeletion(existing, { DeletionGuard }, work) {
    if (DeletionGuard !== 'All' || (await work.isRollingBack())) return;
    const { refuseWhileUsed } = await import('./deletion-guard.ts');
    await refuseWhileUsed(existing.id, 'deleted', work);
  },

  async remove(existing, _properties, work) {
    await deleteAction(existing.id, work);
    return [existing.id];
  },

  async putBack({ id }, before, work) {
    const { name, category, config } = before as ActionState;
    keepHeadersSecret(config);
    await isGone(() =>
      work.withFreshVersion(async () => {
        const { version = 1 } = await work.session.integrations.getIntegrationsAction(id, {});
        await work.session.integrations.patchIntegrationsAction(id, { name, category, config, version });
      }),
    );
    return [id];
  },

  async undo(step: Step, work) {
    const id = step.id ?? (await work.until(() => findUnowned(step.marker, work), 15_000))?.id;
    if (id !== undefined) await deleteAction(id, work);
  },
};

/**
 * Writes what may differ into an action that is there.
 * @param underName runs while nobody else may take the action's new name
 */
function converge(
  id: string,
  properties: DataActionProperties,
  work: Work,
  underName: <T>(run: (lock: HeldLock) => Promise<T>) => Promise<T>,
): Promise<Result> {
  return work.withFreshVersion(async () => {
    const before = await work.readExisting(() => work.session.integrations.getIntegrationsAction(id, {}));
    const patch = async () => {
      await work.writing();
      return work.session.integrations.patchIntegrationsAction(id, {
        name: properties.Name,
        category: properties.Category,
        config: configOf(properties),
        version: before.version ?? 1,
      });
    };
    const renamed = before.name !== properties.Name && !work.trusted;
    const after = renamed
      ? await underName(async (lock) => {
          await refuseSecondOfName(properties, work, lock, id);
          const patched = await patch();
          lock.note(id);
          return patched;
        })
      : await patch();
    return resultOf(id, properties, after?.version ?? (before.version ?? 0) + 1);
  });
}

/** The action that a Create takes over instead of making one. */
function findAction(properties: DataActionProperties, work: Work, predecessorId: string | undefined) {
  const { integrations } = work.session;
  return findExisting(
    properties,
    {
      kind: 'action',
      noun: 'data action',
      predecessorId,
      read: (id) => integrations.getIntegrationsAction(id, { expand: 'contract', includeConfig: true }),
      named: async () => {
        const actions = await actionsOfName(properties.Name, properties.IntegrationId, work);
        return actions.map(({ id = '' }) => id);
      },
      check: (action) => refuseOther(action, properties),
    },
    work,
  );
}

/** A deleted integration takes its actions along, so an action that is gone is deleted. */
function deleteAction(id: string, work: Work): Promise<void> {
  const { integrations } = work.session;
  return work.deleteAndWait(
    () => integrations.deleteIntegrationsAction(id),
    () => integrations.getIntegrationsAction(id, {}),
    `data action ${id}`,
  );
}

function resultOf(id: string, properties: DataActionProperties, version: number): Result {
  return {
    id,
    attributes: {
      DataActionId: id,
      Name: properties.Name,
      Version: String(version),
      IntegrationId: properties.IntegrationId,
    },
  };
}

/** The `config` of Genesys Cloud's models; templates are given in full, since a PATCH may replace what it does not name. */
export function configOf({
  TimeoutSeconds,
  Request,
  Response = {},
}: DataActionProperties): Models.ActionConfig {
  return {
    // Genesys Cloud's own default, written out: a PATCH that merges would keep the value of before.
    timeoutSeconds: TimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    request: {
      requestUrlTemplate: Request.UrlTemplate,
      requestType: Request.Type ?? 'POST',
      requestTemplate: Request.Template ?? '${input.rawRequest}',
      headers: Request.Headers ?? {},
    },
    response: {
      translationMap: Response.TranslationMap ?? {},
      translationMapDefaults: Response.TranslationMapDefaults ?? {},
      successTemplate: Response.SuccessTemplate ?? '${rawResult}',
    },
  };
}

function bodyOf(properties: DataActionProperties): Models.PostActionInput {
  return {
    name: properties.Name,
    category: properties.Category,
    integrationId: properties.IntegrationId,
    secure: properties.Secure,
    // The SDK types a JSON Schema narrowly; the API takes any (facts of CX as Code, which posts raw JSON).
    contract: {
      input: { inputSchema: properties.Contract.Input },
      output: { successSchema: properties.Contract.Output },
    } as unknown as Models.ActionContractInput,
    config: configOf(properties),
  };
}

const wasJustMade = (record: ObjectRecord | undefined, { clock }: Work) =>
  record !== undefined && clock.now() - record.createdAt < YOUNG_OBJECT_MILLISECONDS;

async function isIntegrationYoung({ IntegrationId }: DataActionProperties, work: Work): Promise<boolean> {
  return wasJustMade(await work.ledger.object('integration', IntegrationId, work.invocation), work);
}

/** The smoke test, where there is one; in a rollback none is needed, since what it puts back has passed. */
async function testOnce(
  id: string,
  { SmokeTest, ...properties }: DataActionProperties,
  isNew: boolean,
  work: Work,
): Promise<void> {
  if (SmokeTest === undefined || work.trusted) return;
  const { runSmokeTest } = await import('./smoke-test.ts');
  const isYoung = isNew || (await isIntegrationYoung(properties, work));
  await runSmokeTest(id, { ...properties, SmokeTest }, isYoung, work);
}

async function postPatiently(
  properties: DataActionProperties,
  isYoung: boolean,
  work: Work,
): Promise<Models.Action> {
  const post = () => work.session.integrations.postIntegrationsActions(bodyOf(properties));
  if (!isYoung) return post();
  return work.patiently(
    post,
    (error) => error instanceof BadRequestError || error instanceof NotFoundError,
    YOUNG_ACTION_MILLISECONDS,
  );
}

const lockName = ({ IntegrationId, Name }: DataActionProperties, { organization }: Work) =>
  `${organization.id}#${IntegrationId}#${Name}`;

/** Actions of exactly this name in this integration; the API's filter takes parts of names. */
async function actionsOfName(name: string, integrationId: string, work: Work): Promise<Models.Action[]> {
  const found: Models.Action[] = [];
  for (let pageNumber = 1; ; pageNumber += 1) {
    const page = await work.session.integrations.getIntegrationsActions({
      name,
      pageSize: PAGE_SIZE,
      pageNumber,
    });
    const entities = page.entities ?? [];
    found.push(
      ...entities.filter((action) => action.name === name && action.integrationId === integrationId),
    );
    if (pageNumber >= (page.pageCount ?? 1) || entities.length === 0) return found;
  }
}

async function refuseSecondOfName(
  { Name, IntegrationId }: DataActionProperties,
  work: Work,
  { noted }: HeldLock,
  exceptId?: string,
): Promise<void> {
  const [listed, fresh] = await Promise.all([
    actionsOfName(Name, IntegrationId, work),
    // The list shows a new name late; an id is known at once.
    noted === undefined || noted === exceptId ? undefined : actionOf(noted, work),
  ]);
  const isMissing = fresh?.name === Name && listed.every(({ id }) => id !== fresh.id);
  // What this logical resource has itself is replaced, or left over and removed later.
  const ours = [exceptId, ...work.ownIds];
  const others = [...listed, ...(isMissing ? [fresh] : [])].filter(({ id }) => !ours.includes(id));
  if (others.length === 0) return;
  throw new RefusedError(
    `Integration ${IntegrationId} already has a data action named "${Name}" (${others.map(({ id }) => id).join(', ')}). Choose another Name, or delete that action; a new resource takes it over with AdoptExisting: true.`,
  );
}

function markerOf(
  { Name, IntegrationId, Contract }: DataActionProperties,
  predecessorId = '',
): Record<string, string> {
  return {
    name: Name,
    integrationId: IntegrationId,
    contract: fingerprint(Contract),
    predecessor: predecessorId,
  };
}

/** What a POST of unknown outcome made: same name, integration and contract, owned by nobody, and not what it replaces. */
async function findUnowned(marker: Record<string, string>, work: Work): Promise<Models.Action | undefined> {
  const candidates = await actionsOfName(marker['name'] ?? '', marker['integrationId'] ?? '', work);
  const matching: Models.Action[] = [];
  for (const { id = '' } of candidates) {
    if (id === marker['predecessor']) continue;
    if (await work.ledger.object('action', id, work.invocation)) continue;
    const action = await actionOf(id, work);
    if (action && contractFingerprint(action) === marker['contract']) matching.push(action);
  }
  if (matching.length > 1) {
    throw new RefusedError(
      `Several data actions named "${marker['name']}" may be the one that was just made: ${matching.map(({ id }) => id).join(', ')}. Delete those that are not needed, then deploy again.`,
    );
  }
  return matching[0];
}

/** An action with its contract; undefined where there is none of that id. */
async function actionOf(id: string, work: Work): Promise<Models.Action | undefined> {
  try {
    return await work.session.integrations.getIntegrationsAction(id, { expand: 'contract' });
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function contractFingerprint({ contract }: Models.Action): string {
  return fingerprint({ Input: contract?.input?.inputSchema, Output: contract?.output?.successSchema });
}

const LAMBDA_ARN = /^arn:[a-z-]+:lambda:([a-z0-9-]+):/;

/** A Lambda integration calls functions of the organization's own region only (Genesys Cloud help, IAM resources page). */
async function checkFunctionRegion({ Request }: DataActionProperties, work: Work): Promise<void> {
  const functionRegion = LAMBDA_ARN.exec(Request.UrlTemplate)?.[1];
  if (functionRegion === undefined || work.trusted) return;
  const region = await work.session.region();
  if (region === undefined || region === functionRegion) return;
  throw invalidProperty(
    'Request.UrlTemplate',
    `names a function in ${functionRegion}, but the Genesys Cloud organization is in ${region} and calls functions of its own region only`,
  );
}
