/**
 * How a mistake is made, and what the person reads then: wrong parameters by the real CLI, everything else by
 * CloudFormation's API.
 */
import { join } from 'node:path';
import { CloudFormationServiceException } from '@aws-sdk/client-cloudformation';
import { AwsCliError, deploy } from '../../../local/aws/cli.ts';
import { create as createStack, type Settled, update as updateStack } from '../../../local/aws/stacks.ts';
import { root } from '../../../local/world.ts';
import { dataAction, integration, type Resource, template } from '../../support/templates.ts';
import { from } from './base.ts';
import type { Attempt, MistakesWorld } from './world.ts';

type Resources = Record<string, Resource>;
/** Resources as they are, or made of the world's ids and ARNs. */
type Given = Resources | ((world: MistakesWorld) => Resources);

const nameOfStack = { Ref: 'AWS::StackName' };

/** A data action on the colleague's integration. */
export const action = (properties: object = {}): Resources => ({
  Action: dataAction({ IntegrationId: from('Shared'), Name: nameOfStack, ...properties }),
});

/** A Lambda integration that is named after its stack. */
export const ofLambda = (properties: object = {}): Resources => ({
  Integration: integration({ Name: nameOfStack, ...properties }),
});

/** A web-services integration that is named after its stack. */
export const ofWebServices = (properties: object = {}): Resources =>
  ofLambda({ RoleArn: { Ref: 'AWS::NoValue' }, IntegrationType: 'custom-rest-actions', ...properties });

/** The frame around the words of the provider: CloudFormation's own, and the id of the Lambda request. */
const FRAME =
  /^Received response status \[FAILED\] from custom resource\. Message returned: (.*?)(?: \(Lambda request \S+\))? \(RequestId: \S+\)$/s;

/**
 * A deployment that has to fail: the reason in the stack's events, without CloudFormation's own frame. The
 * CLI would take most of the time, and it shows nobody these events.
 */
async function reasonOf(stackName: string, deployment: Promise<Settled>): Promise<string> {
  try {
    const { history, reasons } = await deployment;
    const failed = history.find((line) => !line.startsWith(`${stackName} `) && line.endsWith('_FAILED'));
    if (failed === undefined) throw new Error('the mistake was deployed without a word');
    const reason = reasons[failed] ?? '';
    return FRAME.exec(reason)?.[1] ?? reason;
  } catch (error) {
    // A stack that was refused as a whole has no events.
    if (error instanceof CloudFormationServiceException) return error.message;
    throw error;
  }
}

const resourcesOf = (given: Given, world: MistakesWorld) =>
  typeof given === 'function' ? given(world) : given;

/** A stack of these resources. */
export const stack =
  (given: Given): Attempt =>
  (world, stackName) => {
    const body = template(resourcesOf(given, world));
    return reasonOf(stackName, createStack(world.cloudFormation, stackName, body, { disableRollback: true }));
  };

/** A stack that is right at first, and its update. @param meanwhile happens in between, such as in the UI */
export const update =
  (
    before: Given,
    after: Given,
    meanwhile: (world: MistakesWorld, ids: Record<string, string>) => Promise<void> = async () => undefined,
  ): Attempt =>
  async (world, stackName) => {
    const { cloudFormation } = world;
    const made = await createStack(cloudFormation, stackName, template(resourcesOf(before, world)));
    await meanwhile(world, made.outputs);
    const body = template(resourcesOf(after, world));
    return reasonOf(stackName, updateStack(cloudFormation, stackName, body));
  };

/** Parameters of a template that the CLI or CloudFormation refuses. */
export const parameters =
  (file: string, values: Record<string, string>): Attempt =>
  async ({ provider: { ministack, prepared } }, stackName) => {
    const templateFile = join(root, 'templates', file);
    try {
      await deploy(ministack, { stackName, templateFile, parameters: values, s3Bucket: prepared.bucket });
    } catch (error) {
      if (error instanceof AwsCliError) return error.stderr.trim();
      throw error;
    }
    throw new Error('the mistake was deployed without a word');
  };

/** Deletes an object as a person does in Genesys Cloud's UI. @param output that has its id */
export const byHand =
  (kind: 'integrations' | 'integrations/actions', output: string) =>
  async ({ provider }: MistakesWorld, ids: Record<string, string>): Promise<void> => {
    const { url, clientId, clientSecret } = provider.genesys;
    const login = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token } = (await login.json()) as { access_token: string };
    const deleted = await fetch(`${url}/api/v2/${kind}/${ids[output]}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${access_token}` },
    });
    if (!deleted.ok) throw new Error(`the deletion by hand was answered ${deleted.status}`);
  };

/** The same mistake in a stack of another name. */
export const inStack =
  (name: string, attempt: Attempt): Attempt =>
  (world) =>
    attempt(world, name);
