/**
 * The fault matrix: each fault at each call that each operation of each type really makes. Afterwards the
 * request was answered in time and truly, Genesys Cloud holds exactly the objects of the stack, the rollback
 * worked, the same operation converges when it is repeated, and the deletion of the stack leaves nothing.
 */
import type { StackView } from '../cloudformation/stack.ts';
import type { CallFault } from '../provider/containers.ts';
import { type Input, type Inputs, inWorldOf, types } from '../provider/inputs.ts';
import { inWorld, only, reasons, type World, type WorldOptions } from '../provider/world.ts';
import { serverFaults } from '../server-faults.ts';
import { compare, compareRemote, type Finding, judge, say } from './verdicts.ts';
import { type Persistence, type Place, Watch } from './watch.ts';

/**
 * `take over`: a Create in an organization that has such an object already. `clean up`: the Delete of a
 * replaced object, which CloudFormation does not send again.
 */
export const operations = ['create', 'take over', 'update', 'replace', 'clean up', 'delete'] as const;
export type Operation = (typeof operations)[number];

export interface Cell {
  type: string;
  operation: Operation;
  place: Place;
  fault: CallFault;
  persistence: Persistence;
}

export const networkFaults: CallFault[] = [...serverFaults, 'dns'];

/** Genesys Cloud on an ordinary day. */
export const worldOptions: WorldOptions = {
  genesys: {
    delays: {
      nameIndexMs: 5_000,
      readAfterWriteMs: 500,
      readAfterDeleteMs: 1_000,
      activationMs: 1_000,
    },
  },
};

/**
 * The next event after the process died:
 * - `delivered again`: Lambda delivers the event again;
 * - `given up before`: CloudFormation gives up and undoes the request, and only then Lambda delivers the
 *   event again;
 * - `given up meanwhile`: CloudFormation gives up while the second delivery works;
 * - `followed after …`: CloudFormation undoes the request so soon after the death, as it does when another
 *   resource fails. Lambda delivers the event again after that.
 */
export const sequels = [
  'delivered again',
  'given up before',
  'given up meanwhile',
  'followed after 0 s',
  'followed after 2 s',
  'followed after 5 s',
  'followed after 30 s',
] as const;
export type Sequel = (typeof sequels)[number];

interface FollowUp {
  serviceTimeout?: number;
  retryDelaysMs: number[];
  followedAfterMs?: number;
}

const AGAIN = [60_000, 120_000];
export const SEQUELS: Record<Sequel, FollowUp> = {
  'delivered again': { retryDelaysMs: AGAIN },
  'given up before': { serviceTimeout: 600, retryDelaysMs: [700_000, 120_000] },
  // The second delivery begins after 60 s.
  'given up meanwhile': { serviceTimeout: 62, retryDelaysMs: AGAIN },
  'followed after 0 s': { followedAfterMs: 0, retryDelaysMs: AGAIN },
  'followed after 2 s': { followedAfterMs: 2_000, retryDelaysMs: AGAIN },
  'followed after 5 s': { followedAfterMs: 5_000, retryDelaysMs: AGAIN },
  'followed after 30 s': { followedAfterMs: 30_000, retryDelaysMs: AGAIN },
};

/**
 * The most that a request may take after a death: the rest of the dead one's lease, a look for unfinished
 * objects while the index of names may lag, and the work itself. Its deadline, 285 s, is far off.
 */
const FOLLOW_UP_MILLISECONDS = 100_000;

/** The process dies at a call. */
export interface Crash {
  type: string;
  operation: Operation;
  place: Place;
  fault: 'kill before' | 'kill after';
  sequel: Sequel;
}

const replaces = (operation: Operation) => operation === 'replace' || operation === 'clean up';

/** Every type with the operations that it has. */
export const scenarios = types.flatMap(({ type, inputs }) =>
  operations
    .map((operation) => ({ type, operation, of: inputs[0] as Inputs }))
    .filter(({ operation, of }) => !replaces(operation) || of.replace !== undefined)
    .filter(({ operation, of }) => operation !== 'take over' || of.before !== undefined),
);

export const nameOf = ({ type, operation, place, fault, persistence }: Cell) =>
  `${type} ${operation}: ${place.service} ${place.operation} #${place.nth}: ${fault}, ${persistence}`;

/** The calls of an operation without a fault, from a cold start to the closed attempt. */
export async function places(type: string, operation: Operation): Promise<Place[]> {
  return inWorld(worldOptions, async (world) => {
    const run = new Run(world, type, operation);
    const findings = await run.all();
    if (findings.length > 0)
      throw new Error(`${type} ${operation} fails without any fault: ${say(findings)}`);
    return run.watch.places;
  });
}

