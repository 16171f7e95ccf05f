/**
 * A world with a rotation: Genesys Cloud with two OAuth clients, the secret of one of them with its versions,
 * and the rotation function in processes that die at a chosen call. Secrets Manager's part, which invokes the
 * four steps and begins anew where one fails, is here too.
 */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RotatedSecret } from '../../../local/aws/rotated-secret.ts';
import type { ClientOptions, GenesysCloudOptions } from '../../../local/genesys-cloud/options.ts';
import { OAUTH_SECRET, World } from '../../../local/provider/world.ts';
import { createOAuthRotation } from '../../../operations/oauth-rotation.ts';
import { awsServices } from '../../../provider/runtime/aws-services.ts';

export const OWN_SECRET = OAUTH_SECRET.replace('credentials-', 'rotation-');
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
/** Secrets Manager tries a rotation some times; the number is not documented. */
const ATTEMPTS = 3;

/** A process of the function dies before or after its n-th call, counted over all steps, from 1. */
export interface Death {
  nth: number;
  when: 'before' | 'after';
}

/** The field that a team keeps beside the client. */
const MORE = { environment: 'mypurecloud.com', note: 'kept' };

export class RotationWorld {
  readonly world: World;
  readonly secret: RotatedSecret;
  readonly clientId: string;
  /** Each call of the function so far, as `step: call`. */
  readonly calls: string[] = [];
  /** Everything that the function wrote, and its errors. */
  readonly output: string[] = [];
  death: Death | undefined;
  environment: Record<string, string> = {};
  /** The time of each step. */
  milliseconds = 120_000;
  /** Called before each call of the function. */
  onCall: (call: string) => Promise<void> | void = () => {};

  static async start({
    genesys = {},
    own = {},
    client = {},
  }: {
    genesys?: GenesysCloudOptions;
    own?: Partial<ClientOptions>;
    client?: Partial<ClientOptions>;
  } = {}): Promise<RotationWorld> {
    const clients = [
      { id: randomUUID(), secret: `CANARY-old-${randomUUID()}`, ...client },
      { id: randomUUID(), secret: `CANARY-own-${randomUUID()}`, ...own },
    ];
    const world = await World.start({ genesys: { ...genesys, clients } });
    const [target, rotating] = clients;
    const secret = new RotatedSecret(
      JSON.stringify({ client_id: target?.id, client_secret: target?.secret, ...MORE }),
    );
    world.aws.secrets.set(OAUTH_SECRET, secret);
    world.aws.secrets.set(OWN_SECRET, {
      text: JSON.stringify({ client_id: rotating?.id, client_secret: rotating?.secret }),
    });
    return new RotationWorld(world, secret, target?.id ?? '');
  }

  private constructor(world: World, secret: RotatedSecret, clientId: string) {
    this.world = world;
    this.secret = secret;
    this.clientId = clientId;
  }

  /** Rotates as Secrets Manager does; whether it ended well. */
  async rotate(): Promise<boolean> {
    const token = this.secret.begin();
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      let done = true;
      for (const step of STEPS) {
        done = (await this.step(step, token)) === undefined;
        if (!done) break;
      }
      if (done) return true;
    }
    return false;
  }

  /** Runs one step in a process of its own; its error. */
  async step(Step: string, ClientRequestToken: string, SecretId = OAUTH_SECRET): Promise<Error | undefined> {
    const { clock } = this.world;
    const died = Promise.withResolvers<Error>();
    const process = this.#process(Step, () => died.resolve(new Error('the process died')));
    const killedAt = clock.now() + this.milliseconds;
    const run = clock.held(() =>
      Promise.race([
        process(
          { Step, SecretId, ClientRequestToken },
          { getRemainingTimeInMillis: () => killedAt - clock.now() },
        ).then(
          () => undefined,
          (error: Error) => error,
        ),
        died.promise,
      ]),
    );
    const error = await run;
    if (error) this.output.push(inspect(error, { depth: 8 }));
    return error;
  }

  /** The secret of a version's text. */
  current(): { client_id: string; client_secret: string } & typeof MORE {
    return JSON.parse(this.secret.text);
  }

  /** Whether the current version logs in, and has everything that it had. */
  async works(): Promise<boolean> {
    const { client_id, client_secret, environment, note } = this.current();
    const response = await fetch(`${this.world.genesys.url}/oauth/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    return response.ok && environment === MORE.environment && note === MORE.note;
  }

  /** Secrets that stand in the function's output. */
  leaks(): string[] {
    const written = this.output.join('\n');
    const secrets = [
      ...Object.values(this.secret.versions),
      this.world.aws.secrets.get(OWN_SECRET)?.text ?? '{}',
    ].map((text) => (JSON.parse(text) as { client_secret: string }).client_secret);
    return secrets.filter((secret) => written.includes(secret));
  }

  /** Resets of the client's secret so far. */
  resets(): number {
    return this.calls.filter((call) => call.endsWith('/secret')).length;
  }

  stop(): Promise<void> {
    return this.world.stop();
  }

  /** A fresh process. After its death it sends nothing, and none of its calls returns. */
  #process(step: string, onDeath: () => void) {
    let isDead = false;
    const never = () => new Promise<never>(() => {});
    const counted = async <T>(call: string, send: () => Promise<T>): Promise<T> => {
      if (isDead) return never();
      this.calls.push(`${step}: ${call}`);
      await this.onCall(call);
      const dies = (when: Death['when']) => this.death?.nth === this.calls.length && this.death.when === when;
      const die = () => {
        isDead = true;
        onDeath();
        return never();
      };
      if (dies('before')) return die();
      const isLast = dies('after');
      const result = await send();
      return isLast ? die() : isDead ? never() : result;
    };
    const options = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    const inner = new SecretsManagerClient(options).config.requestHandler;
    const requestHandler = {
      handle: (request: { headers: Record<string, string> }, ...more: unknown[]) =>
        counted(request.headers['x-amz-target']?.split('.')[1] ?? '', () =>
          inner.handle(request as never, ...(more as [])),
        ),
    } as never;
    const client = { ...options, endpoint: this.world.aws.url, requestHandler, maxAttempts: 1 };
    const log =
      (level: string) =>
      (message: string, facts: object = {}) =>
        void this.output.push(`${level} ${message} ${inspect(facts, { depth: 8 })}`);
    const { url } = this.world.genesys;
    return createOAuthRotation({
      environment: {
        GENESYS_ENVIRONMENT: 'mypurecloud.com',
        GENESYS_API_BASE_URL: url,
        GENESYS_LOGIN_BASE_URL: url,
        GENESYS_OAUTH_SECRET_ARN: OWN_SECRET,
        ROTATED_SECRET_ARN: OAUTH_SECRET,
        ...this.environment,
      },
      clock: this.world.clock.forServers,
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      aws: awsServices(client),
      secretsManager: new SecretsManagerClient(client),
      fetch: (input, init) => {
        const { pathname } = new URL(String(input));
        const path = pathname.replace(/[0-9a-f-]{36}/, '{id}');
        return counted(`${init?.method ?? 'GET'} ${path}`, () => fetch(input, init));
      },
      random: () => 0.5,
    });
  }
}
