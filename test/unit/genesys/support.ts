import { inspect } from 'node:util';
import {
  type CallRecord,
  GenesysCloud,
  type GenesysCloudOptions,
  type GenesysSession,
  type OAuthSecret,
} from '../../../provider/genesys/index.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const apiUrl = 'https://api.mypurecloud.ie';
export const loginUrl = 'https://login.mypurecloud.ie';

/** Texts that must not be in any error. */
export const canaries = {
  clientSecret: 'canary-client-secret-7f3a',
  token: 'canary-access-token-91bc',
  credential: 'canary-credential-field-55d0',
};

export const oauthSecret: OAuthSecret = {
  clientId: 'client-1',
  clientSecret: canaries.clientSecret,
};

export interface World {
  readonly clock: FakeClock;
  readonly cloud: GenesysCloud;
  readonly session: GenesysSession;
  readonly calls: CallRecord[];
  readonly controller: AbortController;
}

/** A client with a fake clock and no jitter (each wait is its ceiling); five minutes until the deadline. */
export function world(options: Partial<GenesysCloudOptions> & { timeMs?: number } = {}): World {
  const clock = new FakeClock();
  const calls: CallRecord[] = [];
  const { timeMs = 300_000, ...rest } = options;
  const cloud = new GenesysCloud({
    clock,
    readSecret: async () => oauthSecret,
    environment: 'mypurecloud.ie',
    random: () => 1,
    onCall: (call) => calls.push(call),
    ...rest,
  });
  const controller = new AbortController();
  const session = cloud.session({ signal: controller.signal, at: clock.now() + timeMs });
  return { clock, cloud, session, calls, controller };
}

/** Expects that no text in an error holds a secret, however deep it lies, and that its message is short. */
export function expectSafe(error: unknown): void {
  const everything = inspect(error, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    maxStringLength: null,
  });
  const basic = Buffer.from(`${oauthSecret.clientId}:${canaries.clientSecret}`).toString('base64');
  for (const secret of [...Object.values(canaries), basic, 'Bearer ', 'Basic ']) {
    expect(everything).not.toContain(secret);
  }
  const { message } = error as Error;
  expect(message.length).toBeLessThanOrEqual(1000);
  expect(message).not.toMatch(/\n\s+at /);
}

/** The error that the work fails with, after a check that it is safe. Throws where the work succeeds. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error(`expected a failure, got ${inspect(outcome.value)}`);
  expectSafe(outcome.error);
  return outcome.error;
}
