/**
 * A door in front of a local AWS that asks hooks before CloudFormation creates or updates anything. MiniStack
 * knows no hooks. Calls other than those that make or execute a change go through as they are.
 *
 * AWS does not document how a stack looks after its STACK hook has stopped it. Here the call itself is
 * refused, which leaves nothing either.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { ChangedResource, HookAction, HookedOperation, HookTarget } from './hook-requests.ts';
import type { LambdaHook } from './lambda-hook.ts';

/** A call of CloudFormation's Query API. */
interface Call {
  parameters: URLSearchParams;
  headers: IncomingHttpHeaders;
}

interface Reply {
  status: number;
  type: string;
  body: string;
}

/** A change set that was made, until it is executed. */
interface PendingChangeSet {
  operation: HookedOperation;
  /** Why a hook stopped its creation. */
  refusal?: string;
}

export class HookedApi {
  #upstream: string;
  #hooks: readonly LambdaHook[];
  #changeSets = new Map<string, PendingChangeSet>();
  #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: Error) => {
      response.writeHead(500).end(error.message);
    });
  });

  /** @param upstream the URL of the local AWS */
  static async start(upstream: string, hooks: readonly LambdaHook[]): Promise<HookedApi> {
    const api = new HookedApi(upstream, hooks);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  private constructor(upstream: string, hooks: readonly LambdaHook[]) {
    this.#upstream = upstream;
    this.#hooks = hooks;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const call = { parameters: new URLSearchParams(body.toString()), headers: request.headers };
    const reply = await this.#answer(call);
    if (reply !== undefined) {
      response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body);
      return;
    }
    const { headers, method = 'GET' } = request;
    const passed = await fetch(`${this.#upstream}${request.url}`, {
      method,
      headers: forwarded(headers),
      redirect: 'manual',
      ...(body.length > 0 ? { body } : {}),
    });
    const type = passed.headers.get('content-type');
    response.writeHead(passed.status, type === null ? {} : { 'content-type': type });
    response.end(Buffer.from(await passed.arrayBuffer()));
  }

  /** The answer of the door itself; undefined where the call goes through. */
  async #answer(call: Call): Promise<Reply | undefined> {
    switch (call.parameters.get('Action')) {
      case 'CreateStack':
      case 'UpdateStack': {
        const action = call.parameters.get('Action') === 'CreateStack' ? 'CREATE' : 'UPDATE';
        const refusal = await this.#ask('STACK', await this.#operation(call, action));
        return refusal === undefined ? undefined : failure('ValidationError', refusal);
      }
      case 'CreateChangeSet':
        return this.#createChangeSet(call);
      case 'DescribeChangeSet':
        return this.#describeChangeSet(call);
      case 'ExecuteChangeSet':
        return this.#executeChangeSet(call);
      default:
        return undefined;
    }
  }

  async #ask(target: HookTarget, operation: HookedOperation): Promise<string | undefined> {
    for (const hook of this.#hooks) {
      const refusal = await hook.ask(target, operation);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** The operation that a call asks for, with the template of before where it is an update. */
  async #operation(call: Call, action: HookAction): Promise<HookedOperation> {
    const { parameters } = call;
    const stackName = parameters.get('StackName') ?? '';
    const url = parameters.get('TemplateURL');
    const template = parameters.get('TemplateBody') ?? (url === null ? '' : await textAt(url));
    if (action === 'CREATE') return { action, stackName, stackId: '', template };
    const previous = await this.#call(call, { Action: 'GetTemplate', StackName: stackName });
    const previousTemplate = unescaped(between(previous.body, 'TemplateBody') ?? '');
    return { action, stackName, stackId: '', template, previousTemplate };
  }

  /** A change set is made first, so that the hook is told what it changes. */
  async #createChangeSet(call: Call): Promise<Reply> {
    const action = call.parameters.get('ChangeSetType') === 'CREATE' ? 'CREATE' : 'UPDATE';
    const operation = await this.#operation(call, action);
    const made = await this.#call(call, Object.fromEntries(call.parameters));
    const id = between(made.body, 'Id');
    if (made.status !== 200 || id === undefined) return made;
    const described = await this.#call(call, { Action: 'DescribeChangeSet', ChangeSetName: id });
    operation.stackId = between(made.body, 'StackId') ?? '';
    operation.changeSet = { id, changedResources: changesIn(described.body) };
    const refusal = await this.#ask('CHANGE_SET', operation);
    const pending = { operation, ...(refusal === undefined ? {} : { refusal }) };
    this.#changeSets.set(id, pending);
    return made;
  }

  async #describeChangeSet(call: Call): Promise<Reply | undefined> {
    const refusal = this.#pending(call)?.refusal;
    if (refusal === undefined) return undefined;
    const reply = await this.#call(call, Object.fromEntries(call.parameters));
    const body = reply.body
      .replace(/<StatusReason>[^<]*<\/StatusReason>/, '')
      .replace(
        /<Status>[^<]*<\/Status>/,
        `<Status>FAILED</Status><StatusReason>Change set creation failed. ${escaped(refusal)}.</StatusReason>`,
      )
      .replace(/<ExecutionStatus>[^<]*</, '<ExecutionStatus>UNAVAILABLE<');
    return { ...reply, body };
  }

  async #executeChangeSet(call: Call): Promise<Reply | undefined> {
    const pending = this.#pending(call);
    if (pending === undefined) return undefined;
    if (pending.refusal !== undefined)
      return failure('InvalidChangeSetStatus', 'ChangeSet cannot be executed in its current status');
    const refusal = await this.#ask('STACK', pending.operation);
    return refusal === undefined ? undefined : failure('ValidationError', refusal);
  }

  /** By id, or by its name, which is the part of the id behind `changeSet/`. */
  #pending({ parameters }: Call): PendingChangeSet | undefined {
    const named = parameters.get('ChangeSetName') ?? '';
    const found = [...this.#changeSets].find(
      ([id, { operation }]) =>
        id === named ||
        (id.split('/')[1] === named &&
          [operation.stackName, operation.stackId].includes(parameters.get('StackName') ?? '')),
    );
    return found?.[1];
  }

  async #call({ headers, parameters }: Call, changed: Record<string, string>): Promise<Reply> {
    const body = new URLSearchParams({ Version: parameters.get('Version') ?? '2010-05-15', ...changed });
    const response = await fetch(this.#upstream, { method: 'POST', headers: forwarded(headers), body });
    const type = response.headers.get('content-type') ?? 'text/xml';
    return { status: response.status, type, body: await response.text() };
  }
}

