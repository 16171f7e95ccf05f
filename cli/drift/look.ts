/** Compares the objects of the ledger with those of Genesys Cloud. Nothing here knows a type by its name. */
import { fingerprint } from '../../common/canonical-json.ts';
import { messageOf, ProviderError } from '../../common/errors.ts';
import { nearest } from '../../common/text.ts';
import { NotFoundError } from '../../provider/genesys/index.ts';
import type {
  Attempt,
  LedgerContents,
  ObjectRecord,
  Owner,
  OwnerRecord,
} from '../../provider/ledger/index.ts';
import { sealedFor } from '../../provider/lifecycle/operation.ts';
import type { AnyResourceType, AppliedForm, Difference } from '../../provider/lifecycle/resource-type.ts';
import { eachAtOnce } from '../connection/at-once.ts';
import type { Connection } from '../connection/connect.ts';
import { CallerError } from '../connection/endings.ts';
import type { DriftReport, Finding, Place, Subject } from './findings.ts';

export type Stop = Pick<AbortSignal, 'aborted'>;

export interface Look {
  connection: Connection;
  types: readonly AnyResourceType[];
  /** Name or id of the stack whose objects alone are looked at. */
  stack?: string | undefined;
  /** The end of an earlier look: what it was done with is passed over. */
  after?: Place | undefined;
  /** The look ends where it is once this is aborted. */
  stop: Stop;
  /** How far it is, for a person. */
  onProgress(text: string): void;
}

/** A look that is stopped loses so many objects at most. */
const STEP = 40;

/** An error on the way. The report is complete up to its `next`. */
export class BrokenOffError extends Error {
  readonly report: DriftReport;

  constructor(report: DriftReport, cause: unknown) {
    super('The look broke off.', { cause });
    this.report = report;
  }
}

/**
 * Looks at the objects in the order of types and ids, so that another look can go on where this one ended.
 * @throws BrokenOffError where an object cannot be looked at, and the errors of AWS and Genesys Cloud where
 * the look cannot begin
 */
export async function lookForDrift(look: Look): Promise<DriftReport> {
  const { connection, types, onProgress } = look;
  const { organization } = connection;
  const contents = inScope(
    await connection.readLedger((items) => onProgress(`${items} items of the ledger`)),
    look.stack,
  );
  const objects = contents.objects.filter((object) => object.organization === organization.id);
  const report: DriftReport = {
    organization,
    ledger: connection.table,
    objects: 0,
    findings: [],
    notCompared: [],
    elsewhere: contents.objects.length - objects.length,
  };
  const known: Known = {
    owners: new Map(contents.owners.map((owner) => [ownerText(owner), owner])),
    atWork: new Set(contents.atWork.map(ownerText)),
  };
  try {
    for (const type of types.slice(firstOf(types, look.after))) {
      const passed = look.after?.type === type.typeName ? look.after.id : '';
      report.next = { type: type.typeName, id: passed };
      const ofType = objects
        .filter(({ kind, id }) => kind === type.kind && id > passed)
        .sort((one, other) => (one.id < other.id ? -1 : 1));
      if (ofType.length > 0) await lookAtType(type, ofType, known, look, report);
      if (look.stop.aborted) return report;
    }
  } catch (error) {
    throw new BrokenOffError(report, error);
  }
  const { next: _end, ...whole } = report;
  const unfinished = contents.unfinished.filter(
    (attempt) => attempt.organization === undefined || attempt.organization === organization.id,
  );
  const findings = [...report.findings, ...unfinished.map((attempt) => notUndone(attempt))];
  return { ...whole, findings: findings.sort(byPlace) };
}

// ---- what is looked at

function firstOf(types: readonly AnyResourceType[], after: Place | undefined): number {
  return after === undefined
    ? 0
    : Math.max(
        0,
        types.findIndex(({ typeName }) => typeName === after.type),
      );
}

/** @throws CallerError where the ledger has nothing of such a stack */
function inScope(contents: LedgerContents, stack: string | undefined): LedgerContents {
  if (stack === undefined) return contents;
  const isMeant = ({ stackId }: Owner) => stackName(stackId) === stack || stackId === stack;
  const all = [...contents.owners, ...contents.unfinished, ...contents.abandoned, ...contents.atWork];
  if (!all.some(isMeant)) {
    const near = nearest(stack, [...new Set(all.map(({ stackId }) => stackName(stackId)))]);
    const meaning = near === undefined ? '' : ` Did you mean ${near}?`;
    throw new CallerError(`The ledger has nothing of a stack ${stack}.${meaning}`);
  }
  return {
    owners: contents.owners.filter(isMeant),
    objects: contents.objects.filter(({ owner }) => isMeant(owner)),
    unfinished: contents.unfinished.filter(isMeant),
    abandoned: contents.abandoned.filter(isMeant),
    atWork: contents.atWork.filter(isMeant),
  };
}

