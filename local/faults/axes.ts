/**
 * The second matrix: one operation in surroundings that are hostile for longer than one call. The request is
 * answered in time and truly, the rollback works, the same operation converges afterwards, and the deletion
 * of the stack leaves nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import type { StackView } from '../cloudformation/stack.ts';
import type { Template } from '../cloudformation/template.ts';
import type { CallFault } from '../provider/containers.ts';
import { firstInputs, type Input, inWorldOf } from '../provider/inputs.ts';
import { INTEGRATION, KEY, withFailure } from '../provider/stacks.ts';
import {
  dropExpired,
  inWorld,
  LEDGER,
  only,
  reasons,
  type World,
  type WorldOptions,
} from '../provider/world.ts';
import type { AxisCell } from './axes-plan.ts';
import { exceptDocumented, isAnswerUnknown } from './axes-remains.ts';
import { SEQUELS, worldOptions } from './matrix.ts';
import { contents, stateOf, strike } from './outside.ts';
import { spell } from './spells.ts';
import { compare, compareRemote, type Finding, judge } from './verdicts.ts';
import { Watch } from './watch.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const WEEK = 7 * 24 * HOUR + HOUR;

/**
 * A death right after the answer: the repeat answers again, and CloudFormation does not read it. A request
 * that failed and was undone meanwhile fails in other words.
 */
const ANSWERED_AGAIN = /^\w+ \w+: (answered \d+ times|FAILED contradicts the earlier answer, FAILED)/;

const ANSWERED_OTHERWISE = /^\w+ \w+: (answered \d+ times|\w+ contradicts the earlier answer)/;

/** A form of the resource, and the fields that its object has to have. */
interface Form {
  properties: Record<string, unknown>;
  expected: Input;
}

const contentsOf = (type: string) => contents.filter((content) => content.type === type);

/** Runs one cell; answers the promises that it broke. */
export async function runAxisCell(cell: AxisCell): Promise<Finding[]> {
  let run: AxisRun | undefined;
  const { retryDelaysMs, followedAfterMs } = SEQUELS[cell.death?.sequel ?? 'delivered again'];
  const options: WorldOptions = {
    ...worldOptions,
    ...(cell.axis === 'outside'
      ? { environment: { DEFINITION_OBJECT_ARNS: 'arn:aws:s3:::definitions/*' } }
      : {}),
    cloudFormation: {
      retryDelaysMs: cell.value === 'after a lost event' ? [] : retryDelaysMs,
      givesUpAfterCrashMs: () => followedAfterMs,
      signedAtMs: () => run?.signedAt() ?? worldStart(),
    },
  };
  let now = () => 0;
  const worldStart = () => now();
  return inWorld(options, async (world) => {
    now = () => world.clock.now();
    run = new AxisRun(world, cell);
    return run.all();
  });
}

class AxisRun {
  readonly #world: World;
  readonly #cell: AxisCell;
  readonly #watch: Watch;
  readonly #findings: Finding[] = [];
  /** Whether the surroundings have become hostile. */
  #isDisturbed = false;
  #isFirstSigned = false;
  #backup: ReturnType<World['aws']['backUp']> | undefined;
  #before: Form = { properties: {}, expected: { properties: {} } };
  #after: Form = { properties: {}, expected: { properties: {} } };

  constructor(world: World, cell: AxisCell) {
    this.#world = world;
    this.#cell = cell;
    this.#watch = new Watch(world);
    if (cell.death) this.#watch.fault = { ...cell.death, persistence: 'once' };
  }

