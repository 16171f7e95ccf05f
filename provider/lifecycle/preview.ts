/**
 * Foresees what the provider does with a request, by reading alone. Facts, plan, guards and refusals are
 * those of the request itself; a look ahead ends before the first write to Genesys Cloud. It works on a copy
 * of the ledger, which is then as if the request had succeeded, so that requests of other resources can be
 * foreseen after it. Only commands load this file.
 */
import { AwsError, ProviderError, RefusedError, RequestError, SettingsError } from '../../common/errors.ts';
import { isPlainObject, ownMember } from '../../common/objects.ts';
import { BadRequestError, MissingPermissionError } from '../genesys/index.ts';
import type { ObjectRecord, OpenAttempt, OwnerRecord } from '../ledger/index.ts';
import { innerOf, kindOf, PropertyError, parseProperties, shapeOf } from '../properties/index.ts';
import {
  type CustomResourceRequest,
  type Invocation,
  Progress,
  readAnswerAddress,
  readPhysicalId,
  readRequest,
} from '../protocol/index.ts';
import { isAbsence, notSeen, sightAfter } from './absence.ts';
import { refuseNotAdmitted, refuseUnknownType } from './admission.ts';
import { guardReplacement, recordOfUnknown } from './changing.ts';
import { decideDelete } from './delete.ts';
import { differencesBetween } from './differences.ts';
import type { End } from './ends.ts';
import { deleteFacts, updateFacts } from './facts.ts';
import { formOf, identityOf, withForm } from './form.ts';
import { type Job, jobOf, type LifecycleParts, openOperation, resolveProperties } from './job.ts';
import { Listings } from './listings.ts';
import { type Operation, sealedFor } from './operation.ts';
import { ownIdsOf, saysRollback, succeed } from './outcome.ts';
import { isQuestion, planAbsence } from './plan.ts';
import type { AnyResourceType, Difference, Expected, RemoteObject, ResourceType } from './resource-type.ts';
import { guardOf } from './undo.ts';
import { decideUpdate, parseWhatIsNotApplied, resolveOnce } from './update.ts';

/** The reason for another object in place of the one that is there. */
export type ReplacementCause =
  /** A property that cannot change in place. */
  | 'fixed property'
  /** The properties name another object to take over. */
  | 'another object'
  /** The object was deleted by another hand. */
  | 'gone';

/** The outcome of a request, as far as a look shows it. */
export interface Foreseen {
  /** `leave`: the object stays in Genesys Cloud, and nobody owns it. */
  does: 'create' | 'adopt' | 'nothing' | 'change' | 'replace' | 'delete' | 'leave' | 'put back';
  /** The object that the request ends with; the given new id for one that is to be made. */
  id: string | undefined;
  /** A replacement takes over an object that is there. */
  adopts: boolean;
  /** Whether taking over writes to the object; missing where that is not known. */
  isWritten?: boolean;
  /** The object that the request begins with. */
  object?: RemoteObject;
  cause?: ReplacementCause;
  /** The object that is replaced is not there any more. */
  isGone?: true;
  /** Properties that change, by path; undefined where the form of before is not known. */
  differences?: Difference[];
  /** Those of them that cannot change in place. */
  forcing: Difference[];
  /** Ids of objects that Genesys Cloud deletes together with the deleted one. */
  removesToo?: string[];
  /** An update ended before anything told a change in place from a replacement. */
  isUndecided?: true;
  /** The request fails by this. */
  refusal?: ProviderError;
}

export interface Ahead {
  /** Stands for the id of an object that is to be made. No object has it. */
  newId: string;
  /**
   * The old properties hold stand-ins for values that nobody knows, so the form in the ledger counts as that
   * of these.
   */
  isOldAssumed: boolean;
}

export class Preview {
  readonly #parts: LifecycleParts;
  readonly #listings: Listings;
  readonly #deadline: Invocation['deadline'];
  /** Ids of the objects that requests of this look have ended with. */
  readonly #ids = new Set<string>();

  /** @param parts its ledger is a copy (`CopiedStore`), and its clock lets pauses pass at once */
  constructor(parts: LifecycleParts, deadline: Invocation['deadline']) {
    // CloudFormation has not moved what a request of this look has taken over.
    const hasMoved: LifecycleParts['aws']['hasMoved'] = async (id, ...of) =>
      this.#ids.has(id) ? false : parts.aws.hasMoved(id, ...of);
    this.#parts = { ...parts, aws: { ...parts.aws, hasMoved } };
    this.#listings = new Listings(parts.clock);
    this.#deadline = deadline;
  }

