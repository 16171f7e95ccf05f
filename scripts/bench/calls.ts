/**
 * Section `calls`: how often each request talks to Genesys Cloud, DynamoDB, Secrets Manager and
 * CloudFormation.
 */
import { join } from 'node:path';
import { bundle, packages } from '../build/package.ts';
import { type Cost, Stage } from './operations.ts';
import { dataAction, integration, type Sample, samples } from './resources.ts';
import type { Options, Section } from './section.ts';
import { startWorld } from './world.ts';

export type OperationName =
  | 'create cold'
  | 'create warm'
  | 'update'
  | 'update unchanged'
  | 'redelivery'
  | 'delete';

export interface Operation {
  type: keyof typeof samples;
  operation: OperationName;
  cost: Cost;
}

/**
 * The fewest calls to Genesys Cloud that could do each operation in a container that is logged in, and what
 * ours makes beyond them.
 */
const minimum: Record<Operation['type'], Partial<Record<OperationName, { calls: number; why: string }>>> = {
  'data action': {
    'create cold': {
      calls: 2,
      why: 'login, organization id (which organization an object is in stands in the ledger); names are not unique, so it is asked whether this one is taken',
    },
    'create warm': { calls: 1, why: 'names are not unique, so it is asked whether this one is taken' },
    update: { calls: 2, why: 'the write needs the current version' },
    delete: { calls: 1, why: 'one look whether it is gone: a create of the same name may follow at once' },
  },
  integration: {
    'create cold': {
      calls: 5,
      why: 'login, organization id; the configuration exists from birth and is written by version, so it is read',
    },
    'create warm': {
      calls: 4,
      why: 'the configuration exists from birth and is written by version, so it is read',
    },
    update: {
      calls: 3,
      why: 'its state before, and its credential written again: what a credential holds cannot be read',
    },
    delete: {
      calls: 2,
      why: 'deletes its actions in Genesys Cloud, so they are listed first; one look whether it is gone',
    },
  },
  'recording key': {
    'create cold': {
      calls: 4,
      why: 'login, organization id; what was there is kept for the rollback; the new key is looked for by what was the newest before',
    },
    'create warm': {
      calls: 3,
      why: 'what was there is kept for the rollback; the new key is looked for by what was the newest before',
    },
    update: { calls: 2, why: 'rotation before, and the newest key for ActiveKeyId' },
    delete: { calls: 0, why: '' },
  },
};

/** As a function in AWS sees them: what is billed, and which calls are made side by side, depends on it. */
export const networkLatency = { genesysMs: 50, awsMs: 5 };

/** Every type through its life, in a cold container and then in a warm one. */
export async function measureOperations(folder: string): Promise<Operation[]> {
  const provider = packages.find(({ name }) => name === 'provider');
  if (provider === undefined) throw new Error('there is no package named provider');
  const code = join(folder, 'calls');
  await bundle(provider, code);
  const found: Operation[] = [];
  for (const [type, sample] of Object.entries(samples) as [Operation['type'], Sample][]) {
    // A world each: an organization has one recording key configuration, and it cannot be deleted.
    for (const warm of [false, true]) {
      const world = await startWorld({ rateLimitPerMinute: 1_000_000 });
      world.genesys.settings({ latencyMs: networkLatency.genesysMs });
      world.aws.latencyMs = networkLatency.awsMs;
      try {
        const stage = await Stage.start(world, code);
        const { change } = sample;
        const declare = (name: string, properties = {}) =>
          sample.declare(name, world.integrationId, properties);
        const add = (operation: OperationName, cost: Cost) => found.push({ type, operation, cost });
        if (warm) {
          // Logs in and opens connections, by a resource of another kind.
          const other =
            type === 'integration' ? dataAction(world.integrationId, 'Warm') : integration({ Name: 'Warm' });
          await stage.create('warm', other);
          add('create warm', await stage.create('bench', declare('A')));
          add('update', await stage.update('bench', declare('A', change)));
          add(
            'update unchanged',
            await stage.update('bench', declare('A', { ...change, ServiceTimeout: 601 })),
          );
          add('redelivery', await stage.redeliver());
          add('delete', await stage.delete('bench'));
        } else {
          add('create cold', await stage.create('bench', declare('A')));
        }
        await stage.stop();
      } finally {
        await world.stop();
      }
    }
  }
  return found;
}

let measured: Promise<Operation[]> | undefined;

/** Measured once for all sections of a run that need it. */
export function measuredOnce(folder: string): Promise<Operation[]> {
  measured ??= measureOperations(folder);
  return measured;
}

export async function calls({ folder, say }: Options): Promise<Section> {
  say('carrying each type through its life');
  const operations = await measuredOnce(folder);
  return {
    title: 'Calls of each request',
    columns: [
      '',
      'Genesys Cloud',
      'at least',
      'Secrets Manager',
      'DynamoDB',
      '… one after the other',
      'answers',
      'beyond the least',
    ],
    rows: operations.map(({ type, operation, cost }) => {
      const least = minimum[type][operation] ?? { calls: 0, why: '' };
      return [
        `${type}: ${operation}`,
        cost.genesys.length,
        least.calls,
        cost.secrets.length,
        cost.dynamo.length,
        cost.ledgerTrips,
        operation === 'redelivery' ? 0 : 1,
        cost.genesys.length > least.calls ? least.why : '',
      ];
    }),
    notes: [
      'At least: the writes themselves and the reads that they need, in a container that is logged in.',
      'An update that changes nothing and an event that is delivered again make no call to Genesys Cloud.',
      'DynamoDB holds who owns what and what each request already did; each note stands there before the next write to Genesys Cloud.',
    ],
    goals: [],
    figures: {
      operations: operations.map(({ type, operation, cost: { genesys, dynamo, secrets, ledgerTrips } }) => ({
        type,
        operation,
        genesys,
        minimum: minimum[type][operation]?.calls ?? 0,
        secrets,
        dynamo,
        ledgerTrips,
      })),
    },
  };
}
