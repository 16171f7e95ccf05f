import type { GenesysCloud, GenesysSession } from '../genesys/index.ts';
import {
  CancelledError,
  describeOwner,
  type Form,
  type Known,
  type Ledger,
  type ObjectRecord,
  type OpenAttempt,
  type OwnerRecord,
  type Step,
  sameOwner,
} from '../ledger/index.ts';
import { parseProperties } from '../properties/vocabulary.ts';
import {
  type Application,
  type CustomResourceRequest,
  type Invocation,
  nothingCreated,
  readPhysicalId,
  type Verdict,
} from '../protocol/index.ts';
import type { AwsServices } from '../runtime/aws.ts';
import { fingerprint } from '../runtime/canonical.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Abortable, abortedAlsoBy, type Deadline, timeLimit } from '../runtime/deadline.ts';
import {
  AwsError,
  LedgerError,
  messageOf,
  ProviderError,
  RefusedError,
  RequestError,
} from '../runtime/errors.ts';
import type { Log } from '../runtime/logger.ts';
import { redact } from '../runtime/redaction.ts';
import type { Settings } from '../runtime/settings.ts';
import { deletesNoObject, oauthSecretOf, refuseNotAdmitted, refuseUnknownType } from './admission.ts';
import { type End, saysAdopted, undoingOf, wantedEnd } from './ending.ts';
import { whenGivenUp } from './given-up.ts';
import { type Existing, GoneError, PROTOCOL_PROPERTIES, type ResourceType, type Result } from './type.ts';
import { GONE_AFTER_MILLISECONDS, holdingOf, Work } from './work.ts';

export interface LifecycleParts {
  types: readonly ResourceType<never>[];
  settings: Settings;
  ledger: Ledger;
  aws: AwsServices;
  /** The organization that a secret leads to, one client a secret and container. */
  genesysCloud(secretArn: string): GenesysCloud;
  clock: Clock;
  log: Log;
}

/** Time for the last word to the ledger once a request's own time is over. */
const LAST_WORD_MILLISECONDS = 2_000;
const NOTE_AGAIN_MILLISECONDS = 5_000;
/**
 * A Create whose answer was taken longer ago than this is not the one that a Delete with an invented id is about.
 * Until then it may be: an answer that came when CloudFormation had just given up is taken by its bucket all the same.
 */
const GIVEN_UP_MILLISECONDS = 15 * 60_000;
/** Characters of a failure's reason that the ledger keeps for a repeat. */
const LONGEST_REASON = 1_500;

/**
 * The life of every custom resource, whatever its type: dispatch, ownership, replacement, rollback, redelivery
 * and undo. A type brings one flow a verb (type.ts).
 */
export function lifecycle(parts: LifecycleParts): Application {
  const flows = new WeakMap<CustomResourceRequest, Flow>();
  return {
    async handle(request, invocation) {
      const type = parts.types.find(({ typeName }) => typeName === request.resourceType);
      if (type === undefined) {
        if (!deletesNoObject(request)) refuseUnknownType(parts.types, request.resourceType);
        // A Create of no type makes nothing; whoever misspelt it has to get rid of it.
        return { status: 'SUCCESS', physicalId: request.physicalId ?? nothingCreated(request.requestId) };
      }
      const flow = new Flow(parts, type as unknown as ResourceType<unknown>, request, invocation);
      flows.set(request, flow);
      return request.type === 'Delete' ? flow.delete() : flow.createOrUpdate();
    },
    recall: async (request, invocation) => {
      const known = await parts.ledger.recall(request, invocation.deadline);
      return known && verdictOf(known);
    },
    leftSomething: (createRequestId, { stackId }, deadline) =>
      parts.ledger.isPending(stackId, createRequestId, deadline),
    async answered(request, deadline) {
      if (await flows.get(request)?.close(deadline)) return;
      await parts.ledger.close(request.stackId, request.requestId, deadline);
    },
  };
}

/** What is owed to a request that came to an end before. */
const verdictOf = (known: Known): Verdict =>
  known.verdict === 'closed'
    ? { status: 'ANSWERED_BEFORE' }
    : { status: 'SUCCESS', physicalId: known.answer.physicalId, data: known.answer.data };

