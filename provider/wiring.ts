/** The parts that the entries of the zip share. */
import { type Clock, systemClock } from '../common/clock.ts';
import { registerSecret } from '../common/redaction.ts';
import { GenesysCloud, parseOAuthSecret } from './genesys/index.ts';
import type { AwsServices } from './runtime/aws.ts';
import { awsServices } from './runtime/aws-services.ts';
import { type Log, log as powertoolsLog } from './runtime/logger.ts';
import type { Sealing } from './runtime/sealing.ts';
import { readSettings, type Settings } from './runtime/settings.ts';

/** The parts of an entry. Each has the value of a real function, and a test replaces those that it drives. */
export interface EntryParts {
  environment?: NodeJS.ProcessEnv;
  clock?: Clock;
  log?: Log;
  aws?: AwsServices;
  fetch?: typeof fetch;
  random?: () => number;
}

export interface Wiring {
  settings: Settings;
  aws: AwsServices;
  clock: Clock;
  log: Log;
  sealing: Sealing;
  /** The client of a secret's organization; a container has one for each secret. */
  genesysCloud(secretArn: string): GenesysCloud;
}

/**
 * Time to read the OAuth secret. Requests with different deadlines share a login, so it has a limit of its
 * own.
 */
const SECRET_MILLISECONDS = 20_000;

/** @throws SettingsError that names the variable. */
export function wire(parts: EntryParts): Wiring {
  const { environment = process.env, clock = systemClock, log = powertoolsLog } = parts;
  const settings = readSettings(environment);
  const aws = parts.aws ?? awsServices();
  const clouds = new Map<string, GenesysCloud>();
  const keys = { secretText: remembered(aws.secretText) };
  // Loaded by the first request that keeps something sealed, or needs it again.
  const sealing: Sealing = {
    seal: async (...of) => (await import('./runtime/sealing.ts')).seal({ settings, aws: keys }, ...of),
    unseal: async (...of) => (await import('./runtime/sealing.ts')).unseal({ aws: keys }, ...of),
  };
  const oauthSecret = async (secretArn: string, versionStage?: 'AWSPENDING') => {
    const signal = AbortSignal.timeout(SECRET_MILLISECONDS);
    const text = await aws.secretText(secretArn, { signal, ...(versionStage ? { versionStage } : {}) });
    const secret = parseOAuthSecret(text, secretArn);
    registerSecret(secret.clientSecret);
    return secret;
  };
  return {
    settings,
    aws,
    clock,
    log,
    sealing,
    genesysCloud(secretArn) {
      const known = clouds.get(secretArn);
      if (known) return known;
      const cloud = new GenesysCloud({
        clock,
        fetch: parts.fetch,
        random: parts.random,
        readSecret: () => oauthSecret(secretArn),
        // A secret that is not rotated has no such version. The refused login is the error that matters.
        readPendingSecret: () => oauthSecret(secretArn, 'AWSPENDING').catch(() => undefined),
        environment: settings.genesysEnvironment,
        apiBaseUrl: settings.apiBaseUrl,
        loginBaseUrl: settings.loginBaseUrl,
        onCall: (call) => log.info('Genesys Cloud call', { ...call }),
      });
      clouds.set(secretArn, cloud);
      return cloud;
    },
  };
}

/** Reads each secret once a container. The secret of the sealing never changes. */
function remembered(read: AwsServices['secretText']): AwsServices['secretText'] {
  const texts = new Map<string, string>();
  return async (arn, options) => {
    const text = texts.get(arn) ?? (await read(arn, options));
    texts.set(arn, text);
    return text;
  };
}
