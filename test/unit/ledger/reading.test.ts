/** The reading of a whole ledger tells requests that are at work from those that somebody has to look at. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LocalAws } from '../../../local/aws/in-process.ts';
import { readLedger } from '../../../provider/ledger/index.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start();
});
afterAll(() => aws.stop());

const NOW = 1_800_000_000_000;
const MADE = { kind: 'action', id: 'a1', state: 'made', marker: {} };

const put = (requestId: string, changes: object) =>
  aws.putItem('ledger', `ATTEMPT#stack#${requestId}/0123456789abcdef`, {
    requestId,
    lease: { holder: 'h', until: NOW - 60_000 },
    steps: [],
    ...changes,
  });

test('a request that has died is abandoned, and one with a step that stands is unfinished', async () => {
  put('at-work', { state: 'running', lease: { holder: 'h', until: NOW + 10_000 } });
  put('a-moment-late', { state: 'running', lease: { holder: 'h', until: NOW - 1_000 } });
  put('dead', { state: 'running' });
  put('dead-with-a-step', { state: 'running', steps: [MADE] });
  put('failed', { state: 'failed' });
  put('failed-with-a-step', { state: 'failed', steps: [MADE] });
  put('failed-and-undone', { state: 'failed', steps: [{ ...MADE, state: 'undone' }] });
  put('succeeded', { state: 'succeeded', steps: [MADE], answer: { physicalId: 'a1', data: {} } });
  const client = new DynamoDBClient({
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'test' },
  });
  const { unfinished, abandoned } = await readLedger(client, 'ledger', NOW);
  expect(abandoned.map(({ requestId }) => requestId)).toEqual(['dead']);
  expect(unfinished.map(({ requestId }) => requestId)).toEqual(['dead-with-a-step', 'failed-with-a-step']);
});
