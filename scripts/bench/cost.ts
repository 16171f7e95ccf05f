/**
 * Section `cost`: the price of a thousand requests in AWS, from their measured use and the public list
 * prices.
 */
import { join } from 'node:path';
import { buildTutorialProvider } from './bundles.ts';
import { measuredOnce, networkLatency } from './calls.ts';
import { type Cost, Stage } from './operations.ts';
import { dataAction } from './resources.ts';
import type { Options, Section } from './section.ts';
import { round } from './statistics.ts';
import { startWorld } from './world.ts';

/**
 * US East (N. Virginia), US dollars, first tier, without free tier: AWS's public price list as it stood in
 * 2025.
 */
export const prices = {
  date: '2025',
  region: 'us-east-1',
  lambdaGigabyteSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  dynamoWriteUnit: 0.625 / 1e6,
  dynamoReadUnit: 0.125 / 1e6,
  logGigabyte: 0.5,
  secretCall: 0.05 / 10_000,
};

/** Memory that is billed, in gigabytes. Lambda bills whole milliseconds. */
const memoryGigabytes = 0.25;
const thousand = 1000;

export interface Bill {
  gigabyteSeconds: number;
  readUnits: number;
  writeUnits: number;
  logBytes: number;
  dollars: number;
}

/** Use and price of a thousand requests like this one. */
export function billOf({ cost }: { cost: Cost }): Bill {
  const gigabyteSeconds = (Math.ceil(cost.milliseconds) / 1000) * memoryGigabytes * thousand;
  const readUnits = cost.readUnits * thousand;
  const writeUnits = cost.writeUnits * thousand;
  const logBytes = cost.logBytes * thousand;
  const dollars =
    gigabyteSeconds * prices.lambdaGigabyteSecond +
    thousand * prices.lambdaRequest +
    readUnits * prices.dynamoReadUnit +
    writeUnits * prices.dynamoWriteUnit +
    (logBytes / 1e9) * prices.logGigabyte +
    cost.secrets.length * thousand * prices.secretCall;
  return {
    gigabyteSeconds: round(gigabyteSeconds),
    readUnits,
    writeUnits,
    logBytes,
    dollars: round(dollars, 4),
  };
}

/** The same requests for data actions to the provider of the tutorials. */
async function tutorialOperations(folder: string) {
  const world = await startWorld({ rateLimitPerMinute: 1_000_000 });
  world.genesys.settings({ latencyMs: networkLatency.genesysMs });
  world.aws.latencyMs = networkLatency.awsMs;
  const stage = await Stage.start(world, await buildTutorialProvider(join(folder, 'cost')));
  try {
    const declare = (name: string, properties = {}) => dataAction(world.integrationId, name, properties);
    const operations = [
      { operation: 'create cold', cost: await stage.create('cold', declare('A')) },
      { operation: 'create warm', cost: await stage.create('warm', declare('B')) },
      { operation: 'update', cost: await stage.update('warm', declare('B', { TimeoutSeconds: 20 })) },
      { operation: 'delete', cost: await stage.delete('warm') },
    ];
    return operations.map((operation) => ({ type: 'data action, as in tutorials', ...operation }));
  } finally {
    await stage.stop();
    await world.stop();
  }
}

export async function cost({ folder, say }: Options): Promise<Section> {
  say('pricing');
  const operations = await measuredOnce(folder);
  const bills = [...operations, ...(await tutorialOperations(folder))].map((operation) => ({
    operation,
    bill: billOf(operation),
  }));
  return {
    title: 'Cost of a thousand requests',
    columns: ['', 'Lambda GB-s', 'DynamoDB reads', 'DynamoDB writes', 'log bytes', 'US dollars'],
    rows: bills.map(({ operation: { type, operation }, bill }) => [
      `${type}: ${operation}`,
      bill.gigabyteSeconds,
      bill.readUnits,
      bill.writeUnits,
      bill.logBytes,
      bill.dollars,
    ]),
    notes: [
      `Public list prices of ${prices.region} as they stood in ${prices.date}: ${prices.lambdaGigabyteSecond} a GB-second (arm64, the template's default), 0.20 a million requests, 0.625 a million write units and 0.125 a million read units on demand, 0.50 a GB of logs, 0.05 per 10,000 secret reads.`,
      'The provider of the tutorials (scripts/bench/tutorial-provider.ts) pays for no ledger, and has no memory of the steps of a repeated or interrupted request.',
      `Lambda time is this machine's, with 256 MB, ${networkLatency.genesysMs} ms to Genesys Cloud and ${networkLatency.awsMs} ms to DynamoDB and Secrets Manager; a cold request includes the whole start.`,
    ],
    goals: [],
    figures: {
      prices,
      bills: bills.map(({ operation: { type, operation }, bill }) => ({ type, operation, ...bill })),
    },
  };
}