export function cellsAt(type: string, operation: Operation, place: Place): Cell[] {
  return networkFaults.flatMap((fault) =>
    (['once', 'ever'] as const).map((persistence) => ({ type, operation, place, fault, persistence })),
  );
}

/** Runs one cell; answers the promises that it broke. */
export async function runCell(cell: Cell): Promise<Finding[]> {
  return inWorld(worldOptions, async (world) => {
    const run = new Run(world, cell.type, cell.operation);
    run.watch.fault = cell;
    const findings = await run.all();
    if (!run.watch.hit) findings.push({ kind: 'untrue', what: 'the fault hit no call' });
    return findings;
  });
}

export function crashesAt(type: string, operation: Operation, place: Place): Crash[] {
  return sequels.flatMap((sequel) =>
    (['kill before', 'kill after'] as const).map((fault) => ({ type, operation, place, fault, sequel })),
  );
}

export const nameOfCrash = ({ type, operation, place, fault, sequel }: Crash) =>
  `${type} ${operation}: ${fault} ${place.service} ${place.operation} #${place.nth}, ${sequel}`;

/** Lets the process die at one place; answers the promises that this broke. */
export async function runCrash(crash: Crash): Promise<Finding[]> {
  const { serviceTimeout, retryDelaysMs, followedAfterMs } = SEQUELS[crash.sequel];
  const cloudFormation = { retryDelaysMs, givesUpAfterCrashMs: () => followedAfterMs };
  return inWorld({ ...worldOptions, cloudFormation }, async (world) => {
    const run = new Run(world, crash.type, crash.operation);
    run.watch.fault = { ...crash, persistence: 'once' };
    run.serviceTimeout = serviceTimeout;
    const findings = await run.all();
    if (!run.watch.hit) findings.push({ kind: 'untrue', what: 'the process did not die' });
    const late = world.containers.durations.filter((duration) => duration > FOLLOW_UP_MILLISECONDS);
    return [...findings, ...late.map((duration): Finding => ({ kind: 'late', what: `${duration} ms` }))];
  });
}

/** One operation on one resource of one type, with everything that follows. */
export class Run {
  readonly watch: Watch;
  /** `ServiceTimeout` of the watched request, in seconds. */
  serviceTimeout: number | undefined;
  readonly #world: World;
  readonly #type: string;
  readonly #operation: Operation;
  readonly #of: Inputs;
  #findings: Finding[] = [];
  /** Ids of the object whose clean-up is watched, and of its credential. */
  #ofReplaced: string[] = [];

  constructor(world: World, type: string, operation: Operation) {
    this.#world = world;
    this.#type = type;
    this.#operation = operation;
    const scenario = scenarios.find((one) => one.type === type && one.operation === operation);
    if (scenario === undefined) throw new Error(`${type} has no ${operation}`);
    this.#of = scenario.of;
    this.watch = new Watch(world);
  }

  /** The operation with its fault, the same operation again, and the deletion of the stack. */
  async all(): Promise<Finding[]> {
    const world = this.#world;
    await this.#operate();
    const stack = world.cloudFormation.living()[0];
    if (stack !== undefined) await this.#delete();
    this.#findings.push(...compare(world, []).filter((finding) => !this.#isDocumented(finding)));
    const after =
      / after$/.test(this.watch.fault?.fault ?? '') && this.watch.fault?.place.service === 'answer';
    this.#findings.push(...judge(world, after ? { tolerated: /^\w+ \w+: answered \d+ times/ } : {}));
    return this.#findings;
  }

  /**
   * A clean-up whose ledger stays away deletes nothing. Neither does one that may not ask who uses the
   * object. CloudFormation does not send it again, and nothing else says that the object is not wanted any
   * more.
   */
  #isDocumented({ kind, what }: Finding): boolean {
    if (this.#operation !== 'clean up' || (kind !== 'orphans' && kind !== 'duplicates')) return false;
    const { place, fault, persistence } = this.watch.fault ?? {};
    const hasNoLedger = place?.service === 'ledger' && persistence === 'ever';
    const mayNotAsk =
      place?.service === 'genesys' && fault === '403' && !place.operation.startsWith('DELETE');
    return (hasNoLedger || mayNotAsk) && this.#ofReplaced.some((id) => what.includes(id));
  }

