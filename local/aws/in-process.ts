/**
 * The few calls that the provider makes to AWS, on one port and in AWS's wire protocols, so that the real
 * SDK clients run: DynamoDB (conditional writes, a read and a scan), Secrets Manager, KMS, S3, the Parameter
 * Store and the configuration of a Lambda function. Calls to CloudFormation go on to a driver. Unknown calls
 * are refused. Secrets and objects can be changed, deleted or forbidden at any moment. The tests of the
 * ledger run against MiniStack too, so that both stay alike.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Clock, systemClock } from '../../common/clock.ts';
import { RotatedSecret } from './rotated-secret.ts';

type Attribute = { S: string } | { N: string };
type Item = Record<string, Attribute>;

interface Write {
  TableName: string;
  ConditionExpression: string;
  ExpressionAttributeValues: Record<string, Attribute>;
}
type Put = Write & { Item: Item };
type Delete = Write & { Key: Item };
type Transaction = { TransactItems: ({ Put: Put } | { Delete: Delete })[]; ClientRequestToken: string };

export interface Secret {
  /** Of the current version, and of every version where `versions` are not told apart. */
  text: string;
  /** Of the version that a rotation has made and not put in place yet. */
  pending?: string | undefined;
  tags?: Record<string, string>;
  /** Texts by version id. */
  versions?: Record<string, string>;
  /**
   * The code of the error that reading its text ends in, such as AccessDeniedException or DecryptionFailure.
   */
  refusal?: string;
}

/** An object of a versioned bucket. */
export interface S3Object {
  /** Oldest first. */
  versions: { id: string; text: string }[];
  /** The code of the error that every reading ends in, such as AccessDenied or KMS.DisabledException. */
  refusal?: string;
}

export interface Key {
  arn: string;
  state?: 'Enabled' | 'Disabled' | 'PendingDeletion';
  spec?: string;
  policy?: string;
}

/** An error answer of AWS. */
class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  readonly more: Record<string, unknown>;

  constructor(type: string, message: string, more: Record<string, unknown> = {}, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
    this.more = more;
  }
}

/** The caller of a signed request: an access key of twelve digits is the account of that number. */
export interface Caller {
  account: string;
  region: string;
}

const FUNCTION_CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;
const DEFAULT_ACCOUNT = '123456789012';

export class LocalAws {
  /**
   * Items by table, then by partition key. A table with an ARN for its name is in that account and Region;
   * one with a plain name is in the account and Region of every caller.
   */
  readonly tables = new Map<string, Map<string, Item>>();
  /**
   * Whether a table's resource policy admits a caller of another account. Default: no table has such a
   * policy.
   */
  admits: (caller: Caller, operation: string, tableArn: string) => boolean = () => false;
  /** Regions in which DynamoDB does not answer: connections are cut. */
  readonly awayRegions = new Set<string>();
  /** By ARN. */
  readonly secrets = new Map<string, Secret>();
  /** By bucket and key: `<bucket>/<key>`. */
  readonly objects = new Map<string, S3Object>();
  /** The environments of Lambda functions, by ARN. */
  readonly functions = new Map<string, Record<string, string>>();
  /** Values of the Parameter Store by name. */
  readonly parameters = new Map<string, string>();
  /** By alias ARN. */
  readonly keys = new Map<string, Key>();
  /** The server that answers DescribeStacks (local/cloudformation/query-api.ts). */
  stacksUrl: string | undefined;
  /** The same where there are several, by account and Region: `123456789012 us-east-1`. */
  readonly stacksUrls = new Map<string, string>();
  /** Services that refuse every call, by the prefix of their X-Amz-Target; or `cloudformation`, `lambda`. */
  readonly unreachable = new Set<
    'DynamoDB' | 'secretsmanager' | 'TrentService' | 'AmazonSSM' | 'cloudformation' | 'lambda'
  >();
  /** Every call so far, in order, such as `DynamoDB.GetItem`. */
  readonly calls: string[] = [];
  /** The ARNs of the secrets that were read, in order. */
  readonly secretsRead: string[] = [];
  readonly #tokens = new Map<string, string>();
  readonly #clock: Pick<Clock, 'now'>;
  readonly #server;
  #throttledUntil = 0;

