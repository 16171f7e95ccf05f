/** The hook with its caller: requests of CloudFormation, with payloads behind URLs of 127.0.0.1. */
import { examineTemplate } from '../../../cli/validate/validate.ts';
import type { Clock } from '../../../common/clock.ts';
import { HookPayloads } from '../../../local/cloudformation/hook-payloads.ts';
import type { ChangedResource, HookedOperation } from '../../../local/cloudformation/hook-requests.ts';
import { type HookOptions, LambdaHook } from '../../../local/cloudformation/lambda-hook.ts';
import { createValidateHook } from '../../../operations/validate-hook.ts';

/** Much, because a machine may be busy. */
const REMAINING_MILLISECONDS = 600_000;

export interface HookWorld {
  hook: LambdaHook;
  payloads: HookPayloads;
  /** Lines of the function's log. */
  log: string[];
  stop(): Promise<void>;
}

/** @param clock of the bucket and of the function's pauses */
export async function startHook(
  options: Partial<HookOptions> = {},
  { clock, environment = {} }: { clock?: Clock; environment?: Record<string, string> } = {},
): Promise<HookWorld> {
  const payloads = await HookPayloads.start(clock);
  const log: string[] = [];
  const handler = createValidateHook({
    environment: { ALLOW_LOOPBACK_PAYLOAD_URL: 'true', ...environment },
    ...(clock === undefined ? {} : { clock }),
    log: (line) => log.push(line),
  });
  const invoke = async (event: object) =>
    JSON.stringify(await handler(event, { getRemainingTimeInMillis: () => REMAINING_MILLISECONDS }));
  const hook = new LambdaHook({ invoke, payloads, failureMode: 'FAIL', ...options });
  return { hook, payloads, log, stop: () => payloads.stop() };
}

/** The creation of a stack with a template. */
export const creation = (template: string, more: Partial<HookedOperation> = {}): HookedOperation => ({
  action: 'CREATE',
  stackName: 'demo',
  stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/demo/1',
  template,
  ...more,
});

/** The resources of Genesys Cloud as a change set lists them that creates them. */
export const creationsIn = (template: string): ChangedResource[] =>
  examineTemplate('template', template).logicalIds.map((logicalResourceId) => ({
    logicalResourceId,
    resourceType: 'AWS::CloudFormation::CustomResource',
    action: 'CREATE',
    lineNumber: null,
    beforeContext: null,
    afterContext: null,
  }));

export const changeSetId = 'arn:aws:cloudformation:us-east-1:123456789012:changeSet/one/1';