const stackName = (stackId: string) => stackId.split('/')[1] ?? stackId;
const ownerText = ({ stackId, logicalId }: Owner) => `${stackId} ${logicalId}`;

const subjectOf = ({ stackId, logicalId }: Owner, type: string, id: string | undefined): Subject => ({
  stack: stackName(stackId),
  stackId,
  logicalId,
  type,
  ...(id === undefined ? {} : { id }),
});

const byPlace = (one: Finding, other: Finding) =>
  placeOf(one) < placeOf(other) ? -1 : placeOf(one) > placeOf(other) ? 1 : 0;
const placeOf = ({ stackId, logicalId, id = '', cause }: Finding) =>
  [stackId, logicalId, id, cause].join(' ');

// ---- objects

type Listed = { id?: string };

/** The logical resources of the ledger, and those that a request works on. */
interface Known {
  owners: ReadonlyMap<string, OwnerRecord>;
  atWork: ReadonlySet<string>;
}

async function lookAtType(
  type: AnyResourceType,
  records: readonly ObjectRecord[],
  known: Known,
  look: Look,
  report: DriftReport,
): Promise<void> {
  const { connection, onProgress, stop } = look;
  const wanted = new Set(records.map(({ id }) => id));
  const listed = new Map<string, Listed>();
  let seen = 0;
  for await (const one of type.drift.list(connection)) {
    if (stop.aborted) return;
    seen += 1;
    if (one.id !== undefined && wanted.has(one.id)) listed.set(one.id, one);
    if (seen % 100 === 0) onProgress(`${seen} objects of the list of ${type.typeName}`);
  }
  for (let from = 0; from < records.length && !stop.aborted; from += STEP) {
    const step = records.slice(from, from + STEP);
    const found: Found = { findings: [], notCompared: [] };
    onProgress(`${from} of ${records.length} ${type.typeName}`);
    await eachAtOnce(step, async (record) => {
      const ofIt: Found = { findings: [], notCompared: [] };
      await lookAtObject(type, record, listed.get(record.id), known.owners, look, ofIt);
      const isSilent = ofIt.findings.length + ofIt.notCompared.length === 0;
      if (!isSilent && (await isBeingChanged(record, known, connection))) {
        const subject = subjectOf(record.owner, type.typeName, record.id);
        found.notCompared.push({ ...subject, detail: 'A deployment changes it now. Look again afterwards.' });
        return;
      }
      found.findings.push(...ofIt.findings);
      found.notCompared.push(...ofIt.notCompared);
    });
    report.findings.push(...found.findings);
    report.notCompared.push(...found.notCompared);
    report.objects += step.length;
    report.next = { type: type.typeName, id: step.at(-1)?.id ?? '' };
  }
}

type Found = Pick<DriftReport, 'findings' | 'notCompared'>;

/**
 * Whether a request works on the object, or has written its record since the ledger was read. The lists are
 * newer than the ledger, so such a request would look like another hand.
 */
async function isBeingChanged(
  record: ObjectRecord,
  { owners, atWork }: Known,
  { ledger, deadline }: Connection,
): Promise<boolean> {
  if (atWork.has(ownerText(record.owner))) return true;
  const [object, owner] = await Promise.all([
    ledger.object(record.kind, record.id, deadline),
    ledger.owner(record.owner, deadline),
  ]);
  const isSame = (one: unknown, other: unknown) => fingerprint(one ?? null) === fingerprint(other ?? null);
  return !isSame(object, record) || !isSame(owner, owners.get(ownerText(record.owner)));
}

async function lookAtObject(
  type: AnyResourceType,
  record: ObjectRecord,
  listed: Listed | undefined,
  owners: ReadonlyMap<string, OwnerRecord>,
  { connection }: Look,
  report: Found,
): Promise<void> {
  const subject = subjectOf(record.owner, type.typeName, record.id);
  const find = (finding: Pick<Finding, 'cause' | 'detail' | 'fields'>, of: Subject = subject) =>
    report.findings.push({ ...of, ...finding });
  const owner = owners.get(ownerText(record.owner));
  const successor = successorOf(record, owner);
  if (listed === undefined && (await isGone(type, record.id, connection))) {
    if (successor === undefined) {
      find({ cause: 'deleted', detail: `It was deleted by another hand.${believed(record)}` });
      return;
    }
    const users = await usersOf(type, record.id, connection);
    find(
      {
        cause: 'made-anew',
        detail: `It has a new id since ${dateOf(successor.at)}, in place of ${record.id}, which is gone. ${users}`,
      },
      { ...subject, id: successor.id },
    );
    return;
  }
  const isLeftOver = owner?.objects.some(
    (object) => object.kind === type.kind && object.id === record.id && object.leftover === true,
  );
  if (isLeftOver === true || successor !== undefined) {
    find({
      cause: 'left-over',
      detail:
        'It is no longer the answer of its resource. The next update or the deletion of the stack removes it.',
    });
    return;
  }
  const replacement = replacementOf(record, owner);
  if (replacement !== undefined) {
    report.notCompared.push({
      ...subject,
      detail: `It was replaced by ${replacement.id} at ${dateOf(replacement.at)}, and it is still there. Delete it by hand, unless UpdateReplacePolicy retains it.`,
    });
    return;
  }
  if (record.dirty) {
    find({
      cause: 'unfinished',
      detail: 'A write was begun and not finished, so it may differ from both forms. Deploy again.',
    });
  }
  // The list lags behind an object that was just made.
  if (listed === undefined) {
    report.notCompared.push({ ...subject, detail: 'Its list does not show it yet.' });
    return;
  }
  const form = await appliedForm(record, connection);
  const applied = 'properties' in form ? form : undefined;
  const troubles = await type.drift.troubles(listed, applied as AppliedForm<never> | undefined, connection);
  for (const trouble of troubles) find(trouble);
  if (applied === undefined) {
    report.notCompared.push({ ...subject, detail: 'why' in form ? form.why : '' });
    return;
  }
  const fields = await type.drift.differences(listed, applied as AppliedForm<never>, connection);
  if (fields.length > 0) find({ cause: 'changed', detail: changedOf(fields), fields });
}

