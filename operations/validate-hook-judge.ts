/**
 * Entry of the thread that judges one template. The hook ends it when it takes too much time or memory, so a
 * hostile template never keeps the hook from answering.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { HookProblem } from './validate-hook/answer.ts';
import { judge } from './validate-hook/judge.ts';

/** The thread's only message: a verdict, or why there is none. */
function judged(payload: string) {
  try {
    return { verdict: judge(payload) };
  } catch (error) {
    if (error instanceof HookProblem) return { problem: error.message };
    throw error;
  }
}

parentPort?.postMessage(judged(workerData as string));
