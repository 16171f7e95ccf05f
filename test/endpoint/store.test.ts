import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { systemClock } from '../../common/clock.ts';
import { once } from '../../endpoint/idempotency.ts';
import { RecordStore } from '../../endpoint/store.ts';

/**
 * A table by its replies to the claims: the record in the way, `removed` if DynamoDB has removed the record
 * meanwhile, or `yes`.
 */
function table(...replies: (Record<string, unknown> | 'removed' | 'yes')[]) {
  const client = {
    async send(command: UpdateItemCommand) {
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      if (reply === 'yes') return { Attributes: { attempt: { N: '1' } } };
      expect(command).toBeInstanceOf(UpdateItemCommand);
      const found = reply === 'removed' ? {} : { Item: reply };
      throw Object.assign(new ConditionalCheckFailedException({ message: '', $metadata: {} }), found);
    },
  } as unknown as DynamoDBClient;
  return new RecordStore(() => client, 't');
}

const expired = {
  id: { S: 'k' },
  status: { S: 'COMPLETED' },
  owner: { S: 'other' },
  validation: { S: 'another payload' },
  expiration: { N: '1' },
  data: { S: '{}' },
};
const answer = { status: 200, data: 'new', requiresRetry: false, processedAt: 'now' };
const request = (store: RecordStore) =>
  once({ key: 'k', payloadHash: 'h' }, async () => ({ kind: 'answered', answer }), {
    store,
    clock: systemClock,
    owner: 'me',
    onUnknownOutcome: 'Retry',
    windowSeconds: 60,
    attemptMs: 1000,
    deadlineMs: Date.now() + 5000,
    signal: new AbortController().signal,
  });

describe('an expired record that DynamoDB removes between two tries to claim its key', () => {
  test('stands in nobody’s way: the key is claimed again', async () => {
    expect(await request(table(expired, 'removed', 'yes'))).toEqual({ answer, replayed: false });
  });

  test('and that comes and goes is a 503, not for ever', async () => {
    await expect(request(table('removed'))).rejects.toMatchObject({ code: 'IdempotencyUnavailable' });
  });
});