  /** @param clock by which a spell of throttling ends */
  static async start(
    around: (listener: RequestListener) => RequestListener = (it) => it,
    clock: Pick<Clock, 'now'> = systemClock,
  ): Promise<LocalAws> {
    const aws = new LocalAws(around, clock);
    await new Promise<void>((resolve) => aws.#server.listen(0, '127.0.0.1', resolve));
    return aws;
  }

  private constructor(around: (listener: RequestListener) => RequestListener, clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#server = createServer(
      around((request, response) => {
        this.#serve(request, response).catch(() => response.destroy());
      }),
    );
    this.#server.keepAliveTimeout = 60_000;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** The bodies of the items of a table by key, for assertions. */
  items(table: string): Map<string, Record<string, unknown>> {
    const items = this.tables.get(table) ?? new Map<string, Item>();
    return new Map([...items].map(([key, item]) => [key, JSON.parse(textIn(item['body']))]));
  }

  /** Puts an item into a table, as a first writer would. */
  putItem(table: string, key: string, body: unknown): void {
    const item: Item = { pk: { S: key }, body: { S: JSON.stringify(body) }, revision: { N: '1' } };
    const items = this.tables.get(table) ?? new Map<string, Item>();
    this.tables.set(table, items.set(key, item));
  }

  // ---- what happens to tables

  /** The items of a table as they are now, as a backup keeps them. */
  backUp(table: string): ReadonlyMap<string, Item> {
    return structuredClone(this.#known(table));
  }

  /** Makes a table again what it was when it was backed up. */
  restore(table: string, backup: ReadonlyMap<string, Item>): void {
    this.#known(table);
    this.tables.set(table, new Map(structuredClone(backup)));
  }

  /** Takes every item out of a table. */
  empty(table: string): void {
    this.#known(table).clear();
  }

  /** From now on, for so many milliseconds, DynamoDB throttles every call. */
  throttleTables(forMs: number): void {
    this.#throttledUntil = this.#clock.now() + forMs;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const caller = callerOf(request);
    const target = request.headers['x-amz-target'];
    const [, functionArn] = FUNCTION_CONFIGURATION.exec(request.url ?? '') ?? [];
    if (functionArn !== undefined) return this.#function(decodeURIComponent(functionArn), response);
    if (request.method === 'GET') return this.#object(request.url ?? '', response);
    if (typeof target !== 'string') return this.#passOn(body, response, caller);
    const [api = '', operation = ''] = target.split('.');
    const service = api.split('_')[0] ?? api;
    this.calls.push(`${service}.${operation}`);
    if (service === 'DynamoDB' && this.awayRegions.has(caller.region)) return void response.destroy();
    try {
      if (this.unreachable.has(service as 'DynamoDB')) {
        throw new Refusal('AccessDeniedException', `not authorized to perform: ${operation}`);
      }
      if (service === 'DynamoDB' && this.#clock.now() < this.#throttledUntil)
        throw new Refusal('ThrottlingException', 'Throughput exceeds the current capacity of your table');
      this.#send(response, 200, this.#answer(service, operation, JSON.parse(body), caller));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#send(response, error.status, { __type: error.type, message: error.message, ...error.more });
    }
  }

  #send(response: ServerResponse, status: number, body: unknown): void {
    const bytes = JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(bytes),
    });
    response.end(bytes);
  }