  /**
   * @param event as CloudFormation would send it
   * @throws the errors of the ledger and of calls that got no answer; a refusal is part of what is foreseen
   */
  async of(event: Record<string, unknown>, ahead: Ahead): Promise<Foreseen> {
    const request = readRequest(event, readAnswerAddress(event));
    const job = this.#jobOf(request);
    const begun = await this.#parts.ledger.begin(request, this.#deadline);
    if (begun.verdict !== 'go') throw new Error(`a request of a preview was ${begun.verdict}`);
    const { attempt, owner } = begun;
    const named = readPhysicalId(request.physicalId, request.stackId, request.logicalId);
    if (request.type === 'Delete') return foreseeDelete(job, attempt, owner);
    const foreseen =
      request.type === 'Update' && named.kind === 'object'
        ? await foreseeUpdate(job, attempt, owner, named.id, ahead)
        : await foreseeCreate(job, attempt, owner, ahead);
    if (foreseen.id !== undefined) this.#ids.add(foreseen.id);
    return foreseen;
  }

  #jobOf(request: CustomResourceRequest): Job {
    const { types } = this.#parts;
    const type = types.find(({ typeName }) => typeName === request.resourceType);
    if (type === undefined) return refuseUnknownType(types, request.resourceType);
    const parts = { ...this.#parts, listings: this.#listings };
    const invocation = { deadline: this.#deadline, progress: new Progress() };
    return jobOf(parts, type as unknown as ResourceType<unknown>, request, invocation);
  }
}

/** Runs a part of a look. A refusal becomes part of what is foreseen. */
async function orRefused(foreseen: Foreseen, look: () => Promise<void>): Promise<Foreseen> {
  try {
    await look();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    foreseen.refusal = error;
  }
  return foreseen;
}

/** Whether the request would fail by this, and not only the look. */
const isRefusal = (error: unknown): error is ProviderError =>
  isAbsence(error) ||
  [
    RefusedError,
    PropertyError,
    RequestError,
    SettingsError,
    AwsError,
    BadRequestError,
    MissingPermissionError,
  ].some((one) => error instanceof one);

// ---- Create

async function foreseeCreate(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  { newId }: Ahead,
): Promise<Foreseen> {
  const { type, request, parts } = job;
  const foreseen: Foreseen = { does: 'create', id: newId, adopts: false, forcing: [] };
  return orRefused(foreseen, async () => {
    refuseNotAdmitted(parts.settings, parts.types, request);
    parseProperties(type.schema, request.properties);
    const properties = await resolveProperties(job, request.properties, false);
    const operation = await openOperation(job, attempt, { properties, ownIds: ownIdsOf(job, owner) });
    const expected = await type.preview.create(properties, operation, { newId, predecessor: undefined });
    if (expected.isThere) foreseen.does = 'adopt';
    noteWritten(foreseen, expected);
    foreseen.id = expected.id;
    await asIfSucceeded(job, operation, expected);
  });
}

// ---- Update

async function foreseeUpdate(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  id: string,
  { newId, isOldAssumed }: Ahead,
): Promise<Foreseen> {
  if (isOldAssumed) await assumeOldForm(job, attempt, id);
  const facts = await updateFacts(job, attempt, owner, id);
  const foreseen: Foreseen = {
    does: 'change',
    id,
    adopts: false,
    object: facts.named,
    forcing: [],
    isUndecided: true,
  };
  return orRefused(foreseen, async () => {
    parseWhatIsNotApplied(job);
    const resolve = resolveOnce(job, facts);
    const plan = await decideUpdate(job, attempt, facts, resolve);
    delete foreseen.isUndecided;
    if (plan.do === 'refuse') throw new RefusedError(plan.message);
    if (plan.do === 'refuse unseen') {
      const operation = await openOperation(job, attempt, { exists: true });
      throw await notSeen(job, plan.object.id, plan.isListed, operation);
    }
    const { object, appliedBefore } = plan;
    foreseen.object = object;
    foreseen.id = object.id;
    if (plan.do === 'answer' || plan.do === 'answer unseen') {
      foreseen.does = 'nothing';
      return;
    }
    if (plan.do === 'replace') {
      const isNamed = facts.newlyNamedId !== undefined && facts.newlyNamedId !== object.id;
      foreseen.does = 'replace';
      foreseen.cause = isNamed ? 'another object' : 'fixed property';
      foreseen.id = newId;
    }
    const properties = await resolve(appliedBefore);
    await compare(foreseen, job, properties);
    const operation = await openOperation(job, attempt, {
      properties,
      appliedBefore,
      exists: appliedBefore,
      ownIds: ownIdsOf(job, owner),
      markDirty: async (details, claim) => markDirty(job, attempt, object, details, claim),
    });
    await orGone(foreseen, job, operation, newId, async () => {
      if (plan.do === 'converge') {
        const expected = await job.type.preview.update(object, properties, operation);
        await asIfSucceeded(
          job,
          operation,
          expected,
          object.record ?? recordOfUnknown(job, object.id, operation),
        );
        return;
      }
      await guardReplacement(job, object, properties, operation).catch((error: unknown) => {
        // The other refusals of the new object are still worth a look.
        if (!isRefusal(error) || isAbsence(error)) throw error;
        foreseen.refusal = error;
      });
      await makeAnother(foreseen, job, operation, newId);
    });
  });
}

/** Makes the ledger's newest form that of the old properties, which hold stand-ins. */
async function assumeOldForm(job: Job, attempt: OpenAttempt, id: string): Promise<void> {
  const { type, request } = job;
  const record = await attempt.object(type.kind, id);
  const old = request.oldProperties ?? {};
  if (record === undefined) return;
  try {
    const form = formOf(type, old);
    const identity = identityOf(type, await resolveProperties(job, old, true));
    const applied = withForm(record.applied, { ...record.applied[0], ...form });
    await attempt.keep({ ...record, applied, identity });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
  }
}

async function markDirty(
  { type }: Job,
  attempt: OpenAttempt,
  object: RemoteObject,
  details: Record<string, string> = {},
  claim?: string,
): Promise<void> {
  const record = (await attempt.object(type.kind, object.id)) ?? object.record;
  if (record === undefined) return;
  const claims = [...new Set([...(record.claims ?? []), ...(claim === undefined ? [] : [claim])])];
  await attempt.keep({ ...record, details: { ...record.details, ...details }, claims });
}

/** Notes what the wanted properties change. */
async function compare(foreseen: Foreseen, job: Job, wanted: unknown): Promise<void> {
  const { type } = job;
  const before = await appliedForm(job, foreseen.object?.record);
  if (before === undefined) return;
  const fixed: readonly string[] = type.replacement;
  const differences = differencesBetween(plain(type, before), plain(type, wanted), '');
  foreseen.differences = differences;
  foreseen.forcing = differences.filter(({ path }) => fixed.some((name) => isWithin(path, name)));
}

const isWithin = (path: string, name: string) => path === name || path.startsWith(`${name}.`);

/** Typed properties as an author writes them, with the defaults that a replacement depends on. */
function plain({ defaults, schema }: Job['type'], properties: unknown): Record<string, unknown> {
  const { ServiceToken: _, ServiceTimeout: __, outside: ___, ...own } = properties as Record<string, unknown>;
  const written = withoutForms(schema, JSON.parse(JSON.stringify(own)));
  return { ...defaults, ...(written as Record<string, unknown>) };
}

/** A value with the content of its free forms in place of the forms. */
function withoutForms(schema: unknown, value: unknown): unknown {
  if (schema === undefined || !isPlainObject(value)) return value;
  if (kindOf(innerOf(schema) as object)?.kind === 'freeForm') return value['typed'] ?? value['untyped'];
  const shape = shapeOf(schema) ?? {};
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withoutForms(ownMember(shape, name), part)]),
  );
}

