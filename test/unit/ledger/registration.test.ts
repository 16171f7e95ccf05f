/** A container looks for the registration once. Each request waits for that look with its own time. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LocalAws } from '../../../local/aws/in-process.ts';
import { RegisteredStore, Registration, Store } from '../../../provider/ledger/index.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const PROVIDER = 'arn:aws:lambda:us-east-1:123456789012:function:provider';

test('a look that ends with the time of one request is begun again for the other one', async () => {
  const arrived = Promise.withResolvers<void>();
  let hanging = 1;
  const aws = await LocalAws.start((listener) => (request, response) => {
    const isRead = String(request.headers['x-amz-target']).endsWith('.GetItem');
    if (!isRead || hanging-- <= 0) return listener(request, response);
    return arrived.resolve();
  });
  const client = new DynamoDBClient({
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  try {
    aws.tables.set('ledger', new Map());
    const clock = new FakeClock();
    const registration = new Registration(new Store(client, 'ledger', clock), 'ledger', PROVIDER, clock);
    hanging = 0;
    await registration.register();
    hanging = 1;
    const store = new RegisteredStore(client, 'ledger', clock, registration);
    const first = new AbortController();
    const one = store.read('a', first);
    const other = store.read('a', new AbortController());
    const refused = expect(one).rejects.toThrow('cannot be used');
    await arrived.promise;
    first.abort();
    await refused;
    expect(await other).toBeUndefined();
  } finally {
    client.destroy();
    await aws.stop();
  }
});
