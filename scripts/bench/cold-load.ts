/**
 * Section `coldLoad`: the time in which a fresh process loads the provider, is ready under AWS's runtime
 * client, and gives its first answer.
 * The references are a plain bundle and a bundle of the Secrets Manager client alone.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { RuntimeApi } from '../../local/cloudformation/runtime-api.ts';
import { bestRuntime, ricFolder, runtimeArguments } from '../../local/cloudformation/runtimes.ts';
import { type Bundles, buildBundles } from './bundles.ts';
import { dataAction } from './resources.ts';
import { atMost, type Options, type Section } from './section.ts';
import { median, pairedRatio, shown, summary } from './statistics.ts';
import { startWorld, type World } from './world.ts';

const root = resolve(import.meta.dirname, '../..');

/** The child gets neither the caller's Node options nor the caller's AWS settings. */
const cleanEnvironment = {
  PATH: process.env['PATH'] ?? '',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

const importScript = `
const from = performance.now();
const before = process.cpuUsage();
await import(process.argv[1]);
const milliseconds = performance.now() - from;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ milliseconds, cpu: (user + system) / 1000, rss: process.memoryUsage.rss() }));
`;

const emptyScript = `console.log(JSON.stringify({ milliseconds: 0, cpu: 0, rss: process.memoryUsage.rss() }));`;

export interface Load {
  /** Time of the import alone, without Node's own start. */
  milliseconds: number;
  /** Processor time of the import, in milliseconds. Other work of the machine hardly changes it. */
  cpu: number;
  /** Resident memory after the import, in bytes. */
  rss: number;
}

/** Imports a file in a fresh process of this Node. */
export async function loadOnce(file: string | undefined): Promise<Load> {
  const script = file === undefined ? emptyScript : importScript;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script, ...(file === undefined ? [] : [file])],
    {
      env: cleanEnvironment,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return JSON.parse(await text(child.stdout)) as Load;
}

/** Runs each measurement in turn, round after round, so that a disturbance of the machine hits all alike. */
export async function alternate<Name extends string, T>(
  measurements: Record<Name, () => Promise<T>>,
  rounds: number,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(measurements) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>;
  // The first round warms the file cache and is not counted.
  for (const name of names) await measurements[name]();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) results[name].push(await measurements[name]());
  }
  return results;
}

/** Loads of the provider and of its references, for `scripts/bench/check-cold-load.ts` and for the bench. */
export async function measureLoads(bundles: Bundles, rounds: number) {
  const loads = await alternate(
    {
      provider: () => loadOnce(bundles.provider),
      plain: () => loadOnce(bundles.plain),
      sdk: () => loadOnce(bundles.sdk),
      secretsClient: () => loadOnce(bundles.secretsClient),
      nothing: () => loadOnce(undefined),
    },
    rounds,
  );
  const times = (name: keyof typeof loads) => loads[name].map(({ milliseconds }) => milliseconds);
  const megabytes = (name: keyof typeof loads) =>
    Math.round(median(loads[name].map(({ rss }) => rss)) / 1e5) / 10;
  const processor = (name: keyof typeof loads) => summary(loads[name].map(({ cpu }) => cpu));
  const cpuRatio = (reference: keyof typeof loads) =>
    pairedRatio(
      loads.provider.map(({ cpu }) => cpu),
      loads[reference].map(({ cpu }) => cpu),
    );
  return {
    processorMilliseconds: {
      provider: processor('provider'),
      plain: processor('plain'),
      secretsClient: processor('secretsClient'),
      ratioToPlainBundle: cpuRatio('plain'),
      ratioToSecretsClientAlone: cpuRatio('secretsClient'),
    },
    milliseconds: {
      provider: summary(times('provider')),
      plain: summary(times('plain')),
      sdk: summary(times('sdk')),
      secretsClient: summary(times('secretsClient')),
    },
    ratioToPlainBundle: pairedRatio(times('provider'), times('plain')),
    ratioToSdkAlone: pairedRatio(times('provider'), times('sdk')),
    ratioToSecretsClientAlone: pairedRatio(times('provider'), times('secretsClient')),
    residentMegabytes: {
      provider: megabytes('provider'),
      plain: megabytes('plain'),
      secretsClient: megabytes('secretsClient'),
      nodeAlone: megabytes('nothing'),
    },
  };
}

/** Milliseconds from the start of AWS's runtime client until it asks for its first event. */
async function initOnce(file: string): Promise<number> {
  const api = await RuntimeApi.start();
  const from = performance.now();
  const child = spawn(process.execPath, runtimeArguments(bestRuntime(), ricFolder), {
    cwd: dirname(file),
    env: {
      ...cleanEnvironment,
      AWS_LAMBDA_FUNCTION_NAME: 'provider',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/provider',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      AWS_LAMBDA_RUNTIME_API: api.address,
      LAMBDA_TASK_ROOT: dirname(file),
      _HANDLER: 'index.handler',
    },
    stdio: 'ignore',
  });
  const exited = new Promise<never>((_, reject) =>
    child.on('exit', () => reject(new Error(`${file} ended before it was ready`))),
  );
  exited.catch(() => undefined);
  try {
    await Promise.race([api.idle(), exited]);
    return performance.now() - from;
  } finally {
    child.kill('SIGKILL');
    await exited.catch(() => undefined);
    await api.stop();
  }
}

const answerScript = `
const module = await import(process.argv[1]);
const handler = module.handler ?? module.default.handler;
const deadline = Date.now() + 60_000;
await handler(JSON.parse(process.argv[2]), { awsRequestId: 'bench', getRemainingTimeInMillis: () => deadline - Date.now() });
process.exit(0);
`;