/** The form that was applied last: the sealed one of the ledger, or the old properties. */
async function appliedForm(job: Job, record: ObjectRecord | undefined): Promise<unknown> {
  const { parts, type, request, deadline } = job;
  const sealed = record?.applied[0]?.typed;
  try {
    if (record && sealed !== undefined) {
      const of = sealedFor(record.organization, type.kind, record.id);
      const text = await parts.sealing.unseal(sealed, of, deadline);
      if (text !== undefined) return JSON.parse(text);
    }
    return await resolveProperties(job, request.oldProperties ?? {}, true);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return undefined;
  }
}

/** Goes on where the object turns out to be missing: an update makes it anew, unless a list shows it. */
async function orGone(
  foreseen: Foreseen,
  job: Job,
  operation: Operation,
  newId: string,
  look: () => Promise<void>,
): Promise<void> {
  const { object } = foreseen;
  try {
    await look();
  } catch (error) {
    if (!isAbsence(error) || object === undefined) throw error;
    const { oldProperties, properties } = job.request;
    const { appliedBefore } = operation;
    const sight = await sightAfter(error, job, object.id, oldProperties ?? properties, operation);
    let plan = planAbsence({ sight, appliedBefore });
    if (isQuestion(plan))
      plan = planAbsence({ sight, appliedBefore }, { isRollingBack: await saysRollback(job) });
    if (isQuestion(plan) || plan.do === 'refuse')
      throw await notSeen(job, object.id, sight === 'listed', operation);
    if (plan.do === 'answer unseen') {
      foreseen.does = 'nothing';
      return;
    }
    foreseen.does = 'replace';
    foreseen.cause ??= 'gone';
    foreseen.isGone = true;
    await makeAnother(foreseen, job, operation, newId);
  }
}

