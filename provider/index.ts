/**
 * Entry of the function behind the ServiceToken; a container wires the parts once. Only entries and their
 * wiring stand beside the rooms of this folder. Each room's own index.ts says what belongs there.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Ledger, Store } from './ledger/index.ts';
import { lifecycle } from './lifecycle/index.ts';
import { type Application, serve } from './protocol/index.ts';
import { resourceTypes } from './resources/index.ts';
import { awsClientDefaults } from './runtime/aws.ts';
import { systemClock } from './runtime/clock.ts';
import { log as powertoolsLog } from './runtime/logger.ts';
import { type EntryParts, wire } from './wiring.ts';

export interface HandlerParts extends EntryParts {
  dynamo?: DynamoDBClient;
}

/** The handler of one container, which keeps its settings, token, organization and connections. */
export function createHandler(parts: HandlerParts = {}) {
  const { environment = process.env, clock = systemClock, log = powertoolsLog } = parts;
  let application: Application | undefined;

  const build = (): Application => {
    const wiring = wire(parts);
    const dynamo = parts.dynamo ?? new DynamoDBClient(awsClientDefaults);
    const store = new Store(dynamo, wiring.settings.ledgerTableName, clock);
    return lifecycle({ ...wiring, types: resourceTypes, ledger: new Ledger(store, clock) });
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