/** One request of one type, from the ledger's first look to its last word. */
class Flow {
  readonly #parts: LifecycleParts;
  readonly #type: ResourceType<unknown>;
  readonly #request: CustomResourceRequest;
  readonly #invocation: Invocation;
  /** Aborted when CloudFormation has given this request up. */
  readonly #givenUp = new AbortController();
  /** The invocation for all but the ledger: what is given up ends, and is undone in the time that is left. */
  #working: Invocation;
  #attempt: OpenAttempt | undefined;
  /** Ids of what this logical resource owned at the beginning. */
  #ownIds: string[] = [];
  /** What is asked for was applied before: so it is in a rollback. */
  #isGoingBack = false;
  #rollingBack: Promise<boolean> | undefined;
  /** What a Delete has to remove: should it fail, a later request does. */
  #toRemove: string | undefined;

  constructor(
    parts: LifecycleParts,
    type: ResourceType<unknown>,
    request: CustomResourceRequest,
    invocation: Invocation,
  ) {
    this.#parts = parts;
    this.#type = type;
    this.#request = request;
    this.#invocation = invocation;
    this.#working = { ...invocation, deadline: abortedAlsoBy(invocation.deadline, this.#givenUp.signal) };
  }

  // ---- Create and Update

  async createOrUpdate(): Promise<Verdict> {
    const physical = readPhysicalId(this.#request.physicalId, this.#request.stackId, this.#request.logicalId);
    const updating = this.#request.type === 'Update' && physical.kind === 'object';
    return this.#inAttempt(async (attempt, owner) => {
      // An Update is judged later: it may be a rollback to what the ledger knows.
      if (!updating) {
        refuseNotAdmitted(this.#parts.settings, this.#request);
        parseProperties(this.#type.schema, this.#request.properties);
      }
      const parts = await this.#undoUnfinished(owner);
      const verdict = await (updating ? this.#update(attempt, owner, physical.id) : this.#create(attempt));
      for (const requestId of parts) await this.#undoOrLeave(requestId);
      return verdict;
    });
  }

  async #create(attempt: OpenAttempt): Promise<Verdict> {
    const properties = await this.#resolved(this.#request.properties);
    const work = await this.#work(attempt, properties, false);
    const result = await this.#type.create(properties, work);
    return this.#succeed(work, result, undefined);
  }

  async #update(attempt: OpenAttempt, owner: OwnerRecord, id: string): Promise<Verdict> {
    const { properties: wanted, oldProperties } = this.#request;
    // No part of the form, and yet its Delete will go by it.
    if (wanted['OnDelete'] !== oldProperties?.['OnDelete']) parseProperties(this.#type.schema, wanted);
    const form = this.#form();
    const current = await this.#owned(attempt, id);
    const others = await this.#records(owner, id);
    const stale = await this.#stale(attempt, owner, current, others);
    const kept = others.filter((record) => !stale.includes(record) || isLeftover(owner, record));
    let target = this.#target(form, current, kept);
    this.#isGoingBack = had(target.record, form);
    if (!this.#isGoingBack) refuseNotAdmitted(this.#parts.settings, this.#request);
    for (const record of stale)
      if (record.id !== target.id) await this.#removeOrLeave(attempt, owner, record);
    const isAsWanted = ({ record }: Existing) =>
      record !== undefined && !record.dirty && sameForm(record.applied[0], form);
    if (target.id === id && isAsWanted(target))
      return this.#answer(attempt, target.id, target.record?.attributes ?? {});
    if (target.id !== id) {
      if (await this.#isStillThere(attempt, owner, target)) {
        if (isAsWanted(target)) return this.#answer(attempt, target.id, target.record?.attributes ?? {});
      } else {
        // Deleted by another hand: what has taken its place goes on.
        if (target.record) await this.#removeOrLeave(attempt, owner, target.record);
        target = current;
      }
    }
    const properties = await this.#resolved(this.#request.properties);
    const work = await this.#work(attempt, properties, this.#isGoingBack);
    this.#checkOrganization(owner, target, work);
    if (this.#namesAnother(target.id) || (await this.#isReplacement(properties, target.record))) {
      const old = this.#request.oldProperties ?? {};
      if (wantedEnd(target, old) === 'delete')
        await this.#type.guardReplacement?.(target, old, work, properties);
      return this.#replace(work, properties, target);
    }
    return this.#converge(work, properties, target);
  }

  /** Writes what differs into the existing object; makes it anew when it is gone. */
  async #converge(work: Work, properties: unknown, existing: Existing): Promise<Verdict> {
    let record = existing.record ?? {
      ...work.newRecord(this.#type.kind, existing.id),
      // With the ledger its origin was lost.
      origin: saysAdopted(this.#request.properties) ? 'adopted' : 'created',
      // An Update names what a request succeeded with.
      applied: this.#request.oldProperties ? [this.#form(this.#request.oldProperties)] : [],
    };
    let noted = false;
    work.writing = async (details) => {
      if (noted && details === undefined) return;
      noted = true;
      record = { ...record, dirty: true, details: { ...record.details, ...details } };
      await work.attempt.keep(record);
    };
    try {
      const result = await this.#type.update(existing, properties, work);
      return await this.#succeed(work, result, record);
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      this.#parts.log.warn('the object is gone: making it anew', { id: existing.id });
      return this.#replace(work, properties, existing);
    }
  }

  /** Makes the new one and leaves the old one to CloudFormation; on failure nothing new is left. */
  async #replace(work: Work, properties: unknown, predecessor: Existing): Promise<Verdict> {
    try {
      const result = await this.#type.create(properties, work, predecessor);
      return await this.#succeed(work, result, undefined);
    } catch (error) {
      // The old id is answered, so nobody would ever delete the new object: if this fails, the next request does it.
      await work.attempt
        .undo((step) => this.#undoStep(step, work))
        .catch((problem: unknown) => {
          this.#parts.log.warn('what a failed replacement made is still there', {
            problem: messageOf(problem),
          });
        });
      throw error;
    }
  }

  /**
   * Whether the object of before a replacement is there. Nothing is parsed for it: what was applied once needs no
   * validation.
   */
  async #isStillThere(attempt: OpenAttempt, owner: OwnerRecord, earlier: Existing): Promise<boolean> {
    const work = await this.#work(attempt, undefined, true);
    this.#checkOrganization(owner, earlier, work);
    const found = await work.until(
      async () => (await this.#type.exists(earlier.id, work)) || undefined,
      GONE_AFTER_MILLISECONDS,
    );
    return found ?? false;
  }

  /**
   * Objects of this logical resource that CloudFormation will never name again: those left over, and in a rollback
   * those that a replacement made after the one that is named. Outside of one they may be retained on purpose.
   */
  async #stale(
    attempt: OpenAttempt,
    owner: OwnerRecord,
    current: Existing,
    others: ObjectRecord[],
  ): Promise<ObjectRecord[]> {
    // A repeat of this request meets what it made itself.
    const own = attempt.steps.map(({ step }) => step.id);
    const foreign = others.filter(({ id }) => !own.includes(id));
    const leftovers = foreign.filter((record) => isLeftover(owner, record));
    const newer = foreign.filter(
      (record) =>
        !leftovers.includes(record) &&
        record.createdAt > (current.record?.createdAt ?? Number.POSITIVE_INFINITY) &&
        // Older than the last answer, and not what it named: retained on purpose.
        (owner.answered === undefined ||
          owner.answered.id === record.id ||
          record.createdAt > owner.answered.at),
    );
    if (newer.length > 0 && (await this.#isKnownToRollBack())) return [...leftovers, ...newer];
    return leftovers;
  }

  /** A later request tries again what cannot be removed now, since an update back must not fail. */
  async #removeOrLeave(attempt: OpenAttempt, owner: OwnerRecord, record: ObjectRecord): Promise<void> {
    try {
      await this.#removeObject(attempt, owner, { id: record.id, record });
    } catch (error) {
      if (this.#working.deadline.signal.aborted) throw error;
      this.#parts.log.warn('an object that nothing names any more is still there', {
        id: record.id,
        problem: messageOf(error),
      });
      if (!isLeftover(owner, record)) await attempt.leaveOver(this.#type.kind, record.id);
    }
  }

  /** The object that an Update is about: the one it names, or another one that had exactly this form. */
  #target(form: Form, current: Existing, others: ObjectRecord[]): Existing {
    if (had(current.record, form)) return current;
    const before = others.find((record) => had(record, form));
    return before ? { id: before.id, record: before } : current;
  }