async function makeAnother(foreseen: Foreseen, job: Job, operation: Operation, newId: string): Promise<void> {
  const { type } = job;
  const expected = await type.preview.create(operation.properties, operation, {
    newId,
    predecessor: foreseen.object,
  });
  foreseen.id = expected.id;
  foreseen.adopts = expected.isThere;
  noteWritten(foreseen, expected);
  await asIfSucceeded(job, operation, expected);
}

function noteWritten(foreseen: Foreseen, { isWritten }: Expected): void {
  if (isWritten !== undefined) foreseen.isWritten = isWritten;
}

/** Notes in the copy of the ledger what the request's success would note. */
async function asIfSucceeded(
  job: Job,
  operation: Operation,
  { id, details = {}, claims }: Expected,
  known?: ObjectRecord,
): Promise<void> {
  const record = known && ((await operation.attempt.object(job.type.kind, id)) ?? known);
  const attributes = { ...record?.attributes, ...idAttribute(job.type, id) };
  await succeed(job, operation, { id, attributes, details, ...(claims ? { claims } : {}) }, record);
}

/** The first attribute of every type is the id of its object. */
export const idAttribute = ({ attributes }: Pick<AnyResourceType, 'attributes'>, id: string) => ({
  [attributes[0] ?? '']: id,
});

// ---- Delete

async function foreseeDelete(job: Job, attempt: OpenAttempt, owner: OwnerRecord): Promise<Foreseen> {
  const { type, request } = job;
  const physical = readPhysicalId(request.physicalId, request.stackId, request.logicalId);
  const foreseen: Foreseen = { does: 'nothing', id: undefined, adopts: false, forcing: [] };
  return orRefused(foreseen, async () => {
    const plan = await decideDelete(job, attempt, await deleteFacts(job, attempt, owner, physical));
    if ('object' in plan && plan.object) foreseen.object = plan.object;
    if (plan.do === 'leave the end to another')
      await attempt.leaveEndTo({ kind: type.kind, id: plan.object.id }, plan.end);
    if (plan.do === 'undo') foreseen.does = 'delete';
    if (plan.do !== 'end') return;
    const end =
      type.adoption === undefined ? (type.preview.endOf?.(request.properties) ?? plan.end) : plan.end;
    foreseen.does = DOES[end];
    const guard = guardOf(job, plan.end, plan.guarded);
    const operation = await openOperation(job, attempt);
    await guard?.refuse(plan.object, request.properties, operation);
    if (foreseen.does === 'delete')
      foreseen.removesToo = (await type.preview.removesToo?.(plan.object, operation)) ?? [];
    await attempt.release(
      { kind: type.kind, id: plan.object.id },
      { wasPutBack: plan.end === 'put back', formerEnd: plan.formerEnd },
    );
  });
}

const DOES: Record<End, Foreseen['does']> = { delete: 'delete', retain: 'leave', 'put back': 'put back' };
