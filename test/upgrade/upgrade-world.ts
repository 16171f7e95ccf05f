/** A world whose provider is the baseline at first, and later the version at hand. */
import type { RequestListener } from 'node:http';
import type { CustomResourceEvent } from '../../local/cloudformation/events.ts';
import type { LambdaInvoker } from '../../local/cloudformation/lambda-invoker.ts';
import type { StackView } from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import { type Input, type Inputs, inWorldOf } from '../../local/provider/inputs.ts';
import { isThere, remoteObjects } from '../../local/provider/remote.ts';
import { idOf } from '../../local/provider/stacks.ts';
import { genesysErrorBody, LEDGER, reasons } from '../../local/provider/world.ts';
import { ZipWorld } from '../../local/provider/zip-world.ts';
import { capture } from '../../local/server-faults.ts';
import type { Versions } from './versions.ts';

/** A resource type, and the inputs that the baseline's own tests have for it. */
export interface Subject {
  type: string;
  inputs: Inputs;
}

/** Called when Genesys Cloud has done a write. Its answer waits for the end, or is lost. */
type AfterWrite = (event: CustomResourceEvent) => 'lost' | Promise<void>;

/** Paths of writes that belong to a setting of the organization, and so hold no id of the resource. */
const SETTINGS = /^\/api\/v2\/recording\/recordingkeys(\/rotationschedule)?$/;
const CREDENTIALS = /^\/api\/v2\/integrations\/credentials/;
/** A question to Genesys Cloud that is a POST. */
const QUESTION = /\/validate$/;
/** Fields that count or tell the time. Nobody sets them. */
const COUNTING = ['version', 'createdAt', 'savedAt', 'nextLookAt', 'reported', 'names', 'draft'];
const TIMEOUT_MILLISECONDS = 90_000;
const RETRY_MILLISECONDS = 1_000;
const STACK = 'stack';

const isWrite = (method: string, path: string) =>
  method !== 'GET' && path.startsWith('/api/') && !QUESTION.test(path);

export class UpgradeWorld {
  readonly zip: ZipWorld;
  readonly #invokers: Record<keyof Versions, LambdaInvoker>;
  #inUse: keyof Versions = 'baseline';
  #subject: Subject | undefined;
  /** Called for every event before it is delivered. */
  onEvent: (event: CustomResourceEvent) => void = () => {};
  /** Called once, at the first write of the event that is named. */
  afterWrite: { of: CustomResourceEvent['RequestType']; act: AfterWrite } | undefined;
  #event: CustomResourceEvent | undefined;
  #ledgerRead = Promise.withResolvers<void>();
  /** Differs in every Update that changes nothing. CloudFormation sends none for an equal template. */
  #serviceTimeout = 600;

  static async start(versions: Versions): Promise<UpgradeWorld> {
    const zip = await ZipWorld.start(versions.baseline, {
      timeoutMs: TIMEOUT_MILLISECONDS,
      cloudFormation: {
        retryDelaysMs: [RETRY_MILLISECONDS, RETRY_MILLISECONDS],
        // As an alias does, which leaves the processes of both versions warm.
        invoker: {
          invoke: (event, options) => world.#current.invoke(event, options),
          logs: () => world.#current.logs(),
          stop: () => world.#current.stop(),
        },
      },
      around: (errorBody) => (listener) => {
        if (errorBody === genesysErrorBody) return (...call) => world.#watched(listener, ...call);
        return (request, response) => {
          if (/GetItem$/.test(String(request.headers['x-amz-target']))) world.#ledgerRead.resolve();
          listener(request, response);
        };
      },
    });
    const atHand = zip.invoker.version(versions.atHand);
    const world = new UpgradeWorld(zip, { baseline: zip.invoker, atHand });
    return world;
  }

  private constructor(zip: ZipWorld, invokers: Record<keyof Versions, LambdaInvoker>) {
    this.zip = zip;
    this.#invokers = invokers;
    zip.onEvent = (event) => {
      this.#event = event;
      this.onEvent(event);
    };
  }

  /** Begins a further journey in this world, where the one before has left nothing. */
  begin(subject: Subject): void {
    this.#subject = subject;
    this.#inUse = 'baseline';
    this.onEvent = () => {};
    this.afterWrite = undefined;
    this.zip.genesys.clearFaults();
    this.zip.genesys.seed(inWorldOf(subject.inputs.before ?? {}, this.zip));
  }

  /** The next invocation runs this version. One that runs goes on. */
  use(version: keyof Versions): void {
    this.#inUse = version;
  }