/** The headers that belong to the call and not to its connection. */
function forwarded(headers: IncomingHttpHeaders): Record<string, string> {
  const ofConnection = ['host', 'connection', 'content-length', 'transfer-encoding', 'expect'];
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || ofConnection.includes(name) ? [] : [[name, String(value)]],
    ),
  );
}

const textAt = async (url: string) => (await fetch(url)).text();

const between = (xml: string, name: string): string | undefined =>
  xml.match(`<${name}>([\\s\\S]*?)</${name}>`)?.[1];

function changesIn(xml: string): ChangedResource[] {
  return [...xml.matchAll(/<ResourceChange>([\s\S]*?)<\/ResourceChange>/g)].map(([, change = '']) => ({
    logicalResourceId: between(change, 'LogicalResourceId') ?? '',
    resourceType: between(change, 'ResourceType') ?? '',
    action: ACTIONS[between(change, 'Action') ?? ''] ?? 'UPDATE',
    lineNumber: null,
    beforeContext: null,
    afterContext: null,
  }));
}

const ACTIONS: Record<string, HookAction> = { Add: 'CREATE', Modify: 'UPDATE', Remove: 'DELETE' };

const ENTITIES: [entity: string, sign: string][] = [
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&amp;', '&'],
];
const unescaped = (xml: string) =>
  ENTITIES.reduce((text, [entity, sign]) => text.replaceAll(entity, sign), xml);
const escaped = (text: string) =>
  ENTITIES.reduceRight((xml, [entity, sign]) => xml.replaceAll(sign, entity), text);

/** An error of the Query API. */
const failure = (code: string, message: string): Reply => ({
  status: 400,
  type: 'text/xml',
  body: `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>hook</RequestId></ErrorResponse>`,
});
