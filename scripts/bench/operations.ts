/** Carries resources through their lives, one request at a time, and records the cost of each request. */

import type { CustomResourceEvent } from '../../local/cloudformation/events.ts';
import type { InvocationEnd } from '../../local/cloudformation/invoker.ts';
import { LambdaInvoker } from '../../local/cloudformation/lambda-invoker.ts';
import { QueryApi } from '../../local/cloudformation/query-api.ts';
import { CloudFormation } from '../../local/cloudformation/stack.ts';
import type { ResourceDeclaration } from '../../local/cloudformation/template.ts';
import { consumedUnits } from './dynamo-units.ts';
import type { ProxiedCall } from './recording-proxy.ts';
import type { World } from './world.ts';

/** The cost of one invocation of the function. */
export interface Cost {
  /** Time from the event's hand-over until the runtime asks for the next one. */
  milliseconds: number;
  /** Part of that time in which at least one call was under way. */
  waiting: number;
  /** Method and path template, in order. */
  genesys: string[];
  dynamo: string[];
  secrets: string[];
  /** Calls to Genesys Cloud in sequence; calls side by side count once. */
  genesysTrips: number;
  /** Calls to DynamoDB in sequence; calls side by side count once. */
  ledgerTrips: number;
  readUnits: number;
  writeUnits: number;
  logBytes: number;
}

/** The packaged provider behind a CloudFormation that sends one request at a time. */
export class Stage {
  readonly cloudFormation: CloudFormation;
  readonly costs: { event: CustomResourceEvent; cost: Cost }[] = [];
  readonly #world: World;
  readonly #invoker: LambdaInvoker;
  readonly #queries: QueryApi;

  static async start(world: World, code: string): Promise<Stage> {
    const invoker = await LambdaInvoker.start({ code });
    const costs: Stage['costs'] = [];
    const cloudFormation = new CloudFormation({
      responses: world.responses,
      invoker: {
        invoke: (event, options) => measured(world, invoker, event, costs, options),
        logs: () => invoker.logs(),
        stop: () => invoker.stop(),
      },
    });
    const queries = await QueryApi.start(cloudFormation);
    const stage = new Stage(world, invoker, cloudFormation, queries, costs);
    await stage.newContainer();
    return stage;
  }

  private constructor(
    world: World,
    invoker: LambdaInvoker,
    cloudFormation: CloudFormation,
    queries: QueryApi,
    costs: Stage['costs'],
  ) {
    this.#world = world;
    this.#invoker = invoker;
    this.cloudFormation = cloudFormation;
    this.#queries = queries;
    this.costs = costs;
  }

  get runtime(): string {
    return this.#invoker.runtime;
  }

  /** Ends the container, so that the next invocation is a cold one. */
  async newContainer(): Promise<void> {
    await this.#invoker.update({
      environment: { ...this.#world.environment, AWS_ENDPOINT_URL_CLOUDFORMATION: this.#queries.url },
    });
  }

  async create(stack: string, resource: ResourceDeclaration): Promise<Cost> {
    return this.#last(() => this.cloudFormation.createStack(stack, { Resources: { A: resource } }));
  }

  async update(stack: string, resource: ResourceDeclaration): Promise<Cost> {
    return this.#last(() => this.cloudFormation.updateStack(stack, { Resources: { A: resource } }));
  }

  async delete(stack: string): Promise<Cost> {
    return this.#last(() => this.cloudFormation.deleteStack(stack));
  }

  /** Delivers the last request once more, after its answer was taken. */
  async redeliver(): Promise<Cost> {
    const last = this.cloudFormation.requests.at(-1);
    if (last === undefined) throw new Error('nothing was sent yet');
    await this.cloudFormation.redeliver(last.event.RequestId);
    return this.#lastCost();
  }

  async stop(): Promise<void> {
    const violations = this.cloudFormation.violations();
    await this.cloudFormation.stop();
    await this.#invoker.stop();
    await this.#queries.stop();
    if (violations.length > 0) throw new Error(`the protocol was violated: ${violations.join('; ')}`);
  }

  async #last(operation: () => Promise<{ status: string; reason?: string }>): Promise<Cost> {
    const before = this.costs.length;
    const { status, reason } = await operation();
    await this.cloudFormation.idle();
    if (!/^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(status)) throw new Error(`${status}: ${reason}`);
    if (this.costs.length !== before + 1) throw new Error('an operation was more than one request');
    return this.#lastCost();
  }

  #lastCost(): Cost {
    const last = this.costs.at(-1);
    if (last === undefined) throw new Error('nothing was invoked');
    return last.cost;
  }
}

async function measured(
  world: World,
  invoker: LambdaInvoker,
  event: CustomResourceEvent,
  costs: Stage['costs'],
  options?: { signal?: AbortSignal },
): Promise<InvocationEnd> {
  world.aws.reset();
  world.api.reset();
  world.genesys.resetCalls();
  const logsBefore = Buffer.byteLength(invoker.logs());
  const from = performance.now();
  const end = await invoker.invoke(event, options);
  const milliseconds = performance.now() - from;
  const aws = world.aws.calls();
  const dynamo = aws.filter(({ operation }) => operation.startsWith('DynamoDB '));
  costs.push({
    event,
    cost: {
      milliseconds,
      waiting: covered([...aws, ...world.api.calls()]),
      genesysTrips: trips(world.api.calls()),
      genesys: world.genesys.calls().map(({ method, template }) => `${method} ${template}`),
      dynamo: dynamo.map(({ operation }) => operation.slice('DynamoDB '.length)),
      secrets: aws
        .filter(({ operation }) => operation.startsWith('SecretsManager '))
        .map(({ operation }) => operation.slice('SecretsManager '.length)),
      ledgerTrips: trips(dynamo),
      ...consumedUnits(dynamo),
      logBytes: Buffer.byteLength(invoker.logs()) - logsBefore,
    },
  });
  return end;
}

/** Milliseconds in which at least one of the calls was under way. */
export function covered(calls: readonly Pick<ProxiedCall, 'from' | 'to'>[]): number {
  let total = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...calls].sort((a, b) => a.from - b.from)) {
    if (to <= until) continue;
    total += to - Math.max(from, until);
    until = to;
  }
  return total;
}

/** Length of the longest chain of calls in which each began after the one before had ended. */
export function trips(calls: readonly Pick<ProxiedCall, 'from' | 'to'>[]): number {
  let count = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...calls].sort((a, b) => a.to - b.to)) {
    if (from < until) continue;
    count += 1;
    until = to;
  }
  return count;
}
