/**
 * Section `calls`: how often each request calls Genesys Cloud, DynamoDB, Secrets Manager and CloudFormation.
 */
import { join } from 'node:path';
import { bundle, packages } from '../package.ts';
import { type Cost, Stage } from './operations.ts';
import { dataAction, integration, recordingKey } from './resources.ts';
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
  type: 'data action' | 'integration' | 'recording key';
  operation: OperationName;
  cost: Cost;
}

/**
 * The fewest calls to Genesys Cloud with which a logged-in container could do each operation, and the reason
 * for each call that the provider makes beyond them.
 */
const minimum: Record<Operation['type'], Partial<Record<OperationName, { calls: number; why: string }>>> = {
  'data action': {
    'create cold': {
      calls: 2,
      why: 'login, organization id (the ledger notes the organization of each object); names are not unique, so the provider asks whether this one is taken',
    },
    'create warm': { calls: 1, why: 'names are not unique, so the provider asks whether this one is taken' },
    update: { calls: 2, why: 'the write needs the current version' },
    delete: {
      calls: 1,
      why: 'one read to see that it is gone, because a create of the same name may follow at once',
    },
  },
  integration: {
    'create cold': {
      calls: 5,
      why: 'login, organization id; the configuration exists from the beginning and is written by version, so it is read first',
    },
    'create warm': {
      calls: 4,
      why: 'the configuration exists from the beginning and is written by version, so it is read first',
    },
    update: {
      calls: 3,
      why: 'its state before, and its credential written again, because the fields of a credential cannot be read',
    },
    delete: {
      calls: 2,
      why: 'Genesys Cloud deletes its actions with it, so they are listed first; one read to see that it is gone',
    },
  },
  'recording key': {
    'create cold': {
      calls: 4,
      why: 'login, organization id; the former configuration is kept for the rollback; the new key is found by comparison with the newest key before',
    },
    'create warm': {
      calls: 3,
      why: 'the former configuration is kept for the rollback; the new key is found by comparison with the newest key before',
    },
    update: { calls: 2, why: 'the rotation before, and the newest key for ActiveKeyId' },
    delete: { calls: 0, why: '' },
  },
};

/**
 * Latencies that a function in AWS sees. They decide about the billed time and about the calls that run side
 * by side.
 */
export const networkLatency = { genesysMs: 50, awsMs: 5 };

/** Carries every type through its life, in a cold container and then in a warm one. */
export async function measureOperations(folder: string): Promise<Operation[]> {
  const provider = packages.find(({ name }) => name === 'provider');
  if (provider === undefined) throw new Error('there is no package named provider');
  const code = join(folder, 'calls');
  await bundle(provider, code);
  const found: Operation[] = [];
  for (const type of ['data action', 'integration', 'recording key'] as const) {
    // Each type has a world of its own, because an organization's one recording key configuration cannot be
    // deleted.
    for (const warm of [false, true]) {
      const world = await startWorld({ rateLimitPerMinute: 1_000_000 });
      world.genesys.settings({ latencyMs: networkLatency.genesysMs });
      world.aws.latencyMs = networkLatency.awsMs;
      try {
        const stage = await Stage.start(world, code);
        const { declare, change } = {
          'data action': {
            declare: (name: string, properties = {}) => dataAction(world.integrationId, name, properties),
            change: { TimeoutSeconds: 20 },
          },
          integration: {
            declare: (Name: string, properties = {}) => integration({ Name, ...properties }),
            change: { Notes: 'changed' },
          },
          'recording key': {
            declare: (_: string, properties = {}) => recordingKey(properties),
            change: { RotationPeriod: 'YEARLY' },
          },
        }[type];
        const add = (operation: OperationName, cost: Cost) => found.push({ type, operation, cost });
        if (warm) {
          // A resource of another type logs in and opens the connections.
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

/** One measurement serves all sections of a run. */
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
      'DynamoDB holds the owner of each object and the steps of each request; each note is written before the next write to Genesys Cloud.',
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