  async all(): Promise<Finding[]> {
    await this.#arrange();
    this.#arm();
    this.#watch.begin();
    const stack = await this.#operate();
    await this.#converge(stack);
    if (this.#world.cloudFormation.living().length > 0) {
      await this.#changeOnceMore();
      await this.#delete();
    }
    if (this.#cell.death && !this.#watch.hit && !this.#mayEndBeforeDeath())
      this.#findings.push({ kind: 'untrue', what: 'the process did not die' });
    if (!this.#isDisturbed && !this.#watch.hit && this.#needsDisturbance())
      this.#findings.push({ kind: 'untrue', what: 'nothing hostile happened' });
    this.#findings.push(...exceptDocumented(compare(this.#world, []), this.#surroundings));
    this.#findings.push(
      ...judge(this.#world, {
        ...(this.#diesAfterAnswer()
          ? { tolerated: isAnswerUnknown(this.#surroundings) ? ANSWERED_OTHERWISE : ANSWERED_AGAIN }
          : {}),
        lost: this.#cell.value === 'after a lost event' ? this.#watch.event?.ResponseURL : undefined,
      }),
    );
    return this.#findings;
  }

  // ---- the surroundings

  /** The date of the signature of the next request. */
  signedAt(): number {
    const { axis, value } = this.#cell;
    const isWatched = this.#isWatching && !this.#isFirstSigned;
    if (isWatched) this.#isFirstSigned = true;
    const shift = axis !== 'clocks' || !isWatched ? 0 : value === '5 s ahead' ? 5 * SECOND : -5 * SECOND;
    return this.#world.clock.now() + shift;
  }

  #isWatching = false;

  /** Prepares the hostile event, which comes with a call of the watched request or at its end. */
  #arm(): void {
    this.#isWatching = true;
    const { axis, value, from } = this.#cell;
    const seconds = Number(/for (\d+) s/.exec(value)?.[1]);
    const watch = this.#watch;
    switch (axis) {
      case 'spells':
        watch.onCall = ({ service }, nth) => {
          if (service === 'genesys' && nth === from) this.#beginSpell(Number(value.slice(0, 3)), seconds);
          return undefined;
        };
        return;
      case 'ledgers':
        if (!value.startsWith('throttled')) return;
        watch.onCall = ({ service }, nth) => {
          if (service === 'ledger' && nth === from) {
            this.#isDisturbed = true;
            this.#world.aws.throttleTables(seconds * SECOND);
          }
          return undefined;
        };
        return;
      case 'retries':
        if (value === 'after FAILED') this.#refuseOnce();
        if (value === 'after a lost event' && !this.#cell.death) this.#loseAnswer();
        return;
      case 'weeks':
        if (value === 'before the undoing') this.#refuseOnce();
        return;
      case 'outside':
        if (this.#cell.operation === 'delete') this.#strike();
        else watch.onEnd = () => this.#strike();
    }
  }

  #beginSpell(status: number, seconds: number): void {
    if (this.#isDisturbed) return;
    this.#isDisturbed = true;
    const pattern = status === 404 ? '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/|\\?|$)' : '^/api/';
    const body = status === 403 ? { status: 403, code: 'missing.any.permissions' } : undefined;
    spell(this.#world, seconds, { pattern }, { status, ...(body ? { body } : {}) });
  }

  /** The first write of the watched request is refused, whatever its delivery. */
  #refuseOnce(): void {
    this.#watch.onCall = ({ service, operation }): CallFault | undefined => {
      if (this.#isDisturbed || service !== 'genesys' || operation.startsWith('GET')) return undefined;
      this.#isDisturbed = true;
      return '403';
    };
  }

  #loseAnswer(): void {
    this.#watch.onCall = ({ service }): CallFault | undefined => {
      if (service !== 'answer') return undefined;
      this.#isDisturbed = true;
      return '503';
    };
  }

  #strike(): void {
    if (this.#isDisturbed) return;
    this.#isDisturbed = true;
    strike(this.#world, this.#cell.value);
  }

  /** The hostile event between two requests of the stack. */
  #between(): void {
    const { axis, value } = this.#cell;
    const { aws, clock } = this.#world;
    if (axis === 'weeks') {
      clock.advance(WEEK);
      dropExpired(this.#world);
    }
    if (axis !== 'ledgers' || value.startsWith('throttled')) return;
    clock.advance(60 * SECOND);
    this.#isDisturbed = true;
    if (value === 'emptied') this.#world.loseLedger();
    else if (this.#backup !== undefined) aws.restore(LEDGER, this.#backup);
  }

  /** The end of everything hostile. */
  #calm(): void {
    this.#world.genesys.clearFaults();
    this.#world.clock.advance(60 * SECOND);
  }

  #needsDisturbance(): boolean {
    const { axis, value } = this.#cell;
    return axis === 'spells' || axis === 'outside' || value.startsWith('throttled');
  }

  #diesAfterAnswer(): boolean {
    const { killClass } = this.#cell;
    return this.#watch.hit && (killClass === 'answering' || killClass === 'closing');
  }

