/** Runs the judge in a thread with limits of time and memory. */
import { Worker } from 'node:worker_threads';
import type { Deadline } from '../../common/deadline.ts';
import { messageOf } from '../../common/errors.ts';
import { HookProblem, type Verdict } from './answer.ts';

/** A template of 1 MB takes a third of it. */
const MOST_MEGABYTES = 1024;

/** The thread's message. */
type Message = { verdict: Verdict } | { problem: string };

/**
 * The verdict on a payload.
 * @param entry the file of the thread
 * @throws HookProblem where the thread ended without one
 */
export async function judgeApart(
  entry: URL,
  payload: string,
  { signal }: Pick<Deadline, 'signal'>,
): Promise<Verdict> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  const worker = new Worker(entry, {
    workerData: payload,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  });
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  worker.once('message', resolve);
  worker.once('error', (error) => reject(new HookProblem(problemOf(error))));
  worker.once('exit', (code) => reject(new HookProblem(`its judge ended with code ${code}. ${REPORT}`)));
  try {
    const message = await promise;
    if ('problem' in message) throw new HookProblem(message.problem);
    return message.verdict;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}

const REPORT = 'Report this as a fault of the hook; its StackFilters can leave the stack out until then.';

const problemOf = (error: unknown) =>
  (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `the template takes more than ${MOST_MEGABYTES} MB of memory to judge. Make it smaller.`
    : `the rules failed on it (${messageOf(error)}). ${REPORT}`;
