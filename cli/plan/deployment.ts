/**
 * Follows a deployment through the template, in the order in which CloudFormation works on it. For each
 * resource it builds the request that CloudFormation would send, and lets the provider's own rules foresee
 * its outcome. Nothing here knows a type by its name, and nothing decides what a property means.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../common/clock.ts';
import { messageOf, ProviderError } from '../../common/errors.ts';
import { Ledger, type ObjectRecord } from '../../provider/ledger/index.ts';
import { type Foreseen, idAttribute, Preview } from '../../provider/lifecycle/preview.ts';
import type { AnyResourceType } from '../../provider/lifecycle/resource-type.ts';
import { accountOf } from '../../provider/runtime/stack-names.ts';
import type { Connection } from '../connection/connect.ts';
import { member, textOf, type Value } from '../templates/template.ts';
import { propertiesOf as changedProperties, type SetChange, withAfterContext } from './change-set.ts';
import { describeUpdate, isAmong, isRelated, judge, newPlanned, noteAdoption, whyOf } from './describe.ts';
import { inOrder } from './order.ts';
import type { Action, Plan, PlannedResource } from './planned.ts';
import { quickClock } from './quick-clock.ts';
import { appliedForm, recordsOf } from './records.ts';
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

/** Properties of a resource by name. */
interface Members {
  [name: string]: Evaluated;
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
    const before = this.#deployedOf(logicalId);
    const old = before === undefined ? {} : this.#sides.propertiesBefore(logicalId);
    const isTokenOpen = this.#isTokenOpen(old, properties);
    if (!this.#isServedHere(logicalId, properties)) return;
    if (old['ServiceToken'] instanceof Unknown || isTokenOpen)
      old['ServiceToken'] = properties['ServiceToken'] ?? '';
    const planned = newPlanned(logicalId, type.typeName);
    this.resources.push(planned);
    if (declared.openCondition !== undefined) {
      planned.isCertain = false;
      planned.open.push({ path: 'Condition', why: whyOf(declared.openCondition) });
    }
    if (isTokenOpen)
      planned.notes.push(
        'Whether its ServiceToken stays the same is known at the deployment only. CloudFormation refuses another one.',
      );
    if (before === undefined) return this.#created(planned, type, properties);
    planned.id = before.physicalId;
    if (declared.openCondition !== undefined) await this.#mayLeave(planned, type);
    if (before.type !== type.typeName) {
      planned.failures.push(
        `CloudFormation does not change the type of a resource: it is ${before.type}. Give the new one another logical id.`,
      );
      return;
    }
    await this.#updated(planned, type, { properties, old }, before.physicalId);
  }

  async #mayLeave(planned: PlannedResource, type: AnyResourceType): Promise<void> {
    if (this.#isKept(planned.logicalId)) return;
    planned.mayLeave = true;
    planned.notes.push('It leaves the stack where its condition does not hold.');
    await this.#findUsers(planned, type, planned.id ?? '');
  }

  /** Whether CloudFormation keeps the resource where it leaves the stack. */
  #isKept(logicalId: string): boolean {
    return /^Retain/.test(this.#policyOf(logicalId, 'DeletionPolicy') ?? '');
  }

  /** Whether only the deployment shows if the token of a deployed resource stays the same. */
  #isTokenOpen({ ServiceToken: old }: Members, { ServiceToken: token }: Members): boolean {
    if (old === undefined || token === undefined || isSame(old, token)) return false;
    return old instanceof Unknown || token instanceof Unknown;
  }

  #deployedOf(logicalId: string) {
    if (!this.#sides.declaredBefore.has(logicalId)) return undefined;
    return this.#planning.deployed?.resources.get(logicalId);
  }

  /** Another provider may serve the same types. */
  #isServedHere(logicalId: string, properties: Members): boolean {
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

  async #created(planned: PlannedResource, type: AnyResourceType, properties: Members): Promise<void> {
    const values = this.#filled(planned.logicalId, type, properties, {}, undefined);
    const newId = randomUUID();
    const foreseen = await this.#ask(planned, 'Create', values.properties, { newId, isOldAssumed: false });
    planned.action = foreseen.does as Action;
    if (foreseen.does === 'adopt') noteAdoption(planned, foreseen);
    planned.open.push(...values.open);
    judge(planned, foreseen, values);
    const ref = foreseen.id ?? newId;
    this.#answers(planned.logicalId, type, ref, {}, 'which is made by the deployment');
  }

  async #updated(
    planned: PlannedResource,
    type: AnyResourceType,
    { properties, old }: { properties: Members; old: Members },
    physicalId: string,
  ): Promise<void> {
    const { logicalId } = planned;
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
    if (!isSame(old['ServiceToken'], properties['ServiceToken']))
      planned.failures.push('CloudFormation does not change the ServiceToken of a resource.');
    const applied =
      hasUnknown(old) || hasUnknown(properties)
        ? await appliedForm(type, record, this.#planning.connection)
        : undefined;
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
    describeUpdate(planned, type, foreseen, values, certain);
    judge(planned, foreseen, values);
    if (foreseen.does === 'replace') await this.#describeReplacement(planned, type, foreseen, values);
    else if (planned.action === 'replace') await this.#findUsers(planned, type, physicalId);
    const ref =
      planned.action === 'replace' && !planned.isCertain
        ? new Unknown({ key: `${logicalId} maybe`, why: `the id of ${logicalId}, which may be replaced` })
        : (foreseen.id ?? physicalId);
    const kept = foreseen.does === 'nothing' ? (record?.attributes ?? {}) : {};
    this.#answers(logicalId, type, ref, kept, 'which changes');
  }

  async #describeReplacement(
    planned: PlannedResource,
    type: AnyResourceType,
    foreseen: Foreseen,
    values: Filled,
  ): Promise<void> {
    const id = foreseen.object?.id ?? planned.id ?? '';
    if (foreseen.adopts) noteAdoption(planned, foreseen);
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
    if (this.#isKept(logicalId)) {
      planned.action = 'leave';
      planned.notes.push(`DeletionPolicy: ${this.#policyOf(logicalId, 'DeletionPolicy')} sends no request.`);
      return;
    }
    const record = this.#records.get(logicalId);
    const applied = hasUnknown(old) ? await appliedForm(type, record, this.#planning.connection) : undefined;
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
    properties: Members,
    old: Members,
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
}

const NOTHING_AHEAD = { newId: '', isOldAssumed: false };

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
