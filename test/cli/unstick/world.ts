/** A provider that a test breaks and mends, its failure queue, and `unstick` by the door of the command. */
import { PassThrough } from 'node:stream';
import { run } from '../../../cli/main.ts';
import { aws, outputs } from '../../../local/aws/cli.ts';
import { ProviderWorld } from '../../e2e/provider-world.ts';
import { type Resource, template } from '../../support/templates.ts';

const FUNCTION = 'genesys-cloud-provider';

export interface Ended {
  code: number;
  out: string;
  problems: string;
}

export interface ShownEntry {
  number: number;
  stack?: string;
  logicalId?: string;
  requestType?: string;
  requestId?: string;
  isWaiting: boolean;
  canBeAnswered: boolean;
  cloudFormation?: string;
  ledger?: string;
  problem?: string;
}

export class StuckWorld {
  readonly provider: ProviderWorld;
  readonly queueUrl: string;
  /** Everything that the command has written. */
  written = '';

  static async start(): Promise<StuckWorld> {
    const provider = await ProviderWorld.start();
    const { FailureQueueUrl = '' } = await outputs(provider.ministack, FUNCTION);
    return new StuckWorld(provider, FailureQueueUrl);
  }

  private constructor(provider: ProviderWorld, queueUrl: string) {
    this.provider = provider;
    this.queueUrl = queueUrl;
  }

  /** From now on every invocation of the provider fails before its code runs. */
  breakProvider = () => this.#handler('missing.handler');
  mendProvider = () => this.#handler('index.handler');

  /** Begins an operation of a stack, which does not end while the provider is broken. */
  async begin(operation: 'create-stack' | 'update-stack', name: string, resources: Record<string, Resource>) {
    const file = await this.provider.files.file(template(resources));
    const args = ['cloudformation', operation, '--stack-name', name, '--template-body', `file://${file}`];
    await aws(this.provider.ministack, args);
  }

  beginDeletion = (name: string) =>
    aws(this.provider.ministack, ['cloudformation', 'delete-stack', '--stack-name', name]);

  /** Waits until so many events are in the queue. */
  async untilStuck(count = 1): Promise<void> {
    const attributes = ['--attribute-names', 'ApproximateNumberOfMessages'];
    for (;;) {
      const { Attributes } = await this.#sqs<{ Attributes: Record<string, string> }>(
        'get-queue-attributes',
        ...attributes,
      );
      if (Number(Attributes['ApproximateNumberOfMessages']) >= count) return;
    }
  }

  /** Waits until the stack has a status. */
  async until(name: string, status: string): Promise<void> {
    for (;;) {
      const { StackSummaries } = await aws<{ StackSummaries: { StackName: string; StackStatus: string }[] }>(
        this.provider.ministack,
        ['cloudformation', 'list-stacks'],
      );
      if (StackSummaries.some((one) => one.StackName === name && one.StackStatus === status)) return;
    }
  }

  send = (body: string) => this.#sqs('send-message', '--message-body', body);

  /** The bodies in the queue; they stay there. */
  async bodies(): Promise<string[]> {
    const { Messages = [] } = await this.#sqs<{ Messages?: { Body: string }[] }>(
      'receive-message',
      ...['--visibility-timeout', '0', '--max-number-of-messages', '10'],
    );
    return Messages.map(({ Body }) => Body);
  }

  /** Another reader takes an event, and keeps it. */
  take = () => this.#sqs('receive-message', '--visibility-timeout', '60');

  /** Takes everything out of the queue. */
  purge = () => this.#sqs('purge-queue');

  /**
   * Runs the command as a person at a terminal who types a line, or in a pipe. `meanwhile` happens between
   * the question and the line.
   */
  async unstick(
    args: string[],
    typed?: string,
    environment: Record<string, string> = {},
    meanwhile: () => Promise<unknown> = async () => undefined,
  ): Promise<Ended> {
    const { env } = this.provider.ministack;
    const before = { ...process.env };
    Object.assign(process.env, env, { ALLOW_LOOPBACK_RESPONSE_URL: 'true' }, environment);
    const texts = { out: '', problems: '' };
    const into = (name: keyof typeof texts) => ({
      write: (text: string) => {
        texts[name] += text;
        this.written += text;
        if (typed !== undefined && / to go on: $/.test(text))
          void meanwhile().finally(() => input.end(`${typed}\n`));
      },
    });
    const input = Object.assign(new PassThrough(), { isTTY: typed !== undefined });
    try {
      const code = await run(['unstick', ...args], { input, out: into('out'), problems: into('problems') });
      return { code, ...texts };
    } finally {
      process.env = before;
    }
  }

  async list(): Promise<{ code: number; events: ShownEntry[] }> {
    const { code, out, problems } = await this.unstick(['--format', 'json']);
    if (problems !== '') throw new Error(problems);
    return { code, ...(JSON.parse(out) as { events: ShownEntry[] }) };
  }

  stop = () => this.provider.stop();

  // The AWS CLI has a host of its own for SQS, and heeds no variable there.
  #sqs<T>(...[operation = '', ...args]: string[]): Promise<T> {
    const { ministack } = this.provider;
    const where = ['--queue-url', this.queueUrl, '--endpoint-url', ministack.url];
    return aws<T>(ministack, ['sqs', operation, ...where, ...args]);
  }

  async #handler(handler: string): Promise<void> {
    await aws(this.provider.ministack, [
      ...['lambda', 'update-function-configuration', '--function-name', FUNCTION, '--handler', handler],
    ]);
  }
}
