/**
 * The matrices in real time: the packaged provider in processes of its own. A process is killed by SIGKILL at
 * an I/O that it has really reached, or meets a fault there. Lambda and CloudFormation follow up as they
 * really do.
 */
import type { RequestListener } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { StackView } from '../../local/cloudformation/stack.ts';
import { capture, type ErrorBody, play, type ServerFault } from '../../local/server-faults.ts';
import { firstInputs, type Input } from './inputs.ts';
import type { Operation } from './matrix.ts';
import { isThere, remoteObjects } from './remote.ts';
import type { Finding } from './verdicts.ts';
import { CREDENTIALS_SECRET, KEY_ALIAS, OTHER_KEY_ALIAS, only } from './world.ts';
import { startZipWorld } from './zip-world.ts';

export const zipSequels = ['delivered again', 'given up before'] as const;

/** Where the process dies: at the nth request that it sends, before its work or after it. */
export interface Kill {
  type: string;
  operation: Operation;
  nth: number;
  when: 'before' | 'after';
  sequel: (typeof zipSequels)[number];
}

/** A fault at the nth request that the process sends. */
export interface ZipFault {
  type: string;
  operation: Operation;
  nth: number;
  fault: ServerFault;
}

export const nameOfZipFault = ({ type, operation, nth, fault }: ZipFault) =>
  `${type} ${operation}: ${fault} at call ${nth}, through the zip`;

export const nameOfKill = ({ type, operation, nth, when, sequel }: Kill) =>
  `${type} ${operation}: SIGKILL ${when} call ${nth}, ${sequel}`;

const TIMEOUT_MILLISECONDS = 6_000;
/** Enough time to look for the object of a call whose outcome is unknown (15 s). */
const LATER_TIMEOUT_MILLISECONDS = 30_000;
/** The AWS SDK gives up a call that hangs after 8 s, and repeats it. */
const FAULT_TIMEOUT_MILLISECONDS = 30_000;
/** Faults take as long as they say, in real time. */
const realTime = { park: () => () => {}, parkedSleep: (milliseconds: number) => setTimeout(milliseconds) };
/** The lease of a killed invocation lasts until its timeout. The next delivery comes near that. */
const SEQUELS: Record<Kill['sequel'], { serviceTimeout?: number; retryDelaysMs: number[] }> = {
  'delivered again': { retryDelaysMs: [5_000, 5_000] },
  'given up before': { serviceTimeout: 24, retryDelaysMs: [26_000, 5_000] },
};

/**
 * Counts the requests that an operation sends in its own process, from a cold start to the closed attempt.
 */
export async function boundaries(code: string, type: string, operation: Operation): Promise<number> {
  const { sent, findings } = await run(code, { type, operation, sequel: 'delivered again' });
  if (findings.length > 0)
    throw new Error(`fails without a kill: ${findings.map(({ what }) => what).join('; ')}`);
  return sent;
}

export async function runKill(code: string, kill: Kill): Promise<Finding[]> {
  const { hit, findings } = await run(code, kill);
  return hit ? findings : [...findings, { kind: 'untrue', what: 'the process was not killed' }];
}

export async function runZipFault(code: string, fault: ZipFault): Promise<Finding[]> {
  const { hit, findings } = await run(code, { ...fault, sequel: 'delivered again' });
  return hit ? findings : [...findings, { kind: 'untrue', what: 'the fault hit no call' }];
}