const changedOf = (fields: readonly Difference[]) =>
  `It was changed by hand: ${fields.map(({ path }) => path).join(', ')}.`;

/** The object that is the answer of the resource by now, where it is another one, and since when. */
function successorOf(
  record: ObjectRecord,
  owner: OwnerRecord | undefined,
): { id: string; at: number } | undefined {
  const { believedGoneAt } = record;
  return believedGoneAt === undefined ? undefined : replacementOf(record, owner);
}

/**
 * The object that was made in place of this one, where its clean-up has not removed it. The ledger cannot
 * tell a clean-up that never reached it from one that CloudFormation does not send.
 */
function replacementOf(
  { id, kind }: ObjectRecord,
  owner: OwnerRecord | undefined,
): { id: string; at: number } | undefined {
  const { answered, objects = [] } = owner ?? {};
  if (answered === undefined || answered.id === id) return undefined;
  const isOfKind = objects.some((object) => object.kind === kind && object.id === answered.id);
  return isOfKind ? { id: answered.id, at: answered.since ?? answered.at } : undefined;
}

/** Asks for one object: a list may lag behind. */
async function isGone(type: AnyResourceType, id: string, connection: Connection): Promise<boolean> {
  try {
    await type.drift.read(id, connection);
    return false;
  } catch (error) {
    if (error instanceof NotFoundError) return true;
    throw error;
  }
}

async function usersOf(type: AnyResourceType, id: string, connection: Connection): Promise<string> {
  try {
    const users = (await type.usersOf?.(id, connection)) ?? [];
    if (users.length === 0) return 'Flows that name the old id have to name the new one.';
    return `These still name the old one: ${users.join(', ')}.`;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return `Who still names the old one cannot be seen: ${messageOf(error)}`;
  }
}

const dateOf = (at: number) => new Date(at).toISOString();

const believed = ({ believedGoneAt }: ObjectRecord) =>
  believedGoneAt === undefined ? '' : ` A request found it missing at ${dateOf(believedGoneAt)}.`;

// ---- the form

/** The form that was applied last, or why it cannot be had. */
async function appliedForm(
  record: ObjectRecord,
  { sealing, deadline }: Connection,
): Promise<AppliedForm<unknown> | { why: string }> {
  const [form] = record.applied;
  if (form === undefined) return { why: 'No request has succeeded with it yet.' };
  if (form.typed === undefined)
    return { why: 'The ledger has no sealed form of it. The next update that writes it keeps one.' };
  const of = sealedFor(record.organization, record.kind, record.id);
  try {
    const text = await sealing.unseal(form.typed, of, deadline);
    if (text === undefined) return { why: 'The sealed form in the ledger does not open for this object.' };
    return { properties: JSON.parse(text), record };
  } catch (error) {
    // A provider of another account or prefix has sealed it by a secret of its own.
    if (!(error instanceof ProviderError)) throw error;
    return { why: `The sealed form in the ledger cannot be opened here: ${messageOf(error)}` };
  }
}

// ---- requests

function notUndone({
  stackId,
  logicalId,
  resourceType,
  requestType,
  reason,
  steps,
  ...attempt
}: Attempt): Finding {
  const left = steps.filter(({ state }) => state !== 'undone');
  const made = left.map(({ kind, id, marker }) => `${kind} ${id ?? Object.values(marker).join(' ')}`.trim());
  const [first] = left;
  return {
    ...subjectOf({ stackId, logicalId }, resourceType, first?.id),
    cause: 'not-undone',
    detail: `The ${requestType} ${attempt.requestId} did not succeed, and these of its steps are not undone: ${made.join(', ')}.${reason === undefined ? '' : ` It failed because: ${reason}`}`,
  };
}
