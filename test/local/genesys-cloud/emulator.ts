import { type MiniStack, startMiniStack } from '../../../local/aws/ministack.ts';

export const region = 'eu-west-1';
export const account = '000000000000';
export const genesys = 'arn:aws:iam::765628985471:root';

let stack: MiniStack;
export let endpoint: string;

/** Starts MiniStack as it is published; for `beforeAll`. */
export async function startEmulator(): Promise<void> {
  stack = await startMiniStack({ region, withoutPatches: 'all' });
  endpoint = stack.url;
}

/** For `afterAll`. */
export async function stopEmulator(): Promise<void> {
  await stack?.stop();
}

/** The configuration of an SDK client of an account. */
export const client = (owner = account) => ({
  endpoint,
  region,
  credentials: { accessKeyId: owner, secretAccessKey: 'test' },
});

export const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
