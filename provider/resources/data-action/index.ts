/**
 * `Custom::GenesysDataAction`. `schema.ts` has the properties, `definition.ts` reads the file that they may
 * come from, `contract.ts` judges contracts, `mapping.ts` makes Genesys Cloud's models of them, `api.ts` the
 * calls. The guard against flows that use an action, and its smoke test, are loaded only when they are
 * needed.
 */
import type { Models } from 'purecloud-platform-client-v2';
import { collection } from '../../lifecycle/collection.ts';
import { type Operation, stepOf } from '../../lifecycle/operation.ts';
import { NotSeenError } from '../../lifecycle/resource-type.ts';
import { onExisting, readSoon } from '../../lifecycle/waiting.ts';
import { invalidProperty } from '../../properties/index.ts';
import { refuseUnsharedIntegration } from '../shared-integrations.ts';
import { api, isRoleYoung, isYoung, keepHeadersSecret, patch, readState } from './api.ts';
import { canonical } from './canonical.ts';
import { checkContract } from './contract.ts';
import { about } from './description.ts';
import { drift } from './drift.ts';
import { type ActionState, attributesOf } from './mapping.ts';
import { type DataActionProperties, resolve, schema, type WrittenProperties } from './schema.ts';

export const dataAction = collection<DataActionProperties, WrittenProperties, Models.Action, undefined>({
  typeName: 'Custom::GenesysDataAction',
  kind: 'action',
  noun: 'data action',
  servedByDefault: true,
  about,
  drift,
  schema,
  resolve,
  canonical,
  outside: ({ outside }) => outside,
  resolvedFrom: ['Definition'],
  replacement: ['IntegrationId', 'Secure', 'Contract'],
  attributes: ['DataActionId', 'Name', 'Version', 'IntegrationId'],
  nameOf: ({ Name }) => Name,
  api,

  async check(properties, operation, isCreate) {
    if (isCreate) checkContract(properties.Contract);
    if (operation.appliedBefore) return;
    const { IntegrationId: id } = properties;
    // The ledger's answer takes longer than the load, so the start of the function need not parse this file.
    const [record, { refuseDeadAction }] = await Promise.all([
      operation.ledger.object('integration', id, operation.deadline),
      import('./dead-actions.ts'),
    ]);
    await Promise.all([
      checkFunctionRegion(properties, operation),
      refuseUnsharedIntegration({ id, record }, operation, isCreate),
      refuseDeadAction(properties, record, operation),
    ]);
  },

  prepare: async () => undefined,

  // Names are not unique in Genesys Cloud. In one integration they are for us.
  uniqueNames: {
    claim: ({ IntegrationId, Name }, { organization }) =>
      `action#${organization.id}#${IntegrationId}#${Name}`,
    place: ({ IntegrationId }) => `Integration ${IntegrationId}`,
  },

  adoption: {
    async refuseOther(found, properties) {
      const { refuseOther } = await import('./taking-over.ts');
      refuseOther(found, properties);
    },
    stateOf: readState,
    async isAsWanted(state, { properties }) {
      const { isAsWanted } = await import('./taking-over.ts');
      return isAsWanted(state as ActionState, properties);
    },
    async restore(id, state, operation) {
      const before = state as ActionState;
      keepHeadersSecret(before.config);
      await patch(id, before, undefined, operation);
    },
  },

  async finish({ id, properties, before, after, isNew, record }, operation) {
    await testOnce(id, properties, isNew || isYoung(record?.createdAt, operation.clock.now()), operation);
    return { id, attributes: attributesOf(id, properties, after?.version ?? (before?.version ?? 0) + 1) };
  },

  async guardReplacement(object, _oldProperties, operation, { DeletionGuard }) {
    // A repeat that has made the new one already was let through before.
    const isRepeat = stepOf(operation, 'action') !== undefined;
    if (DeletionGuard === 'None' || operation.appliedBefore || isRepeat) return;
    const action = await onExisting(object.id, () => api.read(object.id, operation), operation);
    const { refuseWhileUsed } = await import('./used-by-flows.ts');
    await refuseWhileUsed(action, object.id, 'replaced', operation);
  },

  async usersOf(id, operation) {
    const { usersOf } = await import('./used-by-flows.ts');
    return usersOf(id, operation);
  },

  deletionGuard: {
    applies: ({ DeletionGuard }) => DeletionGuard === 'All',
    holdsInCleanUp: false,
    async refuse(object, _properties, operation) {
      if (await operation.isRollingBack()) return;
      const [action] = (await readSoon(() => api.read(object.id, operation), operation)) ?? [];
      // A spell of 404 must not lead past the guard.
      if (action === undefined) throw new NotSeenError(object.id, { instead: 'Delete the stack again' });
      const { refuseWhileUsed } = await import('./used-by-flows.ts');
      await refuseWhileUsed(action, object.id, 'deleted', operation);
    },
  },
});

/** The smoke test, where there is one; in a rollback none is needed, since what it puts back has passed. */
async function testOnce(
  id: string,
  { SmokeTest, ...properties }: DataActionProperties,
  isNew: boolean,
  operation: Operation,
): Promise<void> {
  if (SmokeTest === undefined || operation.appliedBefore) return;
  const { runSmokeTest } = await import('./smoke-test.ts');
  const isFresh = isNew || (await isRoleYoung(properties, operation));
  await runSmokeTest(id, { ...properties, SmokeTest }, isFresh, operation);
}

const LAMBDA_ARN = /^arn:[a-z-]+:lambda:([a-z0-9-]+):/;

/**
 * A Lambda integration calls functions of the organization's own region only (Genesys Cloud help, page on IAM
 * resources).
 */
async function checkFunctionRegion({ Request }: DataActionProperties, { session }: Operation): Promise<void> {
  const functionRegion = LAMBDA_ARN.exec(Request.UrlTemplate)?.[1];
  if (functionRegion === undefined) return;
  const region = await session.region();
  if (region === undefined || region === functionRegion) return;
  throw invalidProperty(
    'Request.UrlTemplate',
    `names a function in ${functionRegion}, but the Genesys Cloud organization is in ${region} and calls functions of its own region only: deploy the function in ${region}`,
  );
}
