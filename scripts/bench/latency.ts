/**
 * Section `latency`: how long a warm handler takes at several latencies of Genesys Cloud's API, and how much of it is
 * not spent waiting for somebody else's answer.
 */
import { join } from 'node:path';
import { bundle, packages } from '../package.ts';
import { type Cost, Stage } from './operations.ts';
import { dataAction, integration } from './resources.ts';
import { atMost, type Options, type Section } from './section.ts';
import { type Summary, shown, summary } from './statistics.ts';
import { startWorld } from './world.ts';

type Name = 'create' | 'update' | 'update unchanged' | 'delete';

interface Row {
  type: 'data action' | 'integration';
  operation: Name;
  apiLatencyMs: number;
  /** Whole invocation, milliseconds. */
  handler: Summary;
  /** Genesys Cloud's latency times the calls that have to follow each other. */
  unavoidable: number;
  /** What no call was under way in, milliseconds. */
  overhead: Summary;
}

export async function latency({ quick, folder, say }: Options): Promise<Section> {
  const provider = packages.find(({ name }) => name === 'provider');
  if (provider === undefined) throw new Error('there is no package named provider');
  const code = join(folder, 'latency');
  await bundle(provider, code);
  const runs = quick ? 5 : 15;
  const rows: Row[] = [];
  for (const apiLatencyMs of quick ? [0, 20] : [0, 20, 100]) {
    say(`API latency ${apiLatencyMs} ms`);
    const world = await startWorld({ rateLimitPerMinute: 1_000_000 });
    world.genesys.settings({ latencyMs: apiLatencyMs });
    const stage = await Stage.start(world, code);
    try {
      for (const type of ['data action', 'integration'] as const) {
        const costs: Record<Name, Cost[]> = { create: [], update: [], 'update unchanged': [], delete: [] };
        const declare = (name: string, changed: boolean, properties = {}) =>
          type === 'data action'
            ? dataAction(world.integrationId, name, { TimeoutSeconds: changed ? 20 : 10, ...properties })
            : integration({ Name: name, Notes: changed ? 'changed' : 'new', ...properties });
        // The first round warms the container and counts for nothing.
        for (let run = 0; run <= runs; run += 1) {
          const name = `${type} ${run}`;
          const stack = name.replaceAll(' ', '-');
          const round: Record<Name, Cost> = {
            create: await stage.create(stack, declare(name, false)),
            update: await stage.update(stack, declare(name, true)),
            'update unchanged': await stage.update(stack, declare(name, true, { ServiceTimeout: 601 })),
            delete: await stage.delete(stack),
          };
          if (run === 0) continue;
          for (const operation of Object.keys(costs) as Name[]) costs[operation].push(round[operation]);
        }
        for (const [operation, measured] of Object.entries(costs) as [Name, Cost[]][]) {
          rows.push({
            type,
            operation,
            apiLatencyMs,
            handler: summary(measured.map(({ milliseconds }) => milliseconds)),
            unavoidable: Math.max(...measured.map(({ genesysTrips }) => genesysTrips)) * apiLatencyMs,
            overhead: summary(measured.map(({ milliseconds, waiting }) => milliseconds - waiting)),
          });
        }
      }
    } finally {
      await stage.stop();
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
      'Handler: from handing the event to the function until it asks for the next one, so with the answer to CloudFormation and the last note in the ledger, which CloudFormation does not wait for.',
      'Unavoidable: the calls to Genesys Cloud that have to follow each other, times its latency. Overhead: the time in which no call to Genesys Cloud, DynamoDB or Secrets Manager was under way.',
      'DynamoDB is MiniStack on this machine, one to three milliseconds a call.',
    ],
    goals: [atMost('latency.overheadMilliseconds', worst, 10)],
    figures: { runs, rows },
  };
}
