import type { RequestListener } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LocalAws } from '../../local/aws/in-process.ts';
import { Ledger, type LedgerRequest, type OpenAttempt, Store } from '../../provider/ledger/index.ts';
import { FakeClock } from './fake-clock.ts';

export const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/orders/1';

/** A request of one logical resource. Its attempt is the first generation, unless the test says otherwise. */
export const requestOf = (more: Partial<LedgerRequest> = {}): LedgerRequest => ({
  stackId,
  logicalId: 'Action',
  requestId: 'r1',
  attemptId: `${more.requestId ?? 'r1'}/1`,
  type: 'Create',
  resourceType: 'Custom::GenesysDataAction',
  content: '',
  wanted: '',
  ...more,
});

/** An empty ledger over DynamoDB's wire protocol in this process, and a clock that the test advances. */
export class LedgerWorld {
  readonly aws: LocalAws;
  readonly dynamo: DynamoDBClient;
  readonly clock: FakeClock;
  readonly store: Store;
  readonly ledger: Ledger;

  /** @param around stands before DynamoDB's own listener */
  static async start(around?: (listener: RequestListener) => RequestListener): Promise<LedgerWorld> {
    const clock = new FakeClock();
    return new LedgerWorld(await LocalAws.start(around, clock), clock);
  }

  private constructor(aws: LocalAws, clock: FakeClock) {
    this.aws = aws;
    this.clock = clock;
    aws.tables.set('ledger', new Map());
    this.dynamo = new DynamoDBClient({
      endpoint: aws.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      // The SDK's own repeats take real time.
      maxAttempts: 1,
    });
    this.store = new Store(this.dynamo, 'ledger', this.clock);
    this.ledger = new Ledger(this.store, this.clock);
  }

  deadline(milliseconds = 300_000) {
    return { signal: new AbortController().signal, at: this.clock.now() + milliseconds };
  }

  /** Begins the attempt of a request. @throws Error where the ledger has another verdict than to go on */
  async begin(request: LedgerRequest, milliseconds?: number): Promise<OpenAttempt> {
    const begun = await this.ledger.begin(request, this.deadline(milliseconds));
    if (begun.verdict !== 'go') throw new Error(begun.verdict);
    return begun.attempt;
  }

  async stop(): Promise<void> {
    this.dynamo.destroy();
    await this.aws.stop();
  }
}
