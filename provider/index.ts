/**
 * Entry of the function behind the ServiceToken; a container wires the parts once. Only entries and their
 * wiring stand beside the rooms of this folder. Each room's own index.ts says what belongs there.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../common/clock.ts';
import { Ledger, RegisteredStore, Registration, Store } from './ledger/index.ts';
import { lifecycle } from './lifecycle/index.ts';
import { type Application, serve } from './protocol/index.ts';
import { withRegistration } from './registration.ts';
import { resourceTypes } from './resources/index.ts';
import { awsClientDefaults, regionOfArn } from './runtime/aws.ts';
import { log as powertoolsLog } from './runtime/logger.ts';
import { readLedgerSettings } from './runtime/settings.ts';
import { type EntryParts, wire } from './wiring.ts';

export interface HandlerParts extends EntryParts {
  /** The client for a Region; for the function's own where none is named. */
  dynamo?: (options: { region?: string }) => DynamoDBClient;
}

const dynamoDb = (options: { region?: string }) => new DynamoDBClient({ ...awsClientDefaults, ...options });

/** The handler of one container, which keeps its settings, token, organization and connections. */
export function createHandler(parts: HandlerParts = {}) {
  const { environment = process.env, clock = systemClock, log = powertoolsLog } = parts;
  let application: Application | undefined;

  const build = (): Application => {
    const wiring = wire(parts);
    const { table, providerArn, stackId } = readLedgerSettings(environment);
    // A table's ARN names its Region; DynamoDB answers for the tables of its own Region only.
    const dynamo = (parts.dynamo ?? dynamoDb)(regionOfArn(table));
    const registration = new Registration(new Store(dynamo, table, clock), table, providerArn, clock);
    const ledger = new Ledger(new RegisteredStore(dynamo, table, clock, registration), clock);
    const application = lifecycle({ ...wiring, types: resourceTypes, ledger });
    return withRegistration(application, { registration, stackId, clock });
  };

  return serve({
    application: () => {
      application ??= build();
      return application;
    },
    clock,
    log,
    allowLoopbackResponseUrl: environment['ALLOW_LOOPBACK_RESPONSE_URL'] === 'true',
    ...(parts.fetch ? { fetch: parts.fetch } : {}),
    ...(parts.random ? { random: parts.random } : {}),
  });
}

export const handler = createHandler();
