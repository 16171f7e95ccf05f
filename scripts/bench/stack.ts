/**
 * Section `stack`: stacks of many data actions, many at a time, against Genesys Cloud's real rate limit,
 * beside the provider of the tutorials.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaInvoker } from '../../local/cloudformation/lambda-invoker.ts';
import { QueryApi } from '../../local/cloudformation/query-api.ts';
import { CloudFormation } from '../../local/cloudformation/stack.ts';
import type { ResourceDeclaration } from '../../local/cloudformation/template.ts';
import { bundle, packages } from '../build/package.ts';
import { buildTutorialProvider } from './bundles.ts';
import { dataAction } from './resources.ts';
import { atMost, type Options, type Section } from './section.ts';
import { line, round } from './statistics.ts';
import { startWorld } from './world.ts';

/** The default of templates/provider.yaml. */
const reservedConcurrency = 10;
const apiLatencyMs = 50;

export interface StackRun {
  provider: 'ours' | 'tutorial';
  actions: number;
  /** Resources that CloudFormation has in progress at a time. */
  atATime: number;
  status: string;
  /** Duration of the stack operations, in seconds. */
  createSeconds: number;
  deleteSeconds: number;
  /** Calls to Genesys Cloud during the creation, with the logins. */
  calls: number;
  logins: number;
  throttled: number;
  failedRequests: number;
  containers: number;
  /** The largest resident memory of a container, in MB. */
  peakMegabytes: number;
}

async function run(
  provider: StackRun['provider'],
  code: string,
  actions: number,
  atATime: number,
  concurrency: number,
): Promise<StackRun> {
  const world = await startWorld();
  world.genesys.settings({ latencyMs: apiLatencyMs });
  const invoker = await LambdaInvoker.start({ code, concurrency });
  const cloudFormation = new CloudFormation({
    invoker,
    responses: world.responses,
    concurrency: atATime,
    whenOneFails: 'wait',
  });
  const queries = await QueryApi.start(cloudFormation);
  try {
    await invoker.update({
      environment: { ...world.environment, AWS_ENDPOINT_URL_CLOUDFORMATION: queries.url },
    });
    const resources: Record<string, ResourceDeclaration> = {};
    for (let number = 1; number <= actions; number += 1) {
      resources[`Action${number}`] = dataAction(world.integrationId, `Action ${number}`, {
        ServiceTimeout: 3600,
      });
    }
    const { seconds: createSeconds, result: created } = await timed(() =>
      cloudFormation.createStack('bench', { Resources: resources }, { disableRollback: true }),
    );
    await cloudFormation.idle();
    const calls = world.genesys.calls();
    const containers = invoker.environments;
    const peakMegabytes = largestChildMegabytes();
    const failedRequests = Object.values(created.resources).filter(
      ({ status }) => status !== 'CREATE_COMPLETE',
    ).length;
    const { seconds: deleteSeconds, result: deleted } = await timed(() =>
      cloudFormation.deleteStack('bench'),
    );
    await cloudFormation.idle();
    const left = world.genesys.state().organizations[0]?.actions.length ?? 0;
    if (provider === 'ours' && left > 0) throw new Error(`${left} actions are left after ${deleted.status}`);
    return {
      provider,
      actions,
      atATime,
      status: created.status,
      createSeconds,
      deleteSeconds,
      calls: calls.length,
      logins: calls.filter(({ template }) => template === '/oauth/token').length,
      throttled: calls.filter(({ status }) => status === 429).length,
      failedRequests,
      containers,
      peakMegabytes,
    };
  } finally {
    await cloudFormation.stop();
    await invoker.stop();
    await queries.stop();
    await world.stop();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const from = performance.now();
  const result = await work();
  return { seconds: round((performance.now() - from) / 1000, 2), result };
}

/** Peak resident memory in MB among this process's Node children, from Linux's own count; 0 elsewhere. */
function largestChildMegabytes(): number {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
    const peaks = children
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(process.execPath))
      .map(
        (pid) =>
          Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
      );
    return Math.round(Math.max(0, ...peaks));
  } catch {
    return 0;
  }
}

export async function stack({ quick, folder, say }: Options): Promise<Section> {
  const provider = packages.find(({ name }) => name === 'provider');
  if (provider === undefined) throw new Error('there is no package named provider');
  const ours = join(folder, 'stack/provider');
  await bundle(provider, ours);
  const tutorial = await buildTutorialProvider(join(folder, 'stack/tutorial'));

  /** Number of actions, actions at a time, reserved concurrency. */
  const plan: [number, number, number][] = quick
    ? [
        [10, 10, 10],
        [100, 10, 10],
      ]
    : [
        [10, 10, 10],
        [50, 10, 10],
        [100, 10, 10],
        [100, 50, 10],
        [250, 10, 10],
        [500, 10, 10],
        [500, 50, 10],
        // One container means one token, so the rate limit is reached.
        [200, 10, 1],
      ];
  const runs: StackRun[] = [];
  for (const [actions, atATime, concurrency] of plan) {
    for (const [name, code] of [
      ['ours', ours],
      ['tutorial', tutorial],
    ] as const) {
      // The tutorial's growth is known from the smaller stacks, and larger ones would take too long.
      if (name === 'tutorial' && (actions > 100 || (quick && actions > 10))) continue;
      say(`${actions} actions, ${atATime} at a time, ${name}`);
      runs.push(await run(name, code, actions, atATime, concurrency));
    }
  }
  const growth = line(
    runs
      .filter(
        ({ provider: name, atATime, containers }) => name === 'ours' && atATime === 10 && containers > 1,
      )
      .map(({ actions, createSeconds }) => [actions, createSeconds] as const),
  );
  const of = (actions: number) => runs.filter((one) => one.provider === 'ours' && one.actions === actions);
  const worst = (values: number[]) => Math.max(0, ...values);
  return {
    title: `Stacks of data actions: API latency ${apiLatencyMs} ms, 300 calls a minute and token`,
    columns: [
      'actions',
      'at a time',
      'provider',
      'create, s',
      'delete, s',
      'calls to create',
      'logins',
      '429s',
      'failed',
      'containers',
      'peak MB',
    ],
    rows: runs.map((one) => [
      one.actions,
      one.atATime,
      one.provider === 'ours' ? 'this one' : 'as in tutorials',
      one.createSeconds,
      one.deleteSeconds,
      one.calls,
      one.logins,
      one.throttled,
      one.failedRequests,
      one.containers,
      one.peakMegabytes,
    ]),
    notes: [
      "Each container is a process of its own that runs the packaged provider (the tests' Lambda: a real runtime client, frozen between invocations), in real time; one run each.",
      'CloudFormation does not document how many resources it has in progress at a time; 10 and 50 are assumed. Lambda queues events beyond the reserved concurrency.',
      'The provider of the tutorials logs in for every request, reads before and after every write, and keeps no record (scripts/bench/tutorial-provider.ts).',
      'With one container every call has the same token. The limit is reached, the provider waits as Retry-After says, and no request fails.',
      `Growth, 10 at a time: ${growth.slope} s an action after ${growth.start} s (R² ${growth.fit}).`,
    ],
    goals: [
      atMost('stack.throttled (100 actions)', worst(of(100).map(({ throttled }) => throttled)), 0),
      atMost('stack.logins (100 actions)', worst(of(100).map(({ logins }) => logins)), 10),
      atMost(
        'stack.failedRequests',
        worst(runs.filter((one) => one.provider === 'ours').map(({ failedRequests }) => failedRequests)),
        0,
      ),
    ],
    figures: { reservedConcurrency, apiLatencyMs, runs, growth },
  };
}
