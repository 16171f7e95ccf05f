/**
 * The matrices in real time: the packaged provider in processes of its own. A process is killed by SIGKILL at
 * an I/O that it has really reached, or meets a fault there. Lambda and CloudFormation follow up as they
 * really do.
 */
import type { RequestListener } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { firstInputs, type Input } from '../provider/inputs.ts';
import { ZipWorld, type ZipWorldOptions } from '../provider/zip-world.ts';
import { capture, type ErrorBody, play, type ServerFault } from '../server-faults.ts';
import type { Operation } from './matrix.ts';
import type { Finding } from './verdicts.ts';

export const zipSequels = ['delivered again', 'given up before', 'followed after 2 s'] as const;

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
/**
 * Enough time to wait for the end of a dead one's lease (25 s), and to look for the object of a call whose
 * outcome is unknown (15 s).
 */
const LATER_TIMEOUT_MILLISECONDS = 90_000;
/** The AWS SDK gives up a call that hangs after 8 s, and repeats it. */
const FAULT_TIMEOUT_MILLISECONDS = 30_000;
/** Faults take as long as they say, in real time. */
const realTime = { park: () => () => {}, parkedSleep: (milliseconds: number) => setTimeout(milliseconds) };
const SEQUELS: Record<Kill['sequel'], { serviceTimeout?: number } & ZipWorldOptions['cloudFormation']> = {
  'delivered again': { retryDelaysMs: [5_000, 5_000] },
  'given up before': { serviceTimeout: 32, retryDelaysMs: [34_000, 5_000] },
  'followed after 2 s': { retryDelaysMs: [5_000, 5_000], givesUpAfterCrashMs: () => 2_000 },
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
  const { serviceTimeout, ...cloudFormationOptions } = SEQUELS[sequel];
  const world = await ZipWorld.start(code, {
    timeoutMs: fault === undefined ? TIMEOUT_MILLISECONDS : FAULT_TIMEOUT_MILLISECONDS,
    around: watch,
    cloudFormation: cloudFormationOptions,
  });
  const { cloudFormation, invoker, findings } = world;
  const fill = (input: Input, watched = false) =>
    world.template(type, input, watched && serviceTimeout ? { ServiceTimeout: serviceTimeout } : {});

  try {
    const of = firstInputs(type);
    watching = operation === 'create';
    let stack = await world.settle(
      cloudFormation.createStack('stack', fill(of.create, operation === 'create' || operation === 'delete')),
    );
    if (stack.status !== 'CREATE_COMPLETE') {
      world.expectStatus(stack, 'ROLLBACK_COMPLETE');
      const deleted = await world.settle(cloudFormation.deleteStack('stack'));
      world.expectStatus(deleted, 'DELETE_COMPLETE');
      if (deleted.status !== 'DELETE_COMPLETE') return { sent, hit, findings };
      stack = await world.settle(cloudFormation.createStack('stack', fill(of.create)));
      world.expectStatus(stack, 'CREATE_COMPLETE');
    }
    watching = false;
    if (operation === 'update' || operation === 'replace') {
      await invoker.update({});
      watching = true;
      const input = (operation === 'replace' ? of.replace : of.update) ?? of.update;
      stack = await world.settle(cloudFormation.updateStack('stack', fill(input, true)));
      if (stack.status !== 'UPDATE_COMPLETE') {
        world.expectStatus(stack, 'UPDATE_ROLLBACK_COMPLETE');
        stack = await world.settle(cloudFormation.updateStack('stack', fill(input)));
        world.expectStatus(stack, 'UPDATE_COMPLETE');
      }
      watching = false;
    }
    if (operation === 'delete') {
      await invoker.update({});
      watching = true;
    }
    const { id } = stack;
    await world.settle(cloudFormation.deleteStack('stack'));
    watching = false;
    if (cloudFormation.describe(id).status !== 'DELETE_COMPLETE')
      await world.settle(cloudFormation.deleteStack('stack'));
    world.expectStatus(cloudFormation.describe(id), 'DELETE_COMPLETE');
    world.judge();
  } finally {
    await world.stop();
  }
  return { sent, hit, findings };
}

/** A deployment that is tried again with the same RequestId, after its Create was answered so. */
export async function runRetry(
  code: string,
  type: string,
  answered: 'FAILED' | 'SUCCESS',
): Promise<Finding[]> {
  const world = await ZipWorld.start(code, { timeoutMs: FAULT_TIMEOUT_MILLISECONDS });
  const { cloudFormation, genesys, findings } = world;
  const template = world.template(type, firstInputs(type).create, { ServiceTimeout: 20 });
  try {
    if (answered === 'FAILED') {
      const path = type.endsWith('Action') ? '/api/v2/integrations/actions' : '/api/v2/integrations';
      genesys.faults({
        match: { method: 'POST', path, count: 1 },
        action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
      });
      const failed = await cloudFormation.createStack('stack', template, { disableRollback: true });
      world.expectStatus(failed, 'CREATE_FAILED');
      world.expectStatus(await world.settle(cloudFormation.retry('stack')), 'CREATE_COMPLETE');
    } else {
      const created = await world.settle(cloudFormation.createStack('stack', template));
      const { RequestId = '' } = cloudFormation.requests[0]?.event ?? {};
      genesys.resetCalls();
      const again = await cloudFormation.sendAgain(RequestId);
      if (again.status !== 'SUCCESS' || again.physicalResourceId !== created.resources['Thing']?.physicalId)
        findings.push({ kind: 'wrongIds', what: JSON.stringify(again) });
      const [call] = genesys.calls();
      if (call) findings.push({ kind: 'untrue', what: `the replay called ${call.template}` });
    }
    await cloudFormation.idle();
    const [first] = cloudFormation.requests;
    const answers = first?.uploads.length;
    await cloudFormation.redeliver(first?.event.RequestId ?? '', 0);
    if (first?.uploads.length !== answers)
      findings.push({ kind: 'violations', what: 'the event of before was answered again' });
    const { id } = await world.settle(cloudFormation.deleteStack('stack'));
    world.expectStatus(cloudFormation.describe(id), 'DELETE_COMPLETE');
    world.judge();
  } finally {
    await world.stop();
  }
  return findings;
}
