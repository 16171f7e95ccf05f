/** The ways to an answer: by the provider, or by hand. */
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { systemClock } from '../../common/clock.ts';
import { brief } from '../../common/text.ts';
import { deliver, encodeAnswer, type Outcome } from '../../provider/protocol/index.ts';
import { CallerError } from '../connection/endings.ts';
import type { Place } from './place.ts';
import { askCloudFormation, type StuckRequest } from './stuck.ts';

/** Time for the delivery of an answer, its repeats included. */
const DELIVERY_MILLISECONDS = 30_000;
/** Time that CloudFormation gets to show that it took an answer. */
const TAKING_MILLISECONDS = 30_000;
const LOOK_MILLISECONDS = 1_000;

/**
 * Gives the event to the provider once more. Its answer goes its own way, to CloudFormation.
 * @throws CallerError where the function fails again
 */
export async function askProviderAgain(
  { event }: StuckRequest,
  { lambda, functionArn }: Place,
): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionArn,
      Payload: new TextEncoder().encode(JSON.stringify(event)),
    }),
  );
  if (FunctionError === undefined) return;
  throw new CallerError(
    `The provider has failed again: ${errorIn(Payload)} Mend it, and run the command again. Where that is not possible in time, answer by --settle failure.`,
  );
}

/** Puts an answer into CloudFormation's bucket. @throws DeliveryError, which does not quote the address */
export async function answerByHand({ address }: StuckRequest, outcome: Outcome): Promise<void> {
  const body = encodeAnswer(address, outcome, 'answered by genesys-cloud-cfn unstick');
  await deliver(address.responseUrl, body, {
    clock: systemClock,
    until: systemClock.now() + DELIVERY_MILLISECONDS,
  });
}

/**
 * CloudFormation's state after an answer. `taken`: the resource has another status. `waiting`: it has none
 * after some time. `over`: nor has it one, and its ServiceTimeout has passed. `unseen`: it cannot be asked.
 */
export async function lookAfterAnswer(
  entry: StuckRequest,
  place: Place,
): Promise<'taken' | 'waiting' | 'over' | 'unseen'> {
  const until = systemClock.now() + TAKING_MILLISECONDS;
  // The end of the time shows no answer, so the status alone counts.
  const untimed = { ...entry, waitsUntil: Number.POSITIVE_INFINITY };
  for (;;) {
    const now = systemClock.now();
    const { isWaiting } = await askCloudFormation(untimed, [], place, now);
    if (isWaiting === undefined) return 'unseen';
    if (!isWaiting) return 'taken';
    if (now >= until) return now > entry.waitsUntil ? 'over' : 'waiting';
    await systemClock.sleep(LOOK_MILLISECONDS);
  }
}

function errorIn(payload: Uint8Array | undefined): string {
  try {
    const { errorMessage } = JSON.parse(new TextDecoder().decode(payload)) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? brief(errorMessage, 500) : 'it gives no reason.';
  } catch {
    return 'it gives no reason.';
  }
}