  async #operate(): Promise<void> {
    const { cloudFormation, containers } = this.#world;
    if (this.#operation === 'take over')
      this.#world.genesys.seed(inWorldOf(this.#of.before ?? {}, this.#world));
    if (this.#operation === 'create' || this.#operation === 'take over') {
      this.watch.begin();
      const stack = await this.#settle(
        cloudFormation.createStack('stack', this.#template(this.#of.create, true)),
      );
      if (stack.status !== 'CREATE_COMPLETE') {
        this.#expect(stack, 'ROLLBACK_COMPLETE');
        this.#expectFault(stack);
        await this.#settle(cloudFormation.deleteStack('stack'));
        const again = await this.#settle(
          cloudFormation.createStack('stack', this.#template(this.#of.create)),
        );
        this.#expect(again, 'CREATE_COMPLETE');
      }
      this.#expectRemote(this.#of.create);
      return;
    }
    const before = await this.#settle(
      cloudFormation.createStack('stack', this.#template(this.#of.create, this.#operation === 'delete')),
    );
    this.#expect(before, 'CREATE_COMPLETE');
    containers.coolDown();
    // By now every index of Genesys Cloud shows the new object.
    this.#world.clock.advance(5_000);
    const isCleanUp = this.#operation === 'clean up';
    this.watch.begin(isCleanUp ? 'Delete' : undefined);
    if (this.#operation === 'delete') return;
    const input = (replaces(this.#operation) ? this.#of.replace : this.#of.update) as Input;
    if (isCleanUp) {
      this.#ofReplaced = [...this.#world.made()].map(([id]) => id.split(' ').at(-1) ?? id);
      const stack = await this.#settle(
        cloudFormation.updateStack('stack', this.#template(input, true)),
        false,
      );
      this.#expect(stack, 'UPDATE_COMPLETE');
      this.#expectRemote(input);
      return;
    }
    const stack = await this.#settle(cloudFormation.updateStack('stack', this.#template(input, true)));
    if (stack.status !== 'UPDATE_COMPLETE') {
      this.#expectFault(stack);
      if (!this.#expect(stack, 'UPDATE_ROLLBACK_COMPLETE')) return;
      this.#expectRemote(this.#of.create, before.resources['Thing']?.physicalId);
      // Nobody deploys again within the second in which the rollback was signed.
      this.#world.clock.advance(1_000);
      const again = await this.#settle(cloudFormation.updateStack('stack', this.#template(input)));
      this.#expect(again, 'UPDATE_COMPLETE');
    }
    this.#expectRemote(input);
  }

  async #delete(): Promise<void> {
    const { cloudFormation } = this.#world;
    const [{ id } = { id: '' }] = cloudFormation.living();
    const stack = await this.#settle(cloudFormation.deleteStack('stack'), false);
    if (stack.status === 'DELETE_COMPLETE') return;
    this.#expect(stack, 'DELETE_FAILED');
    this.#expectFault(stack);
    await this.#settle(cloudFormation.deleteStack('stack'), false);
    this.#expect(cloudFormation.describe(id), 'DELETE_COMPLETE');
  }

  /**
   * Waits until nothing runs, and compares. A Delete that failed may have removed its object all the same.
   */
  async #settle(operation: Promise<StackView>, exact = true): Promise<StackView> {
    const stack = await operation;
    await this.#world.cloudFormation.idle();
    if (exact) this.#findings.push(...compare(this.#world));
    return stack;
  }

  #template(input: Input, watched = false) {
    const ServiceTimeout = watched ? this.serviceTimeout : undefined;
    const properties = inWorldOf(input.properties, this.#world);
    return only(this.#type, ServiceTimeout === undefined ? properties : { ...properties, ServiceTimeout });
  }

  #expect(stack: StackView, status: string): boolean {
    if (stack.status === status) return true;
    this.#findings.push({
      kind: 'untrue',
      what: `${stack.status} instead of ${status}: ${reasons(stack).replaceAll(/\s+/g, ' ')}`,
    });
    return false;
  }

  /** An operation may fail only where a fault was played. */
  #expectFault(stack: StackView): void {
    if (!this.watch.hit)
      this.#findings.push({ kind: 'untrue', what: `failed without a fault: ${reasons(stack)}` });
  }

  #expectRemote(input: Input, id?: string): void {
    const now = this.#world.cloudFormation.living()[0]?.resources['Thing']?.physicalId ?? '';
    if (id !== undefined && id !== now)
      this.#findings.push({ kind: 'wrongIds', what: `${now} instead of ${id}` });
    this.#findings.push(...compareRemote(this.#world, now, input));
  }
}