  /** A refusal, a spell or another resource may end the request before the call at which it would die. */
  #mayEndBeforeDeath(): boolean {
    return this.#isDisturbed || this.#cell.axis === 'retries';
  }

  // ---- the operation

  async #arrange(): Promise<void> {
    const { type, operation, axis } = this.#cell;
    const of = firstInputs(type);
    if (operation === 'take over') this.#world.genesys.seed(inWorldOf(of.before ?? {}, this.#world));
    this.#before = this.#form(1);
    this.#backup = this.#world.aws.backUp(LEDGER);
    if (operation !== 'create' && operation !== 'take over') {
      const stack = await this.#settle(
        this.#world.cloudFormation.createStack('stack', this.#template(this.#before)),
      );
      this.#expect(stack, 'CREATE_COMPLETE');
      this.#world.containers.coolDown();
      this.#world.clock.advance(5_000);
      this.#backup = this.#world.aws.backUp(LEDGER);
      this.#after = this.#form(2);
      if (operation === 'delete' && axis === 'ledgers') {
        const updated = await this.#settle(
          this.#world.cloudFormation.updateStack('stack', this.#template(this.#after)),
        );
        this.#expect(updated, 'UPDATE_COMPLETE');
        this.#between();
      }
      if (operation === 'delete' && axis === 'weeks') this.#between();
      // The plan counts the calls of a cold start.
      this.#world.containers.coolDown();
    }
  }

  /** Form 1 is there before the operation, or a creation makes it; form 2 is the next one. */
  #form(number: 1 | 2): Form {
    const { type, operation, axis } = this.#cell;
    const of = firstInputs(type);
    const isReplaced = operation === 'replace' && number === 2;
    if (axis === 'outside' && contentsOf(type).length > 0)
      return { properties: this.#referring(number, isReplaced), expected: { properties: {} } };
    const input = number === 1 ? of.create : isReplaced ? of.replace : of.update;
    if (input === undefined) throw new Error(`${type} has no ${operation}`);
    return { properties: inWorldOf(input.properties, this.#world), expected: input };
  }

  /** Properties that refer to content outside. */
  #referring(number: 1 | 2, isReplaced: boolean): Record<string, unknown> {
    const { type, from } = this.#cell;
    const choice = contentsOf(type);
    const content = choice[from % choice.length];
    if (isReplaced && type === INTEGRATION)
      return inWorldOf(firstInputs(type).create.properties, this.#world);
    return { ...content?.properties(this.#world, number), ...(isReplaced ? { Secure: true } : {}) };
  }

  #template({ properties }: Form): Template {
    return only(this.#cell.type, properties);
  }

  get #isCreation(): boolean {
    return this.#cell.operation === 'create' || this.#cell.operation === 'take over';
  }

  get #wanted(): Form {
    return this.#isCreation ? this.#before : this.#after;
  }

  async #operate(): Promise<StackView> {
    const { cloudFormation } = this.#world;
    const { axis, value, operation } = this.#cell;
    const disableRollback = axis === 'retries' || value === 'before the undoing';
    if (operation === 'delete') return this.#settle(this.#deleted());
    const template = this.#template(this.#wanted);
    // CloudFormation gives the resource up because another one fails, and the answer comes later.
    const Bad = { Type: 'Custom::GenesysNothing', Properties: {} };
    const sent =
      value === 'after SUCCESS'
        ? { Resources: { ...template.Resources, Bad } }
        : axis === 'outside'
          ? withFailure(template)
          : template;
    this.#stateBefore = stateOf(this.#world, this.#id());
    this.#idBefore = this.#id();
    return this.#settle(
      this.#isCreation
        ? cloudFormation.createStack('stack', sent, { disableRollback })
        : cloudFormation.updateStack('stack', sent, { disableRollback }),
    );
  }

  #stateBefore: unknown;
  #idBefore = '';

  async #deleted(): Promise<StackView> {
    const { cloudFormation } = this.#world;
    const [{ id } = { id: '' }] = cloudFormation.living();
    await cloudFormation.deleteStack('stack');
    return cloudFormation.describe(id);
  }

  /** Brings the stack to the wanted form, whatever became of the operation. */
  async #converge(stack: StackView): Promise<void> {
    const { axis, operation } = this.#cell;
    const done = operation === 'delete' ? 'DELETE_COMPLETE' : `${this.#verb}_COMPLETE`;
    if (axis === 'retries') await this.#tryAgain(stack, done);
    else if (stack.status !== done) {
      this.#expectDisturbed(stack);
      await this.#undo(stack);
      if (operation === 'delete' || axis === 'outside') return;
      // The object of the repeat may hold the name of the next one.
      if (this.#isCreation && isAnswerUnknown(this.#surroundings)) return;
      this.#calm();
      const template = this.#template(this.#wanted);
      const again = await this.#settle(
        this.#isCreation
          ? this.#world.cloudFormation.createStack('stack', template)
          : this.#world.cloudFormation.updateStack('stack', template),
      );
      if (!this.#expect(again, done)) return;
    }
    if (operation !== 'delete') this.#expectForm(this.#wanted);
  }

  get #verb(): string {
    return this.#isCreation ? 'CREATE' : 'UPDATE';
  }

  /** The deployment is tried again: the same RequestId, a new ResponseURL. */
  async #tryAgain(stack: StackView, done: string): Promise<void> {
    const { cloudFormation, clock } = this.#world;
    const { event } = this.#watch;
    clock.advance(HOUR);
    if (stack.status !== done) {
      const template = this.#cell.operation === 'delete' ? undefined : this.#template(this.#wanted);
      await cloudFormation.retry('stack', template);
      await this.#settle(Promise.resolve(cloudFormation.describe(stack.id)));
      this.#expect(cloudFormation.describe(stack.id), done);
      return;
    }
    if (event === undefined || this.#cell.operation !== 'delete') return;
    const outcome = await cloudFormation.sendAgain(event.RequestId);
    await cloudFormation.idle();
    if (outcome.status !== 'SUCCESS' || outcome.physicalResourceId !== event.PhysicalResourceId)
      this.#findings.push({ kind: 'untrue', what: `sent again: ${JSON.stringify(outcome)}` });
  }

  /** The rollback works; where a disturbance stops it, it works as soon as the disturbance is over. */
  async #undo(stack: StackView): Promise<void> {
    const { cloudFormation } = this.#world;
    const isUpdate = this.#verb === 'UPDATE' && this.#cell.operation !== 'delete';
    const undone = isUpdate ? 'UPDATE_ROLLBACK_COMPLETE' : 'ROLLBACK_COMPLETE';
    if (stack.status !== undone) {
      // CloudFormation gives a Delete up after a death, and the deletion of the stack is repeated.
      const isGivenUp = this.#cell.operation === 'delete' && this.#watch.hit;
      const isKept = this.#cell.value === 'before the undoing' || isGivenUp;
      if (!isKept && !this.#permits(stack)) this.#untrue(stack, undone);
      this.#between();
      this.#calm();
      if (!isUpdate) {
        this.#expect(await this.#settle(this.#deleted()), 'DELETE_COMPLETE');
        return;
      }
      const back = await this.#settle(cloudFormation.continueUpdateRollback('stack'));
      if (!this.#expect(back, undone)) return;
    } else if (!isUpdate) {
      this.#calm();
      this.#expect(await this.#settle(this.#deleted()), 'DELETE_COMPLETE');
      return;
    }
    if (this.#id() !== this.#idBefore)
      this.#findings.push({ kind: 'wrongIds', what: `${this.#id()} instead of ${this.#idBefore}` });
    if (!isDeepStrictEqual(stateOf(this.#world, this.#id()), this.#stateBefore))
      this.#findings.push({ kind: 'untrue', what: 'the rollback did not put back what there was' });
  }

  /** Between two requests something happens again; then the other form is applied. */
  async #changeOnceMore(): Promise<void> {
    const { type, axis, operation, value } = this.#cell;
    if (axis !== 'weeks' && (axis !== 'ledgers' || value.startsWith('throttled'))) return;
    if (this.#isCreation) this.#after = this.#form(2);
    if (operation === 'delete') return;
    const { expected, properties } = this.#isCreation ? this.#after : this.#before;
    // A key that the ledger does not know as ours is replaced only where the template says so.
    const isTakenOver = type === KEY && axis === 'ledgers';
    const other = { expected, properties: isTakenOver ? { ...properties, Takeover: true } : properties };
    this.#between();
    const stack = await this.#settle(this.#world.cloudFormation.updateStack('stack', this.#template(other)));
    if (this.#expect(stack, 'UPDATE_COMPLETE')) this.#expectForm(other);
  }

  async #delete(): Promise<void> {
    this.#between();
    const stack = await this.#settle(this.#deleted());
    if (stack.status === 'DELETE_COMPLETE') return;
    if (!this.#permits(stack)) this.#untrue(stack, 'DELETE_COMPLETE');
    this.#calm();
    this.#expect(await this.#settle(this.#deleted()), 'DELETE_COMPLETE');
  }

  // ---- verdicts

  /**
   * Documented ends of a request that is not what was asked for. A rollback or a Delete may be refused while
   * Genesys Cloud refuses every call (403), and may fail while the ledger cannot be written. Its reason says
   * so. Everything else that lasts has to be outlasted.
   */
  #permits(stack: StackView): boolean {
    const { axis, value } = this.#cell;
    const last = stack.events
      .filter(
        ({ ResourceStatus, LogicalResourceId }) =>
          LogicalResourceId === 'Thing' && ResourceStatus.endsWith('_FAILED'),
      )
      .at(-1)?.ResourceStatusReason;
    if (!this.#isDisturbed || last === undefined) return false;
    if (axis === 'spells' && value.startsWith('403')) return /403|permission/i.test(last);
    return axis === 'ledgers' && value.startsWith('throttled') && /ledger/i.test(last);
  }

  async #settle(operation: Promise<StackView>): Promise<StackView> {
    const stack = await operation;
    await this.#world.cloudFormation.idle();
    // A Delete that failed may have removed its object all the same; one of a clean-up leaves it over.
    const isExact = !/_FAILED$/.test(stack.status) && !this.#hasLeftOver(stack);
    if (isExact) this.#findings.push(...exceptDocumented(compare(this.#world), this.#surroundings));
    return stack;
  }

  /**
   * The ledger keeps what a clean-up or an undoing could not delete, and the next request of the resource
   * tries again (docs/concepts.md). So the count is exact when all is over.
   */
  #hasLeftOver({ events }: StackView): boolean {
    const { axis, value } = this.#cell;
    const isRefused = axis === 'spells' ? value.startsWith('403') : value.startsWith('throttled');
    const hasFailed = events.some(({ ResourceStatus }) => /^DELETE_FAILED|ROLLBACK/.test(ResourceStatus));
    return this.#isDisturbed && isRefused && hasFailed;
  }

  get #surroundings() {
    return { world: this.#world, cell: this.#cell, watch: this.#watch };
  }

  #id(): string {
    return this.#world.cloudFormation.living()[0]?.resources['Thing']?.physicalId ?? '';
  }

  #expect(stack: StackView, status: string): boolean {
    if (stack.status === status) return true;
    this.#untrue(stack, status);
    return false;
  }

  #untrue(stack: StackView, status: string): void {
    const what = `${stack.status} instead of ${status}: ${reasons(stack).replaceAll(/\s+/g, ' ')}`;
    this.#findings.push({ kind: 'untrue', what });
  }

  #expectDisturbed(stack: StackView): void {
    if (this.#isDisturbed || this.#watch.hit) return;
    this.#findings.push({ kind: 'untrue', what: `failed without a fault: ${reasons(stack)}` });
  }

  #expectForm({ expected }: Form): void {
    this.#findings.push(...compareRemote(this.#world, this.#id(), expected));
  }
}
