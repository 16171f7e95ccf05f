import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { InProcessInvoker } from '../../../local/cloudformation/in-process-invoker.ts';
import { ResponseServer } from '../../../local/cloudformation/response-server.ts';
import {
  CloudFormation,
  type CloudFormationOptions,
  type StackView,
} from '../../../local/cloudformation/stack.ts';
import type { Template } from '../../../local/cloudformation/template.ts';
import { SampleProvider } from './sample-provider.ts';

let stops: (() => Promise<void>)[] = [];

/** Stops every driver of a test; for `afterEach`. */
export async function stopDrivers(): Promise<void> {
  for (const stop of stops.reverse()) await stop();
  stops = [];
}

type Handler = (event: CloudFormationCustomResourceEvent) => Promise<void>;

/** CloudFormation in front of the sample provider, or of another handler. */
export async function start(options: Partial<CloudFormationOptions> = {}, handler?: Handler) {
  const provider = new SampleProvider();
  const responses = await ResponseServer.start();
  const invoker = new InProcessInvoker(handler ?? provider.handler);
  const cloudFormation = new CloudFormation({ invoker, responses, retryDelaysMs: [0, 0], ...options });
  stops.push(
    () => responses.stop(),
    () => cloudFormation.stop(),
  );
  return { provider, responses, cloudFormation };
}

/** The same, with a stack `s` of these resources. `since` answers the requests after its creation. */
export async function created(
  resources: Template['Resources'],
  options: Partial<CloudFormationOptions> = {},
) {
  const started = await start(options);
  await started.cloudFormation.createStack('s', template(resources));
  const already = started.cloudFormation.sequence().length;
  return { ...started, since: () => started.cloudFormation.sequence().slice(already) };
}

export const thing = (properties: Record<string, unknown> = {}, more: object = {}) => ({
  Type: 'Custom::Thing',
  Properties: properties,
  ...more,
});

export const template = (
  resources: Template['Resources'],
  outputs: Record<string, unknown> = {},
): Template => ({
  Resources: resources,
  Outputs: Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }])),
});

export const events = (cloudFormation: CloudFormation) => cloudFormation.requests.map(({ event }) => event);

/** The statuses of a resource, or of the stack by its name, in order. */
export const statuses = (stack: StackView, logicalId: string) =>
  stack.events
    .filter((event) => event.LogicalResourceId === logicalId)
    .map(({ ResourceStatus }) => ResourceStatus);
