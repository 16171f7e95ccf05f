/**
 * Section `latency`: the time of a warm handler at several latencies of Genesys Cloud's API, and the part of
 * it that is no waiting for an answer.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, packages } from '../build/package.ts';
import { type Cost, Stage } from './operations.ts';
import { dataAction, integration } from './resources.ts';
import { atMost, type Options, type Section } from './section.ts';
import { type Summary, shown, summary } from './statistics.ts';
import { startWorld } from './world.ts';

type Name = 'create' | 'update' | 'update unchanged' | 'delete';

/** A cost with the time of a function that only answers, taken in the same round. */
type Measured = Cost & { floor: number };

interface Row {
  type: 'data action' | 'integration';
  operation: Name;
  apiLatencyMs: number;
  /** Milliseconds of the whole invocation. */
  handler: Summary;
  /** Genesys Cloud's latency times the number of calls that have to follow each other. */
  unavoidable: number;
  /** Milliseconds without any call under way, less the time of a function that only answers. */
  overhead: Summary;
}

/** The smallest function of a custom resource: it answers, and does nothing else. */
const answeringFunction = `
export async function handler({ ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId = RequestId }) {
  const body = JSON.stringify({ Status: 'SUCCESS', StackId, RequestId, LogicalResourceId, PhysicalResourceId });
  const response = await fetch(ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body: new TextEncoder().encode(body) });
  await response.arrayBuffer();
}
`;

export async function latency({ quick, folder, say }: Options): Promise<Section> {
  const provider = packages.find(({ name }) => name === 'provider');
  if (provider === undefined) throw new Error('there is no package named provider');
  const code = join(folder, 'latency');
  await bundle(provider, code);
  const bare = join(folder, 'latency-bare');
  await mkdir(bare, { recursive: true });
  await writeFile(join(bare, 'index.mjs'), answeringFunction);
  const runs = quick ? 5 : 15;
  const floors: number[] = [];
  const rows: Row[] = [];
  for (const apiLatencyMs of quick ? [0, 20] : [0, 20, 100]) {
    say(`API latency ${apiLatencyMs} ms`);
    const world = await startWorld({ rateLimitPerMinute: 1_000_000 });
    world.genesys.settings({ latencyMs: apiLatencyMs });
    const stage = await Stage.start(world, code);
    const floorStage = await Stage.start(world, bare);
    try {
      for (const type of ['data action', 'integration'] as const) {
        const costs: Record<Name, Measured[]> = {
          create: [],
          update: [],
          'update unchanged': [],
          delete: [],
        };
        const declare = (name: string, changed: boolean, properties = {}) =>
          type === 'data action'
            ? dataAction(world.integrationId, name, { TimeoutSeconds: changed ? 20 : 10, ...properties })
            : integration({ Name: name, Notes: changed ? 'changed' : 'new', ...properties });
        // The first round warms the container and is not counted.
        for (let run = 0; run <= runs; run += 1) {
          const name = `${type} ${run}`;
          const stack = name.replaceAll(' ', '-');
          const floor = (await floorStage.create(stack, declare(name, false))).milliseconds;
          const round: Record<Name, Cost> = {
            create: await stage.create(stack, declare(name, false)),
            update: await stage.update(stack, declare(name, true)),
            'update unchanged': await stage.update(stack, declare(name, true, { ServiceTimeout: 601 })),
            delete: await stage.delete(stack),
          };
          if (run === 0) continue;
          floors.push(floor);
          for (const operation of Object.keys(costs) as Name[])
            costs[operation].push({ ...round[operation], floor });
        }
        for (const [operation, measured] of Object.entries(costs) as [Name, Measured[]][]) {
          rows.push({
            type,
            operation,
            apiLatencyMs,
            handler: summary(measured.map(({ milliseconds }) => milliseconds)),
            unavoidable: Math.max(...measured.map(({ genesysTrips }) => genesysTrips)) * apiLatencyMs,
            overhead: summary(
              measured.map(({ milliseconds, waiting, floor }) => milliseconds - waiting - floor),
            ),
          });
        }
      }
    } finally {
      await stage.stop();
      await floorStage.stop();
      await world.stop();
    }
  }
  const worst = Math.max(...rows.map(({ overhead }) => overhead.median));
  return {
    title: 'Time of a warm request, milliseconds: median (quartiles)',
    columns: ['', 'API latency', 'handler', 'unavoidable round trips', 'overhead'],
    rows: rows.map(({ type, operation, apiLatencyMs, handler, unavoidable, overhead }) => [
      `${type}: ${operation}`,
      apiLatencyMs,
      shown(handler),
      unavoidable,
      shown(overhead),
    ]),
    notes: [
      'Handler: from handing the event to the function until it asks for the next one. This includes the answer to CloudFormation and the last note in the ledger, for which CloudFormation does not wait.',
      'Unavoidable: the calls to Genesys Cloud that have to follow each other, times its latency.',
      `Overhead: the time in which no call to Genesys Cloud, DynamoDB or Secrets Manager was under way, less the time of a function that only answers, in the same round (${shown(summary(floors))}).`,
      "DynamoDB and Secrets Manager are the tests' own, on this machine.",
    ],
    goals: [atMost('latency.overheadMilliseconds', worst, 10)],
    figures: { runs, answeringAlone: summary(floors), rows },
  };
}
