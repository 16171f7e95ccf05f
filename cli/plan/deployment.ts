/**
 * Follows a deployment through the template, in the order in which CloudFormation works on it. For each
 * resource it builds the request that CloudFormation would send, and lets the provider's own rules foresee
 * its outcome. Nothing here knows a type by its name, and nothing decides what a property means.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../common/clock.ts';
import { AwsError, messageOf, ProviderError } from '../../common/errors.ts';
import { Ledger, type ObjectRecord } from '../../provider/ledger/index.ts';
import { sealedFor } from '../../provider/lifecycle/operation.ts';
import { type Foreseen, idAttribute, Preview } from '../../provider/lifecycle/preview.ts';
import type { AnyResourceType } from '../../provider/lifecycle/resource-type.ts';
import { PropertyError } from '../../provider/properties/index.ts';
import { accountOf } from '../../provider/runtime/stack-names.ts';
import type { Connection } from '../connection/connect.ts';
import { member, textOf, type Value } from '../templates/template.ts';
import { propertiesOf as changedProperties, type SetChange, withAfterContext } from './change-set.ts';
import { inOrder } from './order.ts';
import type { Action, Plan, PlannedResource } from './planned.ts';
import { quickClock } from './quick-clock.ts';
import { type Declared, Sides } from './sides.ts';
import type { DeployedStack } from './stack.ts';
import { type Filled, filled, hasUnknown } from './stand-ins.ts';
import { differingPaths, type Evaluated, isSame, Unknown } from './values.ts';

export interface Planning {
  connection: Connection;
  types: readonly AnyResourceType[];
  /** The stack before; undefined where it does not exist yet. */
  deployed: DeployedStack | undefined;
  stack: { id: string; name: string };
  /** The new template. */
  template: Value;
  parameters: { before: ReadonlyMap<string, Evaluated>; after: ReadonlyMap<string, Evaluated> };
  /** Values of exports by name. */
  exports: ReadonlyMap<string, string>;
  /** The changes of a change set by logical id; undefined where a template is planned. */
  changes: ReadonlyMap<string, SetChange> | undefined;
  /** Faults by which CloudFormation refuses the template. */
  failures: string[];
  notes: string[];
  /** How far it is, for a person. */
  onProgress(text: string): void;
}

/** Records that are read at the same time. */
const AT_ONCE = 8;

/** @throws the errors of AWS and Genesys Cloud */
export async function planDeployment(planning: Planning): Promise<Plan> {
  const clock = quickClock();
  const ledger = new Ledger(await planning.connection.copyLedger(), clock);
  const records = await recordsOf(planning, ledger);
  const deployment = new Deployment(planning, records, previewOf(planning, ledger, clock));
  await deployment.run();
  const { connection, stack, deployed, failures, notes } = planning;
  return {
    stack: stack.name,
    isUpdate: deployed !== undefined,
    organization: connection.organization,
    resources: deployment.resources,
    failures: [...new Set(failures)],
    notes: [...new Set(notes)],
  };
}

function previewOf({ connection, types }: Planning, ledger: Ledger, clock: Clock): Preview {
  // Waiting ends by the number of tries, and the command's own time limit holds for all of it.
  const deadline = { signal: connection.deadline.signal, at: clock.now() + LONG_MILLISECONDS };
  return new Preview({ ...connection.wiring, types, ledger, clock }, deadline);
}

/** Longer than any wait of the provider. */
const LONG_MILLISECONDS = 365 * 24 * 3600_000;

/** Records of the deployed objects, by logical id. */
async function recordsOf(
  { connection, types, deployed }: Planning,
  ledger: Ledger,
): Promise<Map<string, ObjectRecord>> {
  const records = new Map<string, ObjectRecord>();
  const queue = [...(deployed?.resources ?? [])].values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [logicalId, { type: typeName, physicalId }] of queue) {
        const type = types.find((one) => one.typeName === typeName);
        if (type === undefined || physicalId === '') continue;
        const record = await ledger.object(type.kind, physicalId, connection.deadline);
        if (record) records.set(logicalId, record);
      }
    }),
  );
  return records;
}

/** A clean-up that CloudFormation begins once everything else has succeeded. */
interface CleanUp {
  logicalId: string;
  type: string;
  physicalId: string;
  properties: Filled['old'];
  done(foreseen: Foreseen): void;
}

