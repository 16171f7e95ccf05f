/** Entry of the function behind the ServiceToken; wires the parts once per container. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GenesysCloud, parseOAuthSecret } from './genesys/index.ts';
import { Ledger, Store } from './ledger/index.ts';
import { type Application, serve } from './protocol/index.ts';
import { lifecycle, resourceTypes } from './resources/index.ts';
import { type AwsServices, awsClientDefaults, awsServices } from './runtime/aws.ts';
import { type Clock, systemClock } from './runtime/clock.ts';
import { type Log, log as powertoolsLog } from './runtime/logger.ts';
import { registerSecret } from './runtime/redaction.ts';
import { readSettings } from './runtime/settings.ts';

/** What a handler is made of; everything has the value of a real function, tests replace what they drive. */
export interface HandlerParts {
  environment?: NodeJS.ProcessEnv;
  clock?: Clock;
  log?: Log;
  aws?: AwsServices;
  dynamo?: DynamoDBClient;
  fetch?: typeof fetch;
  random?: () => number;
}

/** One container's handler: its settings, token, organization and connections live as long as it does. */
export function createHandler(parts: HandlerParts = {}) {
  const { environment = process.env, clock = systemClock, log = powertoolsLog } = parts;
  const http = {
    ...(parts.fetch ? { fetch: parts.fetch } : {}),
    ...(parts.random ? { random: parts.random } : {}),
  };
  let application: Application | undefined;

  const build = (): Application => {
    const settings = readSettings(environment);
    const aws = parts.aws ?? awsServices();
    const dynamo = parts.dynamo ?? new DynamoDBClient(awsClientDefaults);
    const clouds = new Map<string, GenesysCloud>();
    const genesysCloud = (secretArn: string) => {
      const known = clouds.get(secretArn);
      if (known) return known;
      const cloud = new GenesysCloud({
        clock,
        ...http,
        readSecret: async () => {
          const text = await aws.secretText(secretArn, { signal: AbortSignal.timeout(20_000) });
          const secret = parseOAuthSecret(text, secretArn);
          registerSecret(secret.clientSecret);
          return secret;
        },
        ...(settings.genesysEnvironment === undefined ? {} : { environment: settings.genesysEnvironment }),
        ...(settings.apiBaseUrl === undefined ? {} : { apiBaseUrl: settings.apiBaseUrl }),
        ...(settings.loginBaseUrl === undefined ? {} : { loginBaseUrl: settings.loginBaseUrl }),
        onCall: (call) => log.info('Genesys Cloud call', { ...call }),
      });
      clouds.set(secretArn, cloud);
      return cloud;
    };
    return lifecycle({
      types: resourceTypes,
      settings,
      ledger: new Ledger(new Store(dynamo, settings.ledgerTableName, () => clock.now()), clock),
      aws,
      genesysCloud,
      clock,
      log,
    });
  };

  return serve({
    application: () => {
      application ??= build();
      return application;
    },
    clock,
    log,
    allowLoopbackResponseUrl: environment['ALLOW_LOOPBACK_RESPONSE_URL'] === 'true',
    ...http,
  });
}

export const handler = createHandler();