  async #passOn(body: string, response: ServerResponse, { account, region }: Caller): Promise<void> {
    const stacksUrl = this.stacksUrls.get(`${account} ${region}`) ?? this.stacksUrl;
    this.calls.push('cloudformation.Query');
    if (stacksUrl === undefined || this.unreachable.has('cloudformation')) {
      response
        .writeHead(403, { 'content-type': 'text/xml' })
        .end('<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>');
      return;
    }
    const answer = await fetch(stacksUrl, { method: 'POST', body });
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(await answer.text());
  }

  #answer(service: string, operation: string, input: unknown, caller: Caller): unknown {
    const tables = (name: string) => this.#table(name, operation, caller);
    switch (`${service}.${operation}`) {
      case 'DynamoDB.GetItem':
        return this.#get(input as { TableName: string; Key: Item; ConsistentRead: boolean }, tables);
      case 'DynamoDB.Scan':
        return this.#scan(input as { TableName: string; ExclusiveStartKey?: Item }, tables);
      case 'DynamoDB.PutItem':
        return this.#writeOne({ Put: input as Put }, tables);
      case 'DynamoDB.DeleteItem':
        return this.#writeOne({ Delete: input as Delete }, tables);
      case 'DynamoDB.TransactWriteItems':
        return this.#transact(input as Transaction, tables);
      case 'secretsmanager.GetSecretValue':
        return this.#secret(input as { SecretId: string }, (ARN, secret) => {
          const found = textOf(secret, input as { VersionId?: string; VersionStage?: string });
          this.secretsRead.push(ARN);
          return { ARN, SecretString: found };
        });
      case 'secretsmanager.DescribeSecret':
        return this.#secret(input as { SecretId: string }, (ARN, secret) => ({
          ARN,
          Tags: Object.entries(secret.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
          ...(secret instanceof RotatedSecret ? secret.described() : {}),
        }));
      case 'secretsmanager.PutSecretValue':
      case 'secretsmanager.UpdateSecretVersionStage':
        return this.#secret(input as { SecretId: string }, (ARN, secret) => {
          if (!(secret instanceof RotatedSecret)) throw new Refusal('InvalidRequestException', 'not rotated');
          const refused = operation === 'PutSecretValue' ? secret.put(input) : secret.move(input);
          if (refused !== undefined) throw new Refusal(refused, 'refused');
          return { ARN };
        });
      case 'AmazonSSM.GetParameters': {
        const { Names } = input as { Names: string[] };
        const isKnown = (name: string) => this.parameters.has(name);
        const Parameters = Names.filter(isKnown).map((Name) => ({ Name, Value: this.parameters.get(Name) }));
        return { Parameters, InvalidParameters: Names.filter((name) => !isKnown(name)) };
      }
      case 'TrentService.DescribeKey': {
        const key = this.#key(input as { KeyId: string });
        return {
          KeyMetadata: {
            KeyId: key.arn,
            Arn: key.arn,
            Enabled: (key.state ?? 'Enabled') === 'Enabled',
            KeyState: key.state ?? 'Enabled',
            KeySpec: key.spec ?? 'SYMMETRIC_DEFAULT',
            KeyUsage: 'ENCRYPT_DECRYPT',
          },
        };
      }
      case 'TrentService.GetKeyPolicy': {
        const { policy } = this.#key(input as { KeyId: string });
        if (policy === undefined) throw new Refusal('AccessDeniedException', 'not authorized');
        return { Policy: policy };
      }
      default:
        throw new Refusal('UnknownOperationException', `${service}.${operation} is not served here`);
    }
  }

  // ---- DynamoDB

  /** @throws Error for a table that was never made */
  #known(table: string): Map<string, Item> {
    const items = this.tables.get(table);
    if (items === undefined) throw new Error(`There is no table ${table}.`);
    return items;
  }

  /** The table of a request: by name in the caller's account and Region, or by an ARN of that Region. */
  #table(name: string, operation: string, caller: Caller): Map<string, Item> {
    const notFound = new Refusal('ResourceNotFoundException', `Requested resource not found: Table: ${name}`);
    const [, , , region, account] = name.split(':');
    if (account === undefined) {
      const arn = `arn:aws:dynamodb:${caller.region}:${caller.account}:table/${name}`;
      return this.tables.get(arn) ?? this.tables.get(name) ?? fail(notFound);
    }
    if (region !== caller.region) throw notFound;
    if (account !== caller.account && !this.admits(caller, operation, name)) {
      throw new Refusal(
        'AccessDeniedException',
        `User of account ${caller.account} is not authorized to perform: dynamodb:${operation} on resource: ${name} because no resource-based policy allows the dynamodb:${operation} action`,
      );
    }
    return this.tables.get(name) ?? fail(notFound);
  }

  #get(
    { TableName, Key, ConsistentRead }: { TableName: string; Key: Item; ConsistentRead: boolean },
    tables: Tables,
  ) {
    if (!ConsistentRead)
      throw new Refusal('ValidationException', 'the ledger has to read what was written last');
    const Item = tables(TableName).get(textIn(Key['pk']));
    return Item === undefined ? {} : { Item };
  }

  /** A page ends once it has 1 MB (DynamoDB API reference, Scan). */
  #scan({ TableName, ExclusiveStartKey }: { TableName: string; ExclusiveStartKey?: Item }, tables: Tables) {
    const all = [...tables(TableName)].sort(([one], [other]) => (one < other ? -1 : 1));
    const after = ExclusiveStartKey && textIn(ExclusiveStartKey['pk']);
    const Items: Item[] = [];
    let bytes = 0;
    for (const [key, item] of all) {
      if (after !== undefined && key <= after) continue;
      Items.push(item);
      bytes += JSON.stringify(item).length;
      if (bytes >= 1024 * 1024) return { Items, LastEvaluatedKey: { pk: item['pk'] } };
    }
    return { Items };
  }

  #writeOne(write: { Put: Put } | { Delete: Delete }, tables: Tables) {
    if (isTooLarge(write))
      throw new Refusal('ValidationException', 'Item size has exceeded the maximum allowed size');
    if (!this.#holds(write, tables))
      throw new Refusal('ConditionalCheckFailedException', 'The conditional request failed');
    this.#apply(write, tables);
    return {};
  }

  #transact({ TransactItems, ClientRequestToken }: Transaction, tables: Tables) {
    const sent = JSON.stringify(TransactItems);
    const before = this.#tokens.get(ClientRequestToken);
    if (before !== undefined && before !== sent)
      throw new Refusal('IdempotentParameterMismatchException', 'the token was used with other parameters');
    if (before !== undefined) return {};
    if (new Set(TransactItems.map(keyOf)).size !== TransactItems.length)
      throw new Refusal(
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      );
    if (TransactItems.some(isTooLarge)) {
      throw new Refusal('TransactionCanceledException', 'Transaction cancelled', {
        CancellationReasons: TransactItems.map((write) => ({
          Code: isTooLarge(write) ? 'ValidationError' : 'None',
        })),
      });
    }
    const holding = TransactItems.map((write) => this.#holds(write, tables));
    if (holding.includes(false)) {
      throw new Refusal('TransactionCanceledException', 'Transaction cancelled', {
        CancellationReasons: holding.map((holds) => ({ Code: holds ? 'None' : 'ConditionalCheckFailed' })),
      });
    }
    for (const write of TransactItems) this.#apply(write, tables);
    this.#tokens.set(ClientRequestToken, sent);
    return {};
  }

  /** Evaluates the two conditions of the ledger. Every other condition is refused. */
  #holds(write: { Put: Put } | { Delete: Delete }, tables: Tables): boolean {
    const { TableName, ConditionExpression, ExpressionAttributeValues: values } = bodyOf(write);
    const item = tables(TableName).get(keyOf(write));
    if (ConditionExpression === 'attribute_not_exists(pk) OR expiresAt <= :now') {
      const expiresAt = item?.['expiresAt'];
      return (
        item === undefined || (expiresAt !== undefined && numberIn(expiresAt) <= numberIn(values[':now']))
      );
    }
    if (ConditionExpression === 'revision = :revision') {
      return item !== undefined && numberIn(item['revision']) === numberIn(values[':revision']);
    }
    throw new Refusal('ValidationException', `Invalid ConditionExpression: ${ConditionExpression}`);
  }

  #apply(write: { Put: Put } | { Delete: Delete }, tables: Tables): void {
    const table = tables(bodyOf(write).TableName);
    if ('Put' in write) table.set(keyOf(write), write.Put.Item);
    else table.delete(keyOf(write));
  }

  // ---- S3

  /** Puts a new version of an object. @returns the id of the version */
  putObject(place: string, text: string): string {
    const { versions, ...others } = this.objects.get(place) ?? { versions: [] };
    const id = `version-${versions.length + 1}`;
    this.objects.set(place, { ...others, versions: [...versions, { id, text }] });
    return id;
  }

  /** GetObject with path-style addresses (Amazon S3 API reference). */
  #object(address: string, response: ServerResponse): void {
    this.calls.push('s3.GetObject');
    const url = new URL(address, this.url);
    const object = this.objects.get(decodeURIComponent(url.pathname.slice(1)));
    const versionId = url.searchParams.get('versionId');
    const found = object?.versions.findLast(({ id }) => versionId === null || id === versionId);
    const code = object?.refusal ?? (object === undefined ? 'NoSuchKey' : 'NoSuchVersion');
    if (found === undefined || object?.refusal !== undefined) {
      response
        .writeHead(code.startsWith('NoSuch') ? 404 : 403, { 'content-type': 'application/xml' })
        .end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
      return;
    }
    response.writeHead(200, {
      'x-amz-version-id': found.id,
      'content-length': Buffer.byteLength(found.text),
    });
    response.end(found.text);
  }

  // ---- Lambda

  /** GetFunctionConfiguration (AWS Lambda API reference). */
  #function(arn: string, response: ServerResponse): void {
    this.calls.push('lambda.GetFunctionConfiguration');
    const variables = this.functions.get(arn);
    const refuse = (status: number, type: string) =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type })
        .end(JSON.stringify({ Message: `${type}: ${arn}` }));
    if (this.unreachable.has('lambda')) return void refuse(403, 'AccessDeniedException');
    if (variables === undefined) return void refuse(404, 'ResourceNotFoundException');
    const body = { FunctionArn: arn, Environment: { Variables: variables } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  // ---- Secrets Manager and KMS

  #secret(
    { SecretId }: { SecretId: string },
    answer: (arn: string, secret: Secret) => Record<string, unknown>,
  ) {
    const secret = this.secrets.get(SecretId);
    if (secret === undefined)
      throw new Refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return answer(SecretId, secret);
  }

  #key({ KeyId }: { KeyId: string }): Key {
    const key = this.keys.get(KeyId) ?? [...this.keys.values()].find(({ arn }) => arn === KeyId);
    if (key === undefined) throw new Refusal('NotFoundException', `Alias ${KeyId} is not found.`);
    return key;
  }
}

