/**
 * `node scripts/demo/events.ts <stack> [--region <region>]` prints a stack's events until the stack settles.
 * The environment names the AWS to ask (AWS_ENDPOINT_URL, AWS_REGION, credentials).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters, styleText } from 'node:util';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { isNotThere } from '../../cli/connection/provider-stack.ts';

/** The AWS that has the stacks; `env` has the variables that the `aws` CLI reads. */
export interface EventSource {
  env: Readonly<Record<string, string | undefined>>;
}

export interface TailOptions {
  /** Default: the environment's Region. */
  region?: string | undefined;
  /** Default: console.log. */
  print?: (line: string) => void;
  /** Whether an event is printed; default: every one is. */
  shows?: (event: StackEvent) => boolean;
  /** Milliseconds between two looks; default 250. */
  intervalMs?: number;
}

/**
 * Prints the stack's new events while `during` runs, and the remaining ones when it ends or fails.
 * The stack need not exist yet, and may be deleted meanwhile.
 * @returns the result of `during`
 */
export async function tailEvents<Result>(
  source: EventSource,
  stackName: string,
  during: () => Promise<Result>,
  options: TailOptions = {},
): Promise<Result> {
  const { print = console.log, shows = () => true, intervalMs = 250 } = options;
  const client = cloudFormation(source, options.region);
  const tail = new Tail(client, stackName);
  await tail.next();
  const ended = new AbortController();
  const show = async () => {
    for (const event of await tail.next()) if (shows(event)) print(eventLine(event));
  };
  const printing = (async () => {
    while (!ended.signal.aborted) {
      await show();
      await delay(intervalMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  try {
    return await during();
  } finally {
    ended.abort();
    await printing;
    await show();
    client.destroy();
  }
}

/** One event on one line: time, status, logical id, type and the reason if there is one. */
export function eventLine(event: StackEvent): string {
  const time = event.Timestamp?.toISOString().slice(11, 19) ?? '';
  const status = event.ResourceStatus ?? '';
  const reason = event.ResourceStatusReason ? `\n${' '.repeat(10)}${event.ResourceStatusReason}` : '';
  const line = [
    time,
    painted(status.padEnd(36)),
    (event.LogicalResourceId ?? '').padEnd(28),
    event.ResourceType ?? '',
  ].join('  ');
  return `${line}${reason}`;
}

function painted(status: string): string {
  const colour = /FAILED|ROLLBACK/.test(status) ? 'red' : /COMPLETE/.test(status) ? 'green' : 'gray';
  const text = styleText(colour, status, { stream: process.stdout });
  return process.stdout.isTTY ? text : stripVTControlCharacters(text);
}

/** New events of one stack, oldest first, each once. */
class Tail {
  readonly #client: CloudFormationClient;
  readonly #stackName: string;
  readonly #seen = new Set<string>();
  /** A deleted stack is found by its id, not by its name. */
  #stackId: string | undefined;

  constructor(client: CloudFormationClient, stackName: string) {
    this.#client = client;
    this.#stackName = stackName;
  }

  async next(): Promise<StackEvent[]> {
    const byName = await this.#unseen(this.#stackName);
    const id = byName?.[0]?.StackId;
    const fresh = byName ?? (this.#stackId === undefined ? [] : await this.#unseen(this.#stackId)) ?? [];
    this.#stackId = id ?? this.#stackId;
    for (const event of fresh) this.#seen.add(event.EventId ?? '');
    return fresh.reverse();
  }

  /** Newest first, as AWS lists them; undefined when there is no such stack. */
  async #unseen(stackName: string): Promise<StackEvent[] | undefined> {
    const found: StackEvent[] = [];
    let token: string | undefined;
    try {
      do {
        const page = await this.#client.send(
          new DescribeStackEventsCommand({ StackName: stackName, NextToken: token }),
        );
        const events = page.StackEvents ?? [];
        const unseen = events.filter((event) => !this.#seen.has(event.EventId ?? ''));
        found.push(...unseen);
        token = unseen.length === events.length ? page.NextToken : undefined;
      } while (token !== undefined);
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
    return found;
  }
}

function cloudFormation({ env }: EventSource, region: string | undefined): CloudFormationClient {
  const { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = env;
  const where = region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  return new CloudFormationClient({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(where === undefined ? {} : { region: where }),
    ...(id === undefined || secret === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: id,
            secretAccessKey: secret,
            ...(env['AWS_SESSION_TOKEN'] ? { sessionToken: env['AWS_SESSION_TOKEN'] } : {}),
          },
        }),
  });
}

/** Prints events until the stack settles; resolves to the exit code. */
export async function run(given: string[]): Promise<number> {
  const args = [...given];
  const at = args.indexOf('--region');
  const region = at < 0 ? undefined : args.splice(at, 2)[1];
  const [stackName] = args;
  if (stackName === undefined) {
    console.error('Usage: node scripts/demo/events.ts <stack> [--region <region>]');
    return 2;
  }
  const source = { env: process.env };
  const client = cloudFormation(source, region);
  const tail = new Tail(client, stackName);
  for (;;) {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    for (const event of await tail.next()) console.log(eventLine(event));
    if (!Stacks?.[0]?.StackStatus?.endsWith('_IN_PROGRESS')) return 0;
    await delay(1000);
  }
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