  /**
   * In a rollback CloudFormation may forget what it names now, where another id is answered: a later request removes
   * it. In an ordinary update it is deleted, or retained on purpose.
   */
  async #leftBehind(answeredId: string): Promise<{ kind: string; id: string } | undefined> {
    const { physicalId } = this.#request;
    if (!this.#isGoingBack || physicalId === undefined || physicalId === answeredId) return undefined;
    return (await this.#isKnownToRollBack()) ? { kind: this.#type.kind, id: physicalId } : undefined;
  }

  /** Where no answer of CloudFormation must not fail an update, since all that it decides is what else may go. */
  async #isKnownToRollBack(): Promise<boolean> {
    try {
      return await this.#isRollingBack();
    } catch (error) {
      if (!(error instanceof AwsError) || this.#working.deadline.signal.aborted) throw error;
      this.#parts.log.warn('whether the stack rolls back is not known: nothing else is removed', {
        problem: messageOf(error),
      });
      return false;
    }
  }

  #isRollingBack(): Promise<boolean> {
    this.#rollingBack ??= this.#parts.aws.isRollingBack(this.#request.stackId, this.#working.deadline);
    return this.#rollingBack;
  }

  /** `ExistingId` has changed to the id of another object: that one is taken over in place of this one. */
  #namesAnother(id: string): boolean {
    const { properties, oldProperties } = this.#request;
    const named = properties['ExistingId'];
    return named !== undefined && named !== id && named !== oldProperties?.['ExistingId'];
  }

  async #isReplacement(properties: unknown, record: ObjectRecord | undefined): Promise<boolean> {
    const identity = this.#identity(properties);
    if (record) return record.identity !== identity && record.identity !== this.#identity(properties, true);
    // Not in the ledger: what CloudFormation says was applied, as far as it still parses and can be read.
    const old = this.#request.oldProperties ?? {};
    try {
      return this.#identity(await this.#resolved(old)) !== identity;
    } catch (error) {
      if (!(error instanceof ProviderError) || this.#invocation.deadline.signal.aborted) throw error;
      const names = [...this.#type.replacement, ...(this.#type.resolvedFrom ?? [])];
      const raw = (from: Record<string, unknown>) =>
        fingerprint(names.map((name) => this.#fixed(from, name)));
      return raw(old) !== raw(this.#request.properties);
    }
  }

  // ---- Delete

  async delete(): Promise<Verdict> {
    const { stackId, logicalId, requestId, physicalId } = this.#request;
    const physical = readPhysicalId(physicalId, stackId, logicalId);
    return this.#inAttempt(async (attempt, owner) => {
      switch (physical.kind) {
        case 'object':
          return this.#remove(attempt, owner, physical.id);
        case 'failed-create':
        case 'nothing-created':
          await this.#undoRequest(physical.requestId);
          break;
        // Without an id, or with an invented one: CloudFormation never had an answer of the newest Create.
        case 'invented':
        case 'none':
          await this.#undoNewestCreate(owner);
          break;
      }
      // An answer has to name something, even where the request did not.
      return this.#answer(attempt, physicalId ?? nothingCreated(requestId), {});
    });
  }

  /** What it made may have been retained, if its answer was taken: then another Create has never come to us. */
  async #undoNewestCreate({ stackId, newestCreate }: OwnerRecord): Promise<void> {
    if (newestCreate === undefined) return;
    const { ledger, clock } = this.#parts;
    const closedAt = await ledger.closedAt(stackId, newestCreate, this.#invocation.deadline);
    if (closedAt !== undefined && clock.now() - closedAt > GIVEN_UP_MILLISECONDS) return;
    await this.#undoRequest(newestCreate);
  }

  async #remove(attempt: OpenAttempt, owner: OwnerRecord, id: string): Promise<Verdict> {
    const record = await attempt.object(this.#type.kind, id);
    if (record && !sameOwner(record.owner, this.#request)) {
      this.#parts.log.info('deleted by one who does not own it: it stays', {
        id,
        owner: describeOwner(record.owner),
      });
      return this.#answer(attempt, id, {});
    }
    const { properties } = this.#request;
    // What its guard may refuse is left over only once it did not.
    if (wantedEnd({ id, record }, properties) === 'delete' && properties['DeletionGuard'] !== 'All')
      this.#toRemove = id;
    const gone = await this.#removeObject(attempt, owner, { id, record }, properties);
    for (const requestId of owner.unfinished) await this.#undoRequest(requestId, gone);
    this.#toRemove = undefined;
    for (const other of owner.objects.filter(({ leftover, id: otherId }) => leftover && otherId !== id)) {
      const leftRecord = await this.#parts.ledger.object(other.kind, other.id, this.#invocation.deadline);
      if (leftRecord && sameOwner(leftRecord.owner, this.#request))
        await this.#removeObject(attempt, owner, { id: other.id, record: leftRecord });
    }
    return this.#answer(attempt, id, {});
  }

  /** What never was a success, and what a replacement has followed, is removed without asking. */
  async #guardDeletion(
    owner: OwnerRecord,
    existing: Existing,
    properties: Record<string, unknown>,
    work: Work,
  ): Promise<void> {
    const { record } = existing;
    if (this.#type.guardDeletion === undefined || record?.applied.length === 0) return;
    const others = { ...owner, objects: owner.objects.filter(({ leftover }) => leftover !== true) };
    const successors = (await this.#records(others, existing.id)).filter(
      ({ createdAt }) => createdAt >= (record?.createdAt ?? Infinity),
    );
    const { answered } = owner;
    const isFollowed =
      answered === undefined
        ? successors.length > 0
        : others.objects.some(({ id }) => id === answered.id && id !== existing.id);
    if (isFollowed) return;
    await this.#type.guardDeletion(existing, properties, work);
  }

  /** Ends an object as the properties of its Delete say; without them it is undone, by its origin. */
  async #removeObject(
    attempt: OpenAttempt,
    owner: OwnerRecord,
    existing: Existing,
    properties?: Record<string, unknown>,
  ): Promise<string[]> {
    const work = await this.#work(attempt, undefined, false);
    this.#checkOrganization(owner, existing, work);
    const end = properties ? await this.#endOf(attempt, existing, properties) : undoingOf(existing);
    if (properties && end === 'delete') {
      await this.#guardDeletion(owner, existing, properties, work);
      this.#toRemove = existing.id;
    }
    const gone = await this.#bring(end, existing, properties ?? {}, work);
    await attempt.release(this.#type.kind, existing.id, { wasPutBack: end === 'put back' });
    return gone;
  }

  async #bring(
    end: End,
    existing: Existing,
    properties: Record<string, unknown>,
    work: Work,
  ): Promise<string[]> {
    if (end === 'delete') return this.#type.remove(existing, properties, work);
    if (end === 'put back') return this.#putBack(existing, work);
    this.#parts.log.info('retained: from now on nobody owns it', { id: existing.id });
    return [existing.id];
  }

  /** What becomes of an object at its Delete: what its Create did is undone in a rollback, else `OnDelete` decides. */
  async #endOf(attempt: OpenAttempt, existing: Existing, properties: Record<string, unknown>): Promise<End> {
    const { record } = existing;
    // A type that adopts nothing has its own ways.
    if (this.#type.putBack === undefined) return 'delete';
    if (record?.applied.length === 0) return undoingOf(existing);
    const end = wantedEnd(existing, properties);
    if (record === undefined || end === undoingOf(existing)) return end;
    const { adoption } = record;
    if (adoption?.rollback === 'begun') return 'put back';
    const note = async (rollback: 'begun' | 'unknown') =>
      adoption && attempt.keep({ ...record, adoption: { ...adoption, rollback } });
    let rolling: boolean;
    try {
      rolling = await this.#isRollingBack();
    } catch (error) {
      // Its repeat may come when the stack no longer says that it was rolled back.
      if (error instanceof AwsError && !this.#working.deadline.signal.aborted) await note('unknown');
      throw error;
    }
    if (rolling) {
      await note('begun');
      return undoingOf(existing);
    }
    return adoption?.rollback === 'unknown' ? 'retain' : end;
  }

  /** Makes an adopted object again what it was. */
  async #putBack(existing: Existing, work: Work): Promise<string[]> {
    const { id, record } = existing;
    const before = await work.session.unseal(record?.adoption?.before ?? '');
    if (before === undefined || this.#type.putBack === undefined) {
      throw new RefusedError(
        `What ${id} was before it was adopted cannot be read: it was kept under an earlier secret of the OAuth client. Put that secret back until the stack has rolled back; or leave the object as it is, by delete-stack with --retain-resources.`,
      );
    }
    return this.#type.putBack(existing, JSON.parse(before), work);
  }

  /** Undoes a step of an attempt, unless what it made has another owner by now. */
  async #undoStep(step: Step, work: Work): Promise<void> {
    const record = step.id === undefined ? undefined : await work.attempt.object(step.kind, step.id);
    if (record && !sameOwner(record.owner, this.#request)) return;
    if (step.adopted !== true) return this.#type.undo(step, work);
    // Put back already, where the record says nothing of it.
    if (record?.adoption?.requestId !== work.request.requestId) return;
    await this.#putBack({ id: record.id, record }, work);
  }

  /** Undoes what another request of this logical resource made; `gone` names what needs no call any more. */
  async #undoRequest(requestId: string, gone: string[] = []): Promise<void> {
    const { stackId } = this.#request;
    const attempt = await this.#parts.ledger.takeOver(stackId, requestId, holdingOf(this.#invocation));
    if (attempt === undefined) return;
    let work: Work | undefined;
    try {
      await attempt.undo(async (step) => {
        if (step.id !== undefined && gone.includes(step.id)) return;
        work ??= await this.#work(attempt, undefined, true, requestId);
        await this.#undoStep(step, work);
      });
    } catch (error) {
      // Not ours any more: whoever comes next need not wait for our lease to end.
      await this.#noteFailure(attempt, messageOf(error));
      throw error;
    }
  }

  /** Undoes another request as far as that is possible now; the next request tries again. */
  async #undoOrLeave(requestId: string): Promise<void> {
    try {
      await this.#undoRequest(requestId);
    } catch (error) {
      if (this.#invocation.deadline.signal.aborted) throw error;
      this.#parts.log.warn('what an earlier request made is still there', {
        requestId,
        problem: messageOf(error),
      });
    }
  }

  /**
   * A replacement that died half-way is cleaned up before anything else is done for its logical resource, as far as
   * possible: a rollback must not fail by it. Returns the requests that made mere parts (a credential): those may be
   * in use until the object is what it was.
   */
  async #undoUnfinished(owner: OwnerRecord): Promise<string[]> {
    const parts: string[] = [];
    for (const requestId of owner.unfinished) {
      if (requestId === this.#request.requestId || requestId === owner.newestCreate) continue;
      const steps = await this.#parts.ledger.steps(
        this.#request.stackId,
        requestId,
        this.#invocation.deadline,
      );
      if (steps.some(({ kind }) => kind === this.#type.kind)) await this.#undoOrLeave(requestId);
      else parts.push(requestId);
    }
    return parts;
  }

  // ---- what both need

  /** Notes that the answer was taken, as far as this flow's own view of its attempt still holds. */
  async close(deadline: Abortable): Promise<boolean> {
    return (await this.#attempt?.close(deadline)) ?? false;
  }

  /** Works on the attempt, with the OAuth secret read beside the ledger: neither depends on the other. */
  async #inAttempt(run: (attempt: OpenAttempt, owner: OwnerRecord) => Promise<Verdict>): Promise<Verdict> {
    const over = new AbortController();
    void this.#readSecretAhead(over.signal);
    try {
      return await this.#begin(run);
    } finally {
      over.abort();
    }
  }

  /** Begins the attempt, and leaves the ledger in order whatever `run` ends with. */
  async #begin(run: (attempt: OpenAttempt, owner: OwnerRecord) => Promise<Verdict>): Promise<Verdict> {
    const { ledger, log } = this.#parts;
    const { physicalId, stackId, logicalId } = this.#request;
    const namesObject = readPhysicalId(physicalId, stackId, logicalId).kind === 'object';
    const request = { ...this.#request, namesObject };
    const holding = holdingOf(this.#invocation);
    let begun = await ledger.begin(request, holding);
    if (begun.verdict === 'twin at work') {
      // If the deadline comes first, the answer must name the object that the other delivery made.
      this.#invocation.progress.wroteSomething = true;
      begun = await ledger.beginAfterTwin(request, holding);
    }
    if (begun.verdict === 'go') this.#meet(begun.attempt.record.steps);
    if (begun.verdict === 'superseded') {
      throw new RequestError(
        'A newer request for this resource has begun: this one is superseded, and nothing was done.',
      );
    }
    if (begun.verdict === 'failed') return this.#failAgain(begun);
    if (begun.verdict !== 'go') return verdictOf(begun);
    const { attempt, owner } = begun;
    this.#attempt = attempt;
    this.#ownIds = owner.objects.filter(({ kind }) => kind === this.#type.kind).map(({ id }) => id);
    const stopWatching = whenGivenUp(attempt, this.#invocation.deadline, this.#parts.clock, (reason) =>
      this.#givenUp.abort(reason),
    );
    try {
      return await run(attempt, owner);
    } catch (thrown) {
      stopWatching();
      const error = this.#givenUp.signal.aborted ? this.#givenUp.signal.reason : thrown;
      this.#working = this.#invocation;
      if (error instanceof CancelledError) {
        await this.#undoOwn(attempt).catch((problem: unknown) => {
          log.warn('what a cancelled request made is still there', { problem: messageOf(problem) });
          return this.#noteFailure(attempt, messageOf(problem));
        });
      } else if (attempt.record.state === 'running') {
        this.#invocation.progress.failure = error;
        await this.#noteFailure(attempt, redact(messageOf(error)).slice(0, LONGEST_REASON));
      }
      throw error;
    } finally {
      stopWatching();
    }
  }

  /**
   * Ends the attempt in the ledger. The answer waits for it as long as there is time: while the ledger says that
   * this request runs, what CloudFormation sends next could not take it up.
   */
  async #noteFailure(attempt: OpenAttempt, reason: string): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#invocation.deadline;
    for (;;) {
      // The request's own signal may be what ended it; the last word has a short time of its own.
      const limit = timeLimit(clock, LAST_WORD_MILLISECONDS, () => new Error('no time left'));
      try {
        const leftover =
          this.#toRemove === undefined ? undefined : { kind: this.#type.kind, id: this.#toRemove };
        return await attempt.fail(reason, limit, leftover);
      } catch (problem) {
        log.warn('the attempt could not be ended in the ledger', { problem: messageOf(problem) });
        if (signal.aborted || !(problem instanceof LedgerError)) return;
      } finally {
        limit.dispose();
      }
      await clock.sleep(NOTE_AGAIN_MILLISECONDS, signal).catch(() => undefined);
    }
  }

  /** Nearly every request of a new container needs it; what is wrong with it, is said where it is needed. */
  async #readSecretAhead(signal: AbortSignal): Promise<void> {
    try {
      const deadline = abortedAlsoBy(this.#working.deadline, signal);
      await this.#session(this.#request.type === 'Delete', deadline).region();
    } catch {
      // Nobody has asked for it yet.
    }
  }

  /**
   * A repeat of a request that was, or was about to be, answered FAILED. It makes nothing: CloudFormation may have
   * taken that answer and cleaned up.
   */
  #failAgain({ steps, reason }: { steps: Step[]; reason: string }): never {
    this.#meet(steps);
    throw new RequestError(reason);
  }

  /** What earlier deliveries of this request did counts as its own, should it end here. */
  #meet(steps: Step[]): void {
    const { progress } = this.#invocation;
    const made = steps.find(({ kind, state }) => kind === this.#type.kind && state !== 'undone');
    progress.wroteSomething = steps.length > 0;
    if (made?.id !== undefined) progress.objectId = made.id;
  }

  async #undoOwn(attempt: OpenAttempt): Promise<void> {
    const work = await this.#work(attempt, undefined, true);
    await attempt.undo((step) => this.#undoStep(step, work));
  }

  async #succeed(work: Work, result: Result, record: ObjectRecord | undefined): Promise<Verdict> {
    const before = record ?? (await work.attempt.object(this.#type.kind, result.id));
    const form = this.#form();
    const base = before ?? work.newRecord(this.#type.kind, result.id);
    const object: ObjectRecord = {
      ...base,
      id: result.id,
      origin: result.origin ?? base.origin,
      applied: [form, ...base.applied.filter((applied) => applied.fingerprint !== form.fingerprint)].slice(
        0,
        2,
      ),
      dirty: false,
      identity: work.identity,
      attributes: result.attributes,
      details: { ...base.details, ...result.details },
    };
    // It is in use again.
    if (object.adoption) {
      const { rollback: _, ...adoption } = object.adoption;
      object.adoption = adoption;
    }
    const answer = { physicalId: result.id, data: result.attributes };
    await work.attempt.succeed(answer, { object, leftover: await this.#leftBehind(result.id) });
    return { status: 'SUCCESS', physicalId: result.id, data: result.attributes };
  }

  async #answer(attempt: OpenAttempt, physicalId: string, data: Record<string, string>): Promise<Verdict> {
    await attempt.succeed({ physicalId, data }, { leftover: await this.#leftBehind(physicalId) });
    return { status: 'SUCCESS', physicalId, ...(Object.keys(data).length > 0 ? { data } : {}) };
  }

  /** The object by id. @throws RefusedError when another logical resource owns it. */
  async #owned(attempt: OpenAttempt, id: string): Promise<Existing> {
    const record = await attempt.object(this.#type.kind, id);
    if (record && !sameOwner(record.owner, this.#request)) {
      throw new RefusedError(
        `${id} belongs to ${describeOwner(record.owner)}: this resource may not change it.`,
      );
    }
    return { id, record };
  }

  /** Records of this logical resource's other objects. */
  async #records(owner: OwnerRecord, exceptId: string): Promise<ObjectRecord[]> {
    const others = owner.objects.filter(({ kind, id }) => kind === this.#type.kind && id !== exceptId);
    const records = await Promise.all(
      others.map(({ kind, id }) => this.#parts.ledger.object(kind, id, this.#invocation.deadline)),
    );
    // What another logical resource has adopted is no more this one's.
    return records.filter(
      (record): record is ObjectRecord => record !== undefined && sameOwner(record.owner, this.#request),
    );
  }

  /** "404" of another organization says nothing: no call is made there. */
  #checkOrganization(owner: OwnerRecord, { id, record }: Existing, { organization }: Work): void {
    const known = record?.organization ?? owner.objects.find((object) => object.id === id)?.organization;
    // Where nothing says whose it is, no other client can stand in for the one that is named.
    if (known === undefined) oauthSecretOf(this.#parts.settings, this.#request.properties);
    if (known === undefined || known === organization.id) return;
    throw new RefusedError(
      `${id} is in the Genesys Cloud organization ${known}, but the OAuth client leads to organization ${organization.id}: nothing was done. Put the right client into the secret, or set OAuthSecretArn.`,
    );
  }

  async #work(
    attempt: OpenAttempt,
    properties: unknown,
    trusted: boolean,
    requestId = this.#request.requestId,
  ): Promise<Work> {
    const { ledger, aws, clock, log } = this.#parts;
    const session = this.#session(trusted || this.#request.type === 'Delete');
    const organization = await session.organization();
    const before = attempt.record.organization;
    if (before !== undefined && before !== organization.id) {
      throw new RefusedError(
        `What this request made is in the Genesys Cloud organization ${before}, but the OAuth client leads to organization ${organization.id}: nothing was done. Put the right client into the secret.`,
      );
    }
    return new Work({
      request: { ...this.#request, requestId },
      session,
      organization,
      attempt,
      ledger,
      aws,
      clock,
      log,
      invocation: this.#working,
      trusted,
      ownIds: this.#ownIds,
      identity: properties === undefined ? '' : this.#identity(properties),
    });
  }

  /**
   * What exists can always be deleted and put back (`exists`): where its secret is not listed any more, the provider's
   * own client does it, in the same organization (#checkOrganization). No secret is read that is not listed.
   */
  #session(exists: boolean, deadline: Deadline = this.#working.deadline): GenesysSession {
    const { settings, genesysCloud } = this.#parts;
    let arn = settings.oauthSecretArn;
    try {
      arn = oauthSecretOf(settings, this.#request.properties);
    } catch (error) {
      if (!exists) throw error;
    }
    return genesysCloud(arn).session(deadline);
  }

  /** Typed properties, completed by what they refer to. @throws PropertyError, AwsError */
  async #resolved(properties: Record<string, unknown>): Promise<unknown> {
    const written = parseProperties(this.#type.schema, properties);
    const { aws, settings } = this.#parts;
    const { stackId } = this.#request;
    const reading = { aws, settings, stackId, trusted: this.#isGoingBack, deadline: this.#working.deadline };
    return this.#type.resolve?.(written, reading) ?? written;
  }

  /** @param writtenOut with defaults as they are, where a default counts as absent else */
  #identity(properties: unknown, writtenOut = false): string {
    const { replacement, defaults = {} } = this.#type;
    return fingerprint(
      replacement.map((name: string) => {
        const value = this.#fixed(properties as Record<string, unknown>, name);
        return writtenOut ? (value ?? defaults[name] ?? null) : value;
      }),
    );
  }

  /** The value of a property that cannot change in place; who writes its default out, changes nothing. */
  #fixed(properties: Record<string, unknown>, name: string): unknown {
    const value = properties[name] ?? null;
    return value === this.#type.defaults?.[name] ? null : value;
  }

  /** What this request applies: properties as CloudFormation sent them, without those that steer the protocol. */
  #form(properties = this.#request.properties): Form {
    const applied = Object.entries(properties).filter(([name]) => !PROTOCOL_PROPERTIES.includes(name));
    const nonce = properties['Nonce'];
    return {
      fingerprint: fingerprint(Object.fromEntries(applied)),
      ...(nonce === undefined ? {} : { nonce: fingerprint(nonce) }),
    };
  }
}

const isLeftover = ({ objects }: OwnerRecord, { kind, id }: ObjectRecord) =>
  objects.some((object) => object.leftover && object.kind === kind && object.id === id);

/** Whether an object had exactly this form, now or before. */
const had = (record: ObjectRecord | undefined, form: Form) =>
  record?.applied.some((applied) => applied.fingerprint === form.fingerprint) ?? false;

const sameForm = (a: Form | undefined, b: Form) =>
  a !== undefined && a.fingerprint === b.fingerprint && a.nonce === b.nonce;
