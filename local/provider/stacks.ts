/** Common templates of the fault runs and the tests, and a world that is judged at the end. */
import { deepEqual } from 'node:assert/strict';
import type { CloudFormationOptions, StackView } from '../cloudformation/stack.ts';
import type { Template } from '../cloudformation/template.ts';
import { firstInputs, inWorldOf } from './inputs.ts';
import { CREDENTIALS_SECRET, inWorld, only, type World } from './world.ts';

export const ACTION = 'Custom::GenesysDataAction';
export const INTEGRATION = 'Custom::GenesysAwsIntegration';
export const KEY = 'Custom::GenesysRecordingKey';

/** Properties of a data action: the first inputs, with changes. */
export const action = (world: World, changes = {}): Record<string, unknown> => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ...changes,
});

/** A template with one more resource, which fails when all others are made. */
export const withFailure = ({ Resources }: Template): Template => ({
  Resources: {
    ...Resources,
    Bad: { Type: 'Custom::GenesysNothing', DependsOn: Object.keys(Resources), Properties: {} },
  },
});

export const idOf = (stack: StackView, logicalId = 'Thing'): string =>
  stack.resources[logicalId]?.physicalId ?? '';

/**
 * Runs a scenario in a world of its own.
 * @throws AssertionError when an answer broke the protocol, or a secret leaked
 */
export const withWorld = (
  run: (world: World) => Promise<void>,
  cloudFormation: Partial<CloudFormationOptions> = {},
): Promise<void> =>
  inWorld({ cloudFormation }, async (world) => {
    await run(world);
    await world.cloudFormation.idle();
    deepEqual(world.cloudFormation.violations(), []);
    deepEqual(world.leaks(), []);
  });

/** An integration with web services, whose credential is in the tagged secret. */
export const webServices = (changes: object = {}): Template =>
  only(INTEGRATION, {
    Name: 'Orders',
    IntegrationType: 'custom-rest-actions',
    CredentialType: 'basicAuth',
    CredentialsSecretArn: CREDENTIALS_SECRET,
    ...changes,
  });
