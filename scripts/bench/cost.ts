/** Section `cost`: what a thousand requests cost in AWS, from what each of them used and the public list prices. */
import { measuredOnce, type Operation } from './calls.ts';
import type { Options, Section } from './section.ts';
import { round } from './statistics.ts';

/** US East (N. Virginia), US dollars, first tier, without free tier: AWS's public price list as of 2026-11. */
export const prices = {
  date: '2026-11',
  region: 'us-east-1',
  lambdaGigabyteSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  dynamoWriteUnit: 0.625 / 1e6,
  dynamoReadUnit: 0.125 / 1e6,
  logGigabyte: 0.5,
  secretCall: 0.05 / 10_000,
};

/** Of templates/provider.yaml; Lambda bills whole milliseconds. */
const memoryGigabytes = 0.25;
const thousand = 1000;

export interface Bill {
  gigabyteSeconds: number;
  readUnits: number;
  writeUnits: number;
  logBytes: number;
  dollars: number;
}

/** What a thousand requests like this one use and cost. */
export function billOf({ cost }: Operation): Bill {
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

export async function cost({ folder, say }: Options): Promise<Section> {
  say('pricing');
  const operations = await measuredOnce(folder);
  const bills = operations.map((operation) => ({ operation, bill: billOf(operation) }));
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
      `Public list prices of ${prices.region}, ${prices.date}: ${prices.lambdaGigabyteSecond} a GB-second (x86), 0.20 a million requests, 0.625 a million write units and 0.125 a million read units on demand, 0.50 a GB of logs, 0.05 per 10,000 secret reads.`,
      "Lambda time is this machine's, with 256 MB and no network latency; a real request waits longer for Genesys Cloud. A cold request is billed with its start.",
    ],
    goals: [],
    figures: {
      prices,
      bills: bills.map(({ operation: { type, operation }, bill }) => ({ type, operation, ...bill })),
    },
  };
}