  get #current(): LambdaInvoker {
    return this.#invokers[this.#inUse];
  }

  /** The process that works now is killed, as a lost host would be. */
  die(): 'lost' {
    for (const invoker of Object.values(this.#invokers)) invoker.kill();
    return 'lost';
  }

  /** Writes the format of the ledger's objects, as a newer version would. */
  setFormatOfObjects(format: number): void {
    const items = [...(this.zip.aws.tables.get(LEDGER) ?? [])].filter(([key]) => key.startsWith('OBJECT#'));
    expect(items).not.toEqual([]);
    for (const [, item] of items) item['format'] = { N: String(format) };
  }

  /** Resolves when a process reads the ledger. */
  ledgerRead(): Promise<void> {
    this.#ledgerRead = Promise.withResolvers();
    return this.#ledgerRead.promise;
  }

  template(input: Input, more: Record<string, unknown> = {}): Template {
    return this.zip.template(this.#subject?.type ?? '', input, more);
  }

  /** Waits until nothing runs any more. */
  async settled(operation: Promise<StackView>): Promise<StackView> {
    const { id } = await operation;
    await this.zip.cloudFormation.idle();
    return this.zip.cloudFormation.describe(id);
  }

  /** Makes the stack; it has to end so. @returns the physical id */
  async create(template: Template, status = 'CREATE_COMPLETE', name = STACK): Promise<string> {
    const disableRollback = status === 'CREATE_FAILED';
    const stack = await this.settled(
      this.zip.cloudFormation.createStack(name, template, { disableRollback }),
    );
    this.expectStatus(stack, status);
    return idOf(stack);
  }

  /** Updates the stack; it has to end so. @returns the physical id */
  async update(template: Template, status = 'UPDATE_COMPLETE', name = STACK): Promise<string> {
    const disableRollback = status === 'UPDATE_FAILED';
    const stack = await this.settled(
      this.zip.cloudFormation.updateStack(name, template, { disableRollback }),
    );
    this.expectStatus(stack, status);
    return idOf(stack);
  }

  /** Tries the failed operation again, with the same requests. @returns the physical id */
  async retry(status: string, template?: Template): Promise<string> {
    const stack = await this.settled(this.zip.cloudFormation.retry(STACK, template));
    this.expectStatus(stack, status);
    return idOf(stack);
  }

  /** Rolls the failed update back. @returns the physical id */
  async rollBack(): Promise<string> {
    const stack = await this.settled(this.zip.cloudFormation.continueUpdateRollback(STACK));
    this.expectStatus(stack, 'UPDATE_ROLLBACK_COMPLETE');
    return idOf(stack);
  }

  /** Refuses a call to Genesys Cloud once, for want of a permission. */
  refuseOnce(method: string): void {
    this.zip.genesys.faults({
      match: { method, pattern: '^/api/v2/(integrations|recording)/', count: 1 },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
  }

  /**
   * Makes an object that nobody owns: its stack gave it up.
   * @returns its id, and the ids of what is about it
   */
  async unowned(input: Input): Promise<{ id: string; others: string[] }> {
    const { cloudFormation } = this.zip;
    const template = this.template(input, { OnDelete: 'Retain' });
    const made = await this.settled(cloudFormation.createStack('former', template));
    this.expectStatus(made, 'CREATE_COMPLETE');
    this.expectStatus(await this.settled(cloudFormation.deleteStack('former')), 'DELETE_COMPLETE');
    const id = idOf(made);
    return { id, others: this.zip.made().filter((one) => one !== id) };
  }

  /** The same template: nothing is written. */
  async expectUntouched(id: string, input: Input): Promise<void> {
    const before = this.form(id);
    this.#serviceTimeout += 1;
    this.zip.genesys.resetCalls();
    expect(await this.update(this.template(input, { ServiceTimeout: this.#serviceTimeout }))).toBe(id);
    expect(this.writes()).toEqual([]);
    expect(this.form(id)).toEqual(before);
  }

  /** A change in place: only the object itself is written. */
  async expectChanged(id: string, input: Input): Promise<void> {
    this.zip.genesys.resetCalls();
    expect(await this.update(this.template(input))).toBe(id);
    expect(this.writes()).not.toEqual([]);
    expect(this.writesElsewhere(id)).toEqual([]);
    this.expectRemote(id, input);
  }

  /**
   * The baseline goes on, or it refuses the newer records before any write, in the update and in its
   * rollback.
   * @returns whether it went on
   */
  async goesOnOrRefuses(step: () => Promise<void>): Promise<boolean> {
    this.zip.genesys.resetCalls();
    try {
      await step();
      return true;
    } catch (error) {
      const stack = this.zip.cloudFormation.describe(STACK);
      if (!reasons(stack).includes('was written by a newer version of the provider')) throw error;
      expect(this.writes()).toEqual([]);
      this.expectStatus(stack, 'UPDATE_ROLLBACK_FAILED');
      return false;
    }
  }

  /** An update that fails after this resource, and its rollback: the object is as before. */
  async expectWentBack(id: string, template: Template): Promise<void> {
    const before = this.form(id);
    this.zip.genesys.resetCalls();
    expect(await this.update(template, 'UPDATE_ROLLBACK_COMPLETE')).toBe(id);
    expect(this.form(id)).toEqual(before);
    this.expectObjects(id);
  }

  async delete(name = STACK): Promise<void> {
    this.expectStatus(await this.settled(this.zip.cloudFormation.deleteStack(name)), 'DELETE_COMPLETE');
  }

  /** The deletion leaves nothing, and every request of the world was answered. */
  async expectDeleted({ butFor = [] as string[] } = {}): Promise<void> {
    await this.delete();
    this.zip.judge();
    for (const secret of this.zip.secrets()) expect(this.#invokers.atHand.logs()).not.toContain(secret);
    expect(this.zip.findings.filter(({ what }) => !butFor.includes(what))).toEqual([]);
  }

  expectStatus(stack: StackView, status: string): void {
    expect({ status: stack.status, reasons: stack.status === status ? '' : reasons(stack) }).toEqual({
      status,
      reasons: '',
    });
  }

  /** Genesys Cloud holds this object, what belongs to it, and nothing else. */
  expectObjects(...ids: string[]): void {
    expect(this.zip.made().filter((one) => !ids.some((id) => this.#own(id).includes(one)))).toEqual([]);
    expect(this.zip.made()).toEqual(expect.arrayContaining(ids));
  }

  expectRemote(id: string, { remote = {} }: Input): void {
    expect(this.remote(id)).toMatchObject(inWorldOf(remote, this.zip));
  }

  remote(id: string): Record<string, unknown> | undefined {
    return [...remoteObjects(this.zip.genesys)].find((entry) => entry[1]['id'] === id && isThere(entry))?.[1];
  }

  /** Everything that somebody sets of an object. */
  form(id: string): unknown {
    expect(this.remote(id)).toBeDefined();
    const text = JSON.stringify(this.remote(id), (key, value) =>
      COUNTING.includes(key) ? undefined : value,
    );
    return JSON.parse(text);
  }

  /** Calls to Genesys Cloud that may change something, as `PUT /api/v2/…`. */
  writes(): string[] {
    return this.zip.genesys
      .calls()
      .filter(({ method, path }) => isWrite(method, path))
      .map(({ method, path }) => `${method} ${path}`);
  }

  /**
   * Writes to other objects than this one and what belongs to it. An update makes a credential of its own;
   * the end of a journey shows that none is left over.
   */
  writesElsewhere(id: string): string[] {
    return this.writes().filter((write) => {
      const path = write.replace(/^\w+ /, '');
      return (
        !SETTINGS.test(path) &&
        !CREDENTIALS.test(path) &&
        !this.#own(id).some((own) => path.split('/').includes(own))
      );
    });
  }

  /** The id of an object, and the ids of its credentials. */
  #own(id: string): string[] {
    const { config } = (this.remote(id) ?? {}) as { config?: { credentials?: Record<string, string> } };
    return [id, ...Object.values(config?.credentials ?? {})];
  }

  async #watched(listener: RequestListener, ...[request, response]: Parameters<RequestListener>) {
    const { afterWrite } = this;
    const event = this.#event;
    const isOther = !isWrite(request.method ?? '', request.url ?? '');
    if (isOther || event === undefined || event.RequestType !== afterWrite?.of)
      return listener(request, response);
    this.afterWrite = undefined;
    const { status, headers, body } = await capture(listener, request, response);
    const end = afterWrite.act(event);
    if (end === 'lost') {
      response.destroy();
      return;
    }
    await end;
    response.writeHead(status, headers).end(body);
  }

  async stop(): Promise<void> {
    await this.zip.cloudFormation.stop();
    await this.#invokers.atHand.stop();
    await this.zip.stop();
  }
}