function textOf(
  { text, pending, versions, refusal }: Secret,
  { VersionId, VersionStage }: { VersionId?: string; VersionStage?: string },
): string {
  if (refusal !== undefined) throw new Refusal(refusal, 'refused');
  const isPending = VersionStage === 'AWSPENDING';
  if (!isPending && (VersionId === undefined || versions === undefined)) return text;
  const found = isPending ? pending : versions?.[VersionId ?? ''];
  if (found === undefined)
    throw new Refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret value.");
  return found;
}

/** Finds the table of a request. */
type Tables = (name: string) => Map<string, Item>;

function fail(error: Refusal): never {
  throw error;
}

/** The caller that a request is signed for: `Credential=<access key>/<date>/<Region>/…`. */
function callerOf({ headers }: IncomingMessage): Caller {
  const [, key = '', region = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  return { account: /^\d{12}$/.test(key) ? key : DEFAULT_ACCOUNT, region };
}

const bodyOf = (write: { Put: Put } | { Delete: Delete }): Write =>
  'Put' in write ? write.Put : write.Delete;
const keyOf = (write: { Put: Put } | { Delete: Delete }): string =>
  textIn(('Put' in write ? write.Put.Item : write.Delete.Key)['pk']);
/** An item has 400 KB at most: the UTF-8 of its names and values (DynamoDB developer guide, "Quotas"). */
const isTooLarge = (write: { Put: Put } | { Delete: Delete }): boolean =>
  'Put' in write &&
  Object.entries(write.Put.Item)
    .map(([name, value]) => Buffer.byteLength(name) + Buffer.byteLength(Object.values(value).join('')))
    .reduce((sum, bytes) => sum + bytes, 0) >
    400 * 1024;
const textIn = (attribute: Attribute | undefined): string =>
  attribute !== undefined && 'S' in attribute ? attribute.S : '';
const numberIn = (attribute: Attribute | undefined): number =>
  attribute !== undefined && 'N' in attribute ? Number(attribute.N) : Number.NaN;

/** The error answer of AWS for an injected status. */
export function awsErrorBody(status: number, request: IncomingMessage): { status: number; body: string } {
  const target = String(request.headers['x-amz-target'] ?? '');
  if (request.method === 'GET') {
    const codes: Record<number, string> = { 403: 'AccessDenied', 404: 'NoSuchKey', 503: 'SlowDown' };
    return { status, body: `<Error><Code>${codes[status] ?? 'InternalError'}</Code></Error>` };
  }
  if (target === '') {
    const codes: Record<number, string> = { 400: 'ValidationError', 403: 'AccessDenied', 429: 'Throttling' };
    const code = codes[status] ?? 'InternalFailure';
    return { status, body: `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>` };
  }
  if (status === 409 && target.endsWith('.TransactWriteItems')) {
    const CancellationReasons = [{ Code: 'TransactionConflict' }, { Code: 'None' }];
    return {
      status: 400,
      body: JSON.stringify({ __type: 'TransactionCanceledException', CancellationReasons }),
    };
  }
  const types: Record<number, string> = {
    400: 'ValidationException',
    401: 'UnrecognizedClientException',
    403: 'AccessDeniedException',
    404: 'ResourceNotFoundException',
    408: 'RequestTimeout',
    409: 'TransactionConflictException',
    429: 'ThrottlingException',
    503: 'ServiceUnavailable',
  };
  const type = types[status] ?? 'InternalServerError';
  return { status, body: JSON.stringify({ __type: type, message: `injected ${status}` }) };
}
