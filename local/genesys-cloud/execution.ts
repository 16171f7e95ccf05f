import { AwsRefusal } from './aws.ts';
import { timeLimit } from './clock.ts';
import { customAuthId } from './custom-auth.ts';
import { messageOf } from './errors.ts';
import { refuseToRunFunction } from './function-state.ts';
import type { Call } from './http.ts';
import type { JsonObject } from './json.ts';
import { jsonPath } from './json-path.ts';
import { type FailureKind, RunFailure } from './run-failure.ts';
import type { Action, ActionConfig, ActionVersion, Integration } from './store.ts';
import { render } from './templates.ts';
import { compile } from './validation.ts';

/** One step of a run in the answer of /test. Genesys does not publish its names, so these are ours. */
interface Operation {
  step: number;
  name: string;
  success: boolean;
  result?: unknown;
  error?: JsonObject;
}

type Run = { operations: Operation[]; context: Context | undefined } & (
  | { result: unknown }
  | { failure: RunFailure }
);

/** POST …/test answers even after a failure. Then the last operation is the one that failed. */
export async function testAction(
  call: Call,
  action: Action,
  version: ActionVersion,
  input: JsonObject,
): Promise<JsonObject> {
  const run = await runAction(call, action, version, input);
  const operations = withoutSecrets(run.operations, run.context);
  if ('failure' in run)
    return {
      operations,
      error: withoutSecrets(run.failure.body(call.contextId), run.context),
      success: false,
    };
  return { operations, finalResult: run.result, success: true };
}

/** POST …/execute answers the result. @throws RunFailure */
export async function executeAction(
  call: Call,
  action: Action,
  version: ActionVersion,
  input: JsonObject,
): Promise<unknown> {
  const run = await runAction(call, action, version, input);
  if ('failure' in run) throw run.failure;
  return run.result;
}

async function runAction(
  call: Call,
  action: Action,
  version: ActionVersion,
  input: JsonObject,
): Promise<Run> {
  refuseToRunFunction(version);
  const operations: Operation[] = [];
  let context: Context | undefined;
  const integration = call.organization.integrations.get(action.integrationId);
  const { config, contract } = version;
  const seconds = config.timeoutSeconds ?? 60;
  const limit = timeLimit(
    call.fixed.clock,
    seconds * 1000,
    () => new RunFailure(504, 'ACTION.REMOTE_ENDPOINT', `The action did not end within ${seconds} seconds`),
    call.closing,
  );

  async function step<T>(name: string, work: () => T | Promise<T>, show: (value: T) => unknown = String) {
    const operation: Operation = { step: operations.length + 1, name, success: false };
    operations.push(operation);
    try {
      const value = await work();
      operation.success = true;
      operation.result = show(value);
      return value;
    } catch (error) {
      const failure = limit.signal.aborted
        ? (limit.signal.reason as RunFailure)
        : error instanceof RunFailure
          ? error
          : new RunFailure(400, 'ACTION.PROCESSING', messageOf(error));
      operation.error = failure.body(call.contextId);
      throw failure;
    }
  }

  try {
    await step('Validate input', () => conforms(contract.input.inputSchema, input, 'input'));
    const enabled = await step(
      'Find the integration',
      () => enabledIntegration(integration),
      ({ id }) => id,
    );
    const gathered = await step(
      'Gather credentials',
      () => contextOf(call, action, enabled, input, limit.signal),
      ({ credentials }) => Object.keys(credentials),
    );
    context = gathered;
    const request = await step(
      'Resolve request',
      () => resolve(config, gathered),
      (value) => value,
    );
    const raw = await step('Execute', () =>
      enabled.typeId === 'aws-lambda-data-actions'
        ? invoke(call, enabled, request, limit.signal)
        : fetchText(call, enabled, request, limit.signal),
    );
    const values = await step(
      'Resolve translation map',
      () => translate(config, raw),
      (value) => value,
    );
    const output = await step('Resolve success template', () =>
      render(config.response?.successTemplate || '${rawResult}', { ...values, rawResult: raw }),
    );
    const result = await step(
      'Validate output',
      () => outputOf(version, output),
      (value) => value,
    );
    return { operations, context, result };
  } catch (error) {
    if (error instanceof RunFailure) return { operations, context, failure: error };
    throw error;
  } finally {
    limit.dispose();
  }
}

const processing = (status: number, reason: string) => new RunFailure(status, 'ACTION.PROCESSING', reason);

function conforms(schema: JsonObject, value: unknown, what: string): string {
  const problem = compile(schema)(value);
  if (problem !== undefined)
    throw processing(400, `The ${what} does not conform to the contract: ${problem}`);
  return `The ${what} conforms to the contract`;
}

function enabledIntegration(integration: Integration | undefined): Integration {
  if (integration === undefined) throw processing(404, 'The integration was deleted');
  if (integration.intendedState !== 'ENABLED')
    throw processing(400, `The integration ${integration.id} is not active`);
  return integration;
}

interface Context extends Record<string, unknown> {
  input: JsonObject;
  credentials: Record<string, string>;
  authResponse: JsonObject;
}

async function contextOf(
  call: Call,
  action: Action,
  integration: Integration,
  input: JsonObject,
  signal: AbortSignal,
): Promise<Context> {
  const context: Context = {
    input: { ...input, rawRequest: JSON.stringify(input) },
    credentials: credentialOf(call, integration)?.fields ?? {},
    authResponse: {},
  };
  const auth = call.organization.actions.get(customAuthId(integration.id));
  if (auth?.published !== undefined && auth.id !== action.id) {
    const text = await fetchText(call, integration, resolve(auth.published.config, context), signal);
    context.authResponse = JSON.parse(text);
  }
  return context;
}