/** Milliseconds from the start of a process until CloudFormation's bucket has the answer to a Create. */
async function firstAnswerOnce(file: string, world: World, name: string): Promise<number> {
  const { Type, Properties } = dataAction(world.integrationId, name);
  const slot = world.responses.open({
    RequestType: 'Create',
    ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:provider',
    StackId: `arn:aws:cloudformation:us-east-1:123456789012:stack/bench/${randomUUID()}`,
    RequestId: randomUUID(),
    LogicalResourceId: 'Action',
    ResourceType: Type,
    ResourceProperties: {
      ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:provider',
      ...(Properties as Record<string, string>),
    },
  });
  slot.countDelivery();
  const from = performance.now();
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', answerScript, file, JSON.stringify(slot.event)],
    { env: { ...cleanEnvironment, ...world.environment }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise<void>((done) => child.on('exit', () => done()));
  const outcome = await slot.answered;
  const milliseconds = performance.now() - from;
  await ended;
  if (outcome.status !== 'SUCCESS') throw new Error(`the first answer was ${JSON.stringify(outcome)}`);
  return milliseconds;
}

export async function measureFirstAnswers(bundles: Bundles, rounds: number) {
  const world = await startWorld({ rateLimitPerMinute: 1_000_000 });
  try {
    let count = 0;
    const answer = (file: string) => () => {
      count += 1;
      return firstAnswerOnce(file, world, `Action ${count}`);
    };
    const times = await alternate(
      { provider: answer(bundles.provider), plain: answer(bundles.plain) },
      rounds,
    );
    return {
      milliseconds: { provider: summary(times.provider), plain: summary(times.plain) },
      ratioToPlainBundle: pairedRatio(times.provider, times.plain),
    };
  } finally {
    await world.stop();
  }
}

export async function coldLoad({ quick, folder, say }: Options): Promise<Section> {
  const rounds = quick ? 5 : 21;
  const bundles = await buildBundles(join(folder, 'cold-load'));
  say(`importing each bundle ${rounds} times`);
  const loads = await measureLoads(bundles, rounds);
  say('starting the runtime client with each');
  const inits = await alternate(
    {
      provider: () => initOnce(bundles.provider),
      plain: () => initOnce(bundles.plain),
      secretsClient: () => initOnce(bundles.secretsClient),
    },
    quick ? 3 : 15,
  );
  say('waiting for first answers');
  const first = await measureFirstAnswers(bundles, quick ? 5 : 21);
  const runtime = bestRuntime(join(root, '.tools/ric/node_modules/aws-lambda-ric'));
  const {
    milliseconds,
    processorMilliseconds,
    residentMegabytes,
    ratioToPlainBundle,
    ratioToSecretsClientAlone,
  } = loads;
  return {
    title: 'Cold start, milliseconds: median (quartiles)',
    columns: [
      '',
      'provider',
      'plain bundle',
      'Secrets Manager client alone',
      'ratio to plain',
      'ratio to client',
    ],
    rows: [
      [
        'import in a fresh process',
        shown(milliseconds.provider),
        shown(milliseconds.plain),
        shown(milliseconds.secretsClient),
        ratioToPlainBundle,
        ratioToSecretsClientAlone,
      ],
      [
        'processor time of that import',
        shown(processorMilliseconds.provider),
        shown(processorMilliseconds.plain),
        shown(processorMilliseconds.secretsClient),
        processorMilliseconds.ratioToPlainBundle,
        processorMilliseconds.ratioToSecretsClientAlone,
      ],
      [
        `ready under ${runtime}`,
        shown(summary(inits.provider)),
        shown(summary(inits.plain)),
        shown(summary(inits.secretsClient)),
        pairedRatio(inits.provider, inits.plain),
        pairedRatio(inits.provider, inits.secretsClient),
      ],
      [
        'process start to first answer',
        shown(first.milliseconds.provider),
        shown(first.milliseconds.plain),
        '',
        first.ratioToPlainBundle,
        '',
      ],
      [
        'resident memory after the import, MB',
        residentMegabytes.provider,
        residentMegabytes.plain,
        residentMegabytes.secretsClient,
        '',
        '',
      ],
    ],
    notes: [
      'A ratio is the median of the ratios of neighbouring runs, so that a busy moment of the machine weighs on both sides.',
      'The Secrets Manager client alone is bundled with our own options and constructed at load, as functions do it.',
      `Node itself takes ${residentMegabytes.nodeAlone} MB. The first answer includes Node's start and every call of a cold Create to servers without latency.`,
    ],
    goals: [
      atMost('coldLoad.ratioToPlainBundle', ratioToPlainBundle, 0.32),
      atMost('coldLoad.ratioToSecretsClientAlone', ratioToSecretsClientAlone, 1.3),
      atMost(
        'coldLoad.processorMilliseconds.ratioToSecretsClientAlone',
        processorMilliseconds.ratioToSecretsClientAlone,
        1.3,
      ),
      atMost('coldLoad.timeToFirstAnswer.ratioToPlainBundle', first.ratioToPlainBundle, 0.5),
    ],
    figures: {
      ...loads,
      init: {
        runtime,
        provider: summary(inits.provider),
        plain: summary(inits.plain),
        secretsClient: summary(inits.secretsClient),
        ratioToPlainBundle: pairedRatio(inits.provider, inits.plain),
      },
      timeToFirstAnswer: first,
    },
  };
}

/** Builds the bundles into a folder of its own, measures, and removes the folder. */
export async function measureColdLoad(rounds: number) {
  const folder = await mkdtemp(join(tmpdir(), 'cold-load-'));
  try {
    return await measureLoads(await buildBundles(folder), rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