async function run(
  code: string,
  {
    type,
    operation,
    sequel,
    nth = 0,
    when,
    fault,
  }: Pick<Kill, 'type' | 'operation' | 'sequel'> & Partial<Kill> & Partial<ZipFault>,
) {
  let sent = 0;
  let hit = false;
  let watching = false;
  const watch =
    (errorBody: ErrorBody) =>
    (listener: RequestListener): RequestListener =>
    async (request, response) => {
      if (!watching || hit) return listener(request, response);
      sent += 1;
      if (sent !== nth) return listener(request, response);
      if (fault !== undefined) {
        hit = true;
        return void play(fault, request, response, { listener, clock: realTime, errorBody });
      }
      if (when === 'after') await capture(listener, request, response);
      hit = true;
      watching = false;
      world.invoker.kill();
      void world.invoker.update({ timeoutMs: LATER_TIMEOUT_MILLISECONDS });
      response.destroy();
    };
  const { serviceTimeout, retryDelaysMs } = SEQUELS[sequel];
  const world = await startZipWorld({
    code,
    timeoutMs: fault === undefined ? TIMEOUT_MILLISECONDS : FAULT_TIMEOUT_MILLISECONDS,
    retryDelaysMs,
    around: watch,
  });
  const { genesys, invoker, cloudFormation, integrationId } = world;
  const findings: Finding[] = [];

  const fill = (input: Input, watched = false) => {
    const known: Record<string, string> = {
      integrationId,
      credentialsSecretArn: CREDENTIALS_SECRET,
      keyAliasArn: KEY_ALIAS,
      otherKeyAliasArn: OTHER_KEY_ALIAS,
    };
    const properties = JSON.parse(
      JSON.stringify(input.properties).replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => known[name] ?? ''),
    ) as Record<string, unknown>;
    const ServiceTimeout = watched ? serviceTimeout : undefined;
    return only(type, ServiceTimeout === undefined ? properties : { ...properties, ServiceTimeout });
  };
  const before = new Set(remoteObjects(genesys).keys());
  const there = () =>
    [...remoteObjects(genesys)]
      .filter(([key, object]) => !before.has(key) && isThere([key, object]))
      .map(([, { id }]) => String(id));
  /** Waits until nothing runs. Genesys Cloud has to hold exactly the objects of the stack. */
  const settle = async (stackOperation: Promise<StackView>): Promise<StackView> => {
    const stack = await stackOperation;
    await cloudFormation.idle();
    const { physicalId = '', status = '', attributes = {} } = stack.resources['Thing'] ?? {};
    const gone = /DELETE_COMPLETE/.test(status) || !/COMPLETE/.test(stack.status);
    if (/FAILED/.test(stack.status)) return stack;
    const believed = gone ? [] : [physicalId, attributes['CredentialId'] ?? ''].filter((id) => id !== '');
    const now = there();
    for (const id of now) {
      if (!believed.includes(id))
        findings.push({ kind: now.length > believed.length + 1 ? 'duplicates' : 'orphans', what: id });
    }
    for (const id of believed) {
      if (!now.includes(id)) findings.push({ kind: 'wrongIds', what: id });
    }
    return stack;
  };
  const expectStatus = (stack: StackView, status: string) => {
    if (stack.status !== status) {
      const why = stack.events.map(({ ResourceStatusReason = '' }) => ResourceStatusReason).join(' ');
      findings.push({ kind: 'untrue', what: `${stack.status} instead of ${status}: ${why}` });
    }
  };

  try {
    const of = firstInputs(type);
    watching = operation === 'create';
    let stack = await settle(
      cloudFormation.createStack('stack', fill(of.create, operation === 'create' || operation === 'delete')),
    );
    if (stack.status !== 'CREATE_COMPLETE') {
      expectStatus(stack, 'ROLLBACK_COMPLETE');
      const deleted = await settle(cloudFormation.deleteStack('stack'));
      expectStatus(deleted, 'DELETE_COMPLETE');
      if (deleted.status !== 'DELETE_COMPLETE') return { sent, hit, findings };
      stack = await settle(cloudFormation.createStack('stack', fill(of.create)));
      expectStatus(stack, 'CREATE_COMPLETE');
    }
    watching = false;
    if (operation === 'update' || operation === 'replace') {
      await invoker.update({});
      watching = true;
      const input = (operation === 'replace' ? of.replace : of.update) ?? of.update;
      stack = await settle(cloudFormation.updateStack('stack', fill(input, true)));
      if (stack.status !== 'UPDATE_COMPLETE') {
        expectStatus(stack, 'UPDATE_ROLLBACK_COMPLETE');
        stack = await settle(cloudFormation.updateStack('stack', fill(input)));
        expectStatus(stack, 'UPDATE_COMPLETE');
      }
      watching = false;
    }
    if (operation === 'delete') {
      await invoker.update({});
      watching = true;
    }
    const { id } = stack;
    await settle(cloudFormation.deleteStack('stack'));
    watching = false;
    if (cloudFormation.describe(id).status !== 'DELETE_COMPLETE')
      await settle(cloudFormation.deleteStack('stack'));
    expectStatus(cloudFormation.describe(id), 'DELETE_COMPLETE');
    for (const left of there()) findings.push({ kind: 'orphans', what: left });

    for (const { event, uploads } of cloudFormation.requests) {
      if (!uploads.some(({ kept }) => kept)) findings.push({ kind: 'unanswered', what: event.RequestType });
    }
    for (const violation of cloudFormation.violations()) {
      // The process died after its answer was taken. The second delivery does not know that, and answers the
      // same again.
      if (!/answered \d+ times/.test(violation)) findings.push({ kind: 'violations', what: violation });
    }
    const output = invoker.logs();
    for (const secret of world.secrets()) {
      if (output.includes(secret)) findings.push({ kind: 'leaks', what: 'a secret in the log' });
    }
  } finally {
    await world.stop();
  }
  return { sent, hit, findings };
}