function credentialOf(call: Call, integration: Integration) {
  const [id] = Object.values(integration.config.credentials);
  return id === undefined ? undefined : call.organization.credentials.get(id);
}

interface Request {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

function resolve(config: ActionConfig, context: Context): Request {
  const request = config.request ?? {};
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [
    name,
    render(value, context),
  ]);
  return {
    url: render(request.requestUrlTemplate ?? '', context),
    method: request.requestType ?? 'POST',
    headers: Object.fromEntries(headers),
    // The default, because Genesys' own module for Lambda actions sends no template
    // (GenesysCloudDevOps/data-action-lambda-module).
    body: render(request.requestTemplate || '${input.rawRequest}', context),
  };
}

/**
 * Masks the values of credentials in a part of the answer of /test: "When you test a custom action, the
 * integration redacts any authorization information" (help.mypurecloud.com, ?p=149364). The ARN of a role is
 * not masked.
 */
function withoutSecrets<T extends object>(part: T, context: Context | undefined): T {
  const { ARN: _, ...credentials } = context?.credentials ?? {};
  const secrets = [...Object.values(credentials), ...Object.values(context?.authResponse ?? {})]
    .map(String)
    .filter((value) => value !== '');
  const hidden = (text: string): string =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, '*****'), text);
  return JSON.parse(JSON.stringify(part), (_name, value) =>
    typeof value === 'string' ? hidden(value) : value,
  );
}

/**
 * Invokes the function of the request by the integration's role. A refusal by AWS is a 403 of the action
 * (help.mypurecloud.com, "Data action returns a 403 error").
 */
async function invoke(
  call: Call,
  integration: Integration,
  request: Request,
  signal: AbortSignal,
): Promise<string> {
  if (!call.aws.present)
    throw new RunFailure(
      502,
      'ACTION.REMOTE_ENDPOINT',
      'This Genesys Cloud was started without an AWS endpoint',
    );
  const refusedAs = (kind: FailureKind) => (error: unknown) => {
    throw error instanceof AwsRefusal ? new RunFailure(403, kind, error.message) : error;
  };
  const roleArn = credentialOf(call, integration)?.fields['ARN'] ?? '';
  const session = await call.aws
    .assumeRole(call.organization, roleArn, signal)
    .catch(refusedAs('ACTION.AUTHENTICATION'));
  const answer = await call.aws
    .invoke(call.organization, session, request.url, request.body, signal)
    .catch(refusedAs('ACTION.REMOTE_ENDPOINT'));
  if (answer.functionError === undefined) return answer.payload;
  throw new RunFailure(
    500,
    'ACTION.REMOTE_ENDPOINT',
    `Invoked function failed. Response from function: Function execution failed with error Type: ${answer.functionError}; Message: ${answer.payload}`,
  );
}

/** The URL of an API on AWS, led to the local AWS, which serves APIs under a path of its own. */
function routed(url: string, awsEndpointUrl: string | undefined): string {
  const match = /^https:\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\/.*)$/.exec(url);
  return match === null || awsEndpointUrl === undefined
    ? url
    : `${awsEndpointUrl}/_aws/execute-api/${match[1]}${match[2]}`;
}

async function fetchText(
  call: Call,
  integration: Integration,
  request: Request,
  signal: AbortSignal,
): Promise<string> {
  const credential = credentialOf(call, integration);
  const basic = credential?.typeName === 'basicAuth' ? credential.fields : undefined;
  const withBody = request.method !== 'GET' && request.method !== 'DELETE';
  const response = await fetch(routed(request.url, call.fixed.awsEndpointUrl), {
    method: request.method,
    headers: {
      ...(withBody ? { 'content-type': 'application/json' } : {}),
      ...(basic === undefined
        ? {}
        : {
            authorization: `Basic ${Buffer.from(`${basic['userName'] ?? ''}:${basic['password'] ?? ''}`).toString('base64')}`,
          }),
      ...Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    },
    ...(withBody ? { body: request.body } : {}),
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    throw new RunFailure(
      502,
      'ACTION.REMOTE_ENDPOINT',
      `${request.url} could not be reached: ${cause || messageOf(error)}`,
    );
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new RunFailure(
    response.status,
    'ACTION.REMOTE_ENDPOINT',
    `Request to backend service failed. ${request.method} ${request.url} answered ${response.status}. Response from web service: ${text.slice(0, 1000)}`,
  );
}

/** The values of the translation map as JSON. A missing value has its default. */
function translate(config: ActionConfig, raw: string): Record<string, string> {
  const paths = Object.entries(config.response?.translationMap ?? {});
  if (paths.length === 0) return {};
  const root: unknown = JSON.parse(raw);
  const defaults = config.response?.translationMapDefaults ?? {};
  return Object.fromEntries(
    paths.flatMap(([name, path]) => {
      const value = jsonPath(path, root);
      if (value !== undefined) return [[name, JSON.stringify(value)]];
      // A name may be one that every object inherits, such as `constructor`.
      return Object.hasOwn(defaults, name) ? [[name, defaults[name] ?? '']] : [];
    }),
  );
}

function outputOf(version: ActionVersion, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw processing(400, `The result is not JSON: ${text.slice(0, 1000)}`);
  }
  conforms(version.contract.output.successSchema, value, 'output');
  return value;
}
