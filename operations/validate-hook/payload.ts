/** Fetches the payload of a hook's request from its presigned URL, within limits. */
import { request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import type { Clock } from '../../common/clock.ts';
import { type Deadline, unlessAborted } from '../../common/deadline.ts';
import { messageOf } from '../../common/errors.ts';
import { HookProblem } from './answer.ts';

/** S3's host names in all partitions (AWS SDK for JavaScript, partitions of @aws-sdk/core). */
const S3_HOST =
  /^(?:[a-z0-9.-]+\.)?s3(?:(?:-fips)?[.-](?:dualstack\.)?[a-z]{2,4}(?:-[a-z0-9]+)+)?\.(?:amazonaws\.(?:com|com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;
/** A template has at most 1 MB. The payload holds two, or one with all changes, and JSON has escapes. */
const MOST_BYTES = 8_000_000;
/** The numbers of AWS's own library for hooks (cloudformation-cli-python-plugin, utils.py). */
const TRIES = 3;
const TRY_MILLISECONDS = 10_000;
const REPEATED_STATUSES = [500, 502, 503, 504];
const PAUSE_MILLISECONDS = 200;

export interface FetchOptions {
  clock: Clock;
  deadline: Deadline;
  /** Whether `http` and `https` URLs of 127.0.0.1 are taken, as a local world has them. */
  allowLoopback: boolean;
}

/** The bytes behind the URL. @throws HookProblem */
export async function fetchPayload(address: string, options: FetchOptions): Promise<Buffer> {
  const url = readUrl(address, options.allowLoopback);
  for (let tried = 1; ; tried += 1) {
    const result = await oneTry(url, options);
    if (Buffer.isBuffer(result)) return result;
    if (!result.mayRepeat || tried === TRIES) throw new HookProblem(result.problem);
    await unlessAborted(options.clock.sleep(PAUSE_MILLISECONDS * 2 ** (tried - 1)), options.deadline.signal);
  }
}

/** @throws HookProblem. The message does not repeat the URL: whoever has it can read the template. */
function readUrl(address: string, allowLoopback: boolean): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) throw new HookProblem('the address of the template is no URL.');
  if (allowLoopback && url.hostname === '127.0.0.1') return url;
  const isPlain = url.port === '' && url.username === '' && url.password === '';
  if (url.protocol !== 'https:' || !isPlain || !S3_HOST.test(url.hostname))
    throw new HookProblem('the address of the template is none of S3 by https, so it was not opened.');
  return url;
}

interface Failure {
  problem: string;
  mayRepeat: boolean;
}

async function oneTry(url: URL, { clock, deadline }: FetchOptions): Promise<Buffer | Failure> {
  const timeout = new AbortController();
  const cancel = clock.schedule(TRY_MILLISECONDS, () => timeout.abort());
  const signal = AbortSignal.any([deadline.signal, timeout.signal]);
  try {
    return await get(url, signal);
  } catch (error) {
    deadline.signal.throwIfAborted();
    const why = timeout.signal.aborted ? 'no answer came within 10 seconds' : messageOf(error);
    return { problem: `the template could not be fetched from S3: ${why}.`, mayRepeat: true };
  } finally {
    cancel();
  }
}

/** One GET. A redirect is not followed, because S3 never answers a presigned URL with one that must be. */
function get(url: URL, signal: AbortSignal): Promise<Buffer | Failure> {
  const request = url.protocol === 'https:' ? requestByHttps : requestByHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, { signal, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_BYTES) chunks.push(chunk);
        else {
          response.destroy();
          resolve({ problem: 'the payload is larger than 8 MB.', mayRepeat: false });
        }
      });
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        resolve(status === 200 ? body : failureOf(status, body.subarray(0, 2000).toString()));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

function failureOf(status: number, body: string): Failure {
  const problem =
    status === 403 && /expired/i.test(body)
      ? 'the address of the template has expired (S3 answered 403). Start the operation again.'
      : `S3 answered ${status} to the address of the template. Start the operation again.`;
  return { problem, mayRepeat: REPEATED_STATUSES.includes(status) };
}