class Deployment {
  readonly resources: PlannedResource[] = [];
  readonly #planning: Planning;
  readonly #sides: Sides;
  readonly #records: ReadonlyMap<string, ObjectRecord>;
  readonly #preview: Preview;
  readonly #cleanUps: CleanUp[] = [];
  /** Logical ids of the resources whose deletion takes an object along, by its id. */
  readonly #removedToo = new Map<string, string>();
  #requests = 0;

  constructor(planning: Planning, records: ReadonlyMap<string, ObjectRecord>, preview: Preview) {
    this.#planning = planning;
    this.#records = records;
    this.#preview = preview;
    const { stack, deployed, template, parameters, exports, failures } = planning;
    this.#sides = new Sides({
      deployed,
      template,
      parameters,
      exports,
      records,
      pseudo: pseudoParameters(stack),
      fault: (message) => failures.push(message),
    });
  }

  async run(): Promise<void> {
    const { declaredAfter, declaredBefore } = this.#sides;
    const valuesOf = (declared: ReadonlyMap<string, Declared>) =>
      new Map([...declared].map(([logicalId, { value }]) => [logicalId, value]));
    const removed = inOrder(valuesOf(declaredBefore)).filter((logicalId) => !declaredAfter.has(logicalId));
    const order = inOrder(valuesOf(declaredAfter));
    let done = 0;
    for (const logicalId of order) {
      await this.#applied(logicalId);
      done += 1;
      this.#planning.onProgress(`${done} of ${order.length} resources`);
    }
    for (const cleanUp of this.#cleanUps) await this.#cleanedUp(cleanUp);
    for (const logicalId of removed.reverse()) await this.#removed(logicalId);
    for (const planned of this.resources) this.#goesAlong(planned);
  }

  /** An object that would stay goes, where Genesys Cloud deletes it together with another one. */
  #goesAlong(planned: PlannedResource): void {
    const { id = '', action, formerObject } = planned;
    const by = this.#removedToo.get(id);
    if (by === undefined || (action !== 'leave' && formerObject !== 'stays')) return;
    planned.notes.push(`Genesys Cloud deletes it together with ${by}, so it does not stay.`);
    if (action === 'leave') planned.action = 'delete';
    else planned.formerObject = 'deleted';
  }

  #noteRemoved(logicalId: string, { removesToo = [] }: Foreseen): void {
    for (const id of removesToo) this.#removedToo.set(id, logicalId);
  }

  #typeOf = (typeName: string): AnyResourceType | undefined =>
    this.#planning.types.find((one) => one.typeName === typeName);

  // ---- resources of the new template

  async #applied(logicalId: string): Promise<void> {
    const declared = this.#sides.declaredAfter.get(logicalId);
    const type = declared && this.#typeOf(declared.type);
    if (declared === undefined || type === undefined) return;
    const change = this.#planning.changes?.get(logicalId);
    const evaluated = this.#sides.propertiesAfter(logicalId);
    const properties = change ? withAfterContext(evaluated, change) : evaluated;
    if (!this.#isServedHere(logicalId, properties)) return;
    const planned = newPlanned(logicalId, type.typeName);
    this.resources.push(planned);
    if (declared.openCondition !== undefined) {
      planned.isCertain = false;
      planned.open.push({ path: 'Condition', why: whyOf(declared.openCondition) });
    }
    const before = this.#deployedOf(logicalId);
    if (before === undefined) return this.#created(planned, type, properties);
    planned.id = before.physicalId;
    if (before.type !== type.typeName) {
      planned.failures.push(
        `CloudFormation does not change the type of a resource: it is ${before.type}. Give the new one another logical id.`,
      );
      return;
    }
    await this.#updated(planned, type, properties, before.physicalId);
  }

  #deployedOf(logicalId: string) {
    if (!this.#sides.declaredBefore.has(logicalId)) return undefined;
    return this.#planning.deployed?.resources.get(logicalId);
  }

  /** Another provider may serve the same types. */
  #isServedHere(logicalId: string, properties: { [name: string]: Evaluated }): boolean {
    const { providerArn } = this.#planning.connection;
    const { ServiceToken: token } = properties;
    if (token === undefined) {
      this.#planning.failures.push(`${logicalId} has no ServiceToken.`);
      properties['ServiceToken'] = providerArn;
    } else if (typeof token !== 'string') {
      this.#planning.notes.push(`The ServiceToken of ${logicalId} is not known; this provider is assumed.`);
      properties['ServiceToken'] = providerArn;
    } else if (functionOf(token) !== functionOf(providerArn)) {
      this.#planning.notes.push(`${logicalId} is served by another provider, ${token}: it is not planned.`);
      return false;
    }
    return true;
  }

  async #created(
    planned: PlannedResource,
    type: AnyResourceType,
    properties: { [name: string]: Evaluated },
  ): Promise<void> {
    const values = this.#filled(planned.logicalId, type, properties, {}, undefined);
    const newId = randomUUID();
    const foreseen = await this.#ask(planned, 'Create', values.properties, { newId, isOldAssumed: false });
    planned.action = foreseen.does as Action;
    if (foreseen.does === 'adopt' && foreseen.id !== undefined) planned.adopts = foreseen.id;
    planned.open.push(...values.open);
    this.#judge(planned, foreseen, values);
    const ref = foreseen.id ?? newId;
    this.#answers(planned.logicalId, type, ref, {}, 'which is made by the deployment');
  }

  async #updated(
    planned: PlannedResource,
    type: AnyResourceType,
    properties: { [name: string]: Evaluated },
    physicalId: string,
  ): Promise<void> {
    const { logicalId } = planned;
    const old = this.#sides.propertiesBefore(logicalId);
    const record = this.#records.get(logicalId);
    const change = this.#planning.changes?.get(logicalId);
    const isLeftAlone = this.#planning.changes !== undefined && change === undefined;
    const opened = change ? changedProperties(change) : [];
    const isOpened = opened.some((path) => hasUnknown(properties[path.split('.')[0] ?? ''] ?? ''));
    if (isLeftAlone || (isSame(old, properties) && !isOpened)) {
      const attributes = record?.attributes ?? {};
      this.#answers(logicalId, type, physicalId, attributes, 'which stays as it is');
      return;
    }
    if (!isSame(withoutVersion(old['ServiceToken']), withoutVersion(properties['ServiceToken'])))
      planned.failures.push('CloudFormation does not change the ServiceToken of a resource.');
    const applied =
      hasUnknown(old) || hasUnknown(properties) ? await this.#appliedForm(type, record) : undefined;
    const values = this.#filled(logicalId, type, properties, old, applied, opened);
    const newId = randomUUID();
    const foreseen = await this.#ask(
      planned,
      'Update',
      values.properties,
      { newId, isOldAssumed: values.isOldAssumed },
      { PhysicalResourceId: physicalId, OldResourceProperties: values.old },
    );
    const certain = differingPaths(old, properties).filter((path) => !isAmong(path, values.open));
    this.#describeUpdate(planned, type, foreseen, values, certain);
    this.#judge(planned, foreseen, values);
    if (foreseen.does === 'replace') await this.#describeReplacement(planned, type, foreseen, values);
    const ref =
      foreseen.does === 'replace' && !planned.isCertain
        ? new Unknown({ key: `${logicalId} maybe`, why: `the id of ${logicalId}, which may be replaced` })
        : (foreseen.id ?? physicalId);
    const kept = foreseen.does === 'nothing' ? (record?.attributes ?? {}) : {};
    this.#answers(logicalId, type, ref, kept, 'which changes');
  }

  #describeUpdate(
    planned: PlannedResource,
    type: AnyResourceType,
    foreseen: Foreseen,
    values: Filled,
    certain: readonly string[],
  ): void {
    planned.action = foreseen.does as Action;
    planned.open.push(...values.open);
    // CloudFormation sends the request all the same, and the provider writes nothing.
    if (foreseen.does === 'nothing') return;
    const paths = foreseen.differences?.map(({ path }) => path) ?? [];
    planned.changes = paths.length > 0 ? paths : [...certain, ...values.open.map(({ path }) => path)];
    const sources: readonly string[] = type.resolvedFrom ?? [];
    const isKnown = (path: string) =>
      certain.some((one) => isRelated(one, path) || sources.includes(topOf(one)));
    if (foreseen.does !== 'replace') {
      planned.isCertain &&= certain.length > 0;
      return;
    }
    if (foreseen.cause === 'gone') planned.because = ['it was deleted by another hand'];
    else if (foreseen.cause === 'another object') planned.because = ['the properties name another object'];
    else {
      planned.because = foreseen.forcing.map(({ path }) => path);
      planned.isCertain &&= planned.because.length === 0 ? certain.length > 0 : planned.because.some(isKnown);
    }
  }

  async #describeReplacement(
    planned: PlannedResource,
    type: AnyResourceType,
    foreseen: Foreseen,
    values: Filled,
  ): Promise<void> {
    const id = foreseen.object?.id ?? planned.id ?? '';
    if (foreseen.adopts && foreseen.id !== undefined) planned.adopts = foreseen.id;
    await this.#findUsers(planned, type, id);
    const policy = this.#policyOf(planned.logicalId, 'UpdateReplacePolicy');
    if (foreseen.isGone) return;
    if (policy === 'Retain') {
      planned.formerObject = 'stays';
      return;
    }
    this.#cleanUps.push({
      logicalId: planned.logicalId,
      type: planned.type,
      physicalId: planned.id ?? id,
      properties: values.old,
      done: ({ does, refusal }) => {
        planned.formerObject = does === 'delete' ? 'deleted' : does === 'put back' ? 'put back' : 'stays';
        if (refusal) {
          planned.formerObject = 'stays';
          planned.notes.push(`The former object is not deleted: ${messageOf(refusal)}`);
        }
      },
    });
  }

  #policyOf(logicalId: string, name: string): string | undefined {
    const { declaredAfter, declaredBefore } = this.#sides;
    return textOf(member((declaredAfter.get(logicalId) ?? declaredBefore.get(logicalId))?.value, name));
  }

  // ---- resources that leave

  async #cleanedUp({ logicalId, type, physicalId, properties, done }: CleanUp): Promise<void> {
    const planned = newPlanned(logicalId, type);
    done(await this.#ask(planned, 'Delete', properties, NOTHING_AHEAD, { PhysicalResourceId: physicalId }));
  }

  async #removed(logicalId: string): Promise<void> {
    const deployed = this.#planning.deployed?.resources.get(logicalId);
    const type = deployed && this.#typeOf(deployed.type);
    if (deployed === undefined || type === undefined) return;
    const old = this.#sides.propertiesBefore(logicalId);
    if (!this.#isServedHere(logicalId, old)) return;
    const planned = newPlanned(logicalId, type.typeName);
    planned.id = deployed.physicalId;
    this.resources.push(planned);
    const policy = this.#policyOf(logicalId, 'DeletionPolicy');
    if (policy === 'Retain' || policy === 'RetainExceptOnCreate') {
      planned.action = 'leave';
      planned.notes.push(`DeletionPolicy: ${policy} sends no request.`);
      return;
    }
    const record = this.#records.get(logicalId);
    const applied = hasUnknown(old) ? await this.#appliedForm(type, record) : undefined;
    const values = this.#filled(logicalId, type, {}, old, applied);
    const foreseen = await this.#ask(planned, 'Delete', values.old, NOTHING_AHEAD, {
      PhysicalResourceId: deployed.physicalId,
    });
    planned.action = foreseen.does as Action;
    this.#noteRemoved(logicalId, foreseen);
    if (foreseen.refusal) {
      // CloudFormation goes on without the resource.
      planned.action = 'leave';
      planned.notes.push(`The deletion fails, and the deployment does not: ${messageOf(foreseen.refusal)}`);
    }
    const owner = foreseen.object?.record?.owner.logicalId;
    if (foreseen.does === 'nothing' && owner !== undefined && owner !== logicalId)
      planned.notes.push(`Its object belongs to ${owner} from then on.`);
    if (planned.action === 'delete') await this.#findUsers(planned, type, deployed.physicalId);
  }

  // ---- requests

  async #ask(
    { logicalId, type }: PlannedResource,
    RequestType: 'Create' | 'Update' | 'Delete',
    properties: Filled['properties'],
    ahead: Parameters<Preview['of']>[1],
    more: Record<string, unknown> = {},
  ): Promise<Foreseen> {
    this.#requests += 1;
    const event = {
      RequestType,
      ResourceType: type,
      StackId: this.#planning.stack.id,
      RequestId: `plan-${randomUUID()}`,
      LogicalResourceId: logicalId,
      ResponseURL: `https://plan.invalid/${this.#requests}`,
      ResourceProperties: properties,
      ...more,
    };
    return this.#preview.of(event, ahead);
  }

  #filled(
    logicalId: string,
    type: AnyResourceType,
    properties: { [name: string]: Evaluated },
    old: { [name: string]: Evaluated },
    applied: unknown,
    opened: readonly string[] = [],
  ): Filled {
    const account = accountOf(this.#planning.stack.id) ?? '';
    const values = filled({
      properties,
      old,
      applied,
      schema: type.schema,
      account,
      mayChange: (path) => opened.some((one) => isRelated(one, path)),
    });
    if (values.open.length > 0) this.#planning.onProgress(`${logicalId}: some values are not known`);
    return values;
  }

  /** Takes a refusal up: as a failure, or as open where a value that is not known may be its reason. */
  #judge(planned: PlannedResource, { refusal }: Foreseen, { open, standIns }: Filled): void {
    if (refusal === undefined) return;
    const notJudged = (why: string) => {
      planned.isCertain = false;
      planned.notes.push(`Not judged any further: ${why}`);
    };
    if (refusal instanceof AwsError) {
      notJudged(`with your credentials, ${messageOf(refusal)}`);
      return;
    }
    if (refusal instanceof PropertyError) {
      const certain = refusal.problems.filter(({ path }) => !isAmong(path, open));
      if (certain.length > 0) planned.failures.push(new PropertyError(certain).message);
      else notJudged(`${open.map(({ path }) => path).join(', ')} is known at the deployment only.`);
      return;
    }
    // A refusal that names a stand-in says nothing about the value that will be there.
    const said = messageOf(refusal);
    const masked = standIns.reduce((text, standIn) => text.replaceAll(standIn, ''), said);
    if (masked === said) planned.failures.push(said);
    else notJudged(`${open.map(({ path }) => path).join(', ')} is known at the deployment only.`);
  }

  #answers(
    logicalId: string,
    type: AnyResourceType,
    ref: Evaluated,
    attributes: Readonly<Record<string, string>>,
    why: string,
  ): void {
    const ids = typeof ref === 'string' ? idAttribute(type, ref) : {};
    this.#sides.outcomes.set(logicalId, { ref, attributes: { ...attributes, ...ids }, why });
  }

  async #findUsers(planned: PlannedResource, type: AnyResourceType, id: string): Promise<void> {
    try {
      planned.users = (await type.usersOf?.(id, this.#planning.connection)) ?? [];
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      planned.notes.push(`Who uses it cannot be seen: ${messageOf(error)}`);
    }
  }

  /** The typed form that was applied last, where the ledger has it. */
  async #appliedForm(type: AnyResourceType, record: ObjectRecord | undefined): Promise<unknown> {
    const sealed = record?.applied[0]?.typed;
    if (record === undefined || sealed === undefined) return undefined;
    const { sealing, deadline } = this.#planning.connection;
    try {
      const of = sealedFor(record.organization, type.kind, record.id);
      const text = await sealing.unseal(sealed, of, deadline);
      return text === undefined ? undefined : JSON.parse(text);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return undefined;
    }
  }
}

const NOTHING_AHEAD = { newId: '', isOldAssumed: false };

const newPlanned = (logicalId: string, type: string): PlannedResource => ({
  logicalId,
  type,
  action: 'nothing',
  isCertain: true,
  changes: [],
  because: [],
  users: [],
  open: [],
  failures: [],
  notes: [],
});

function pseudoParameters({ id, name }: Planning['stack']): Record<string, string> {
  const [, partition = 'aws', , region = '', account = ''] = id.split(':');
  return {
    'AWS::AccountId': account,
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::StackId': id,
    'AWS::StackName': name,
    'AWS::URLSuffix': partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
  };
}

/** The ARN of a function without version or alias. */
const functionOf = (arn: string) => arn.split(':').slice(0, 7).join(':');
const withoutVersion = (token: Evaluated | undefined) => (typeof token === 'string' ? token : undefined);

const whyOf = (value: Unknown) => value.sources.map(({ why }) => why).join(', ');
const topOf = (path: string) => path.split('.')[0] ?? path;
const isWithin = (path: string, above: string) => path === above || path.startsWith(`${above}.`);
const isRelated = (one: string, other: string) => isWithin(one, other) || isWithin(other, one);
const isAmong = (path: string, open: readonly { path: string }[]) =>
  open.some((one) => isRelated(path, one.path));
