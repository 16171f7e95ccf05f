/** Runs `unstick`: reads the queue, then lists it, or acts on one event. */
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../../common/clock.ts';
import { redact } from '../../common/redaction.ts';
import { EXIT, type ExitCode, type Streams } from '../command.ts';
import { CallerError, endingOf } from '../connection/endings.ts';
import { progressOn } from '../connection/progress.ts';
import { answerByHand, askProviderAgain, lookAfterAnswer } from './act.ts';
import { failureByHand, type Judged, successByHand } from './answers.ts';
import { confirm } from './confirm.ts';
import { readMessage, shown } from './event.ts';
import type { UnstickOptions } from './options.ts';
import { findPlace, type Place } from './place.ts';
import { asJson, asText, shownEntry } from './report.ts';
import { type Entry, kindOf, lookAgain, lookAt, type StuckRequest } from './stuck.ts';

export async function runUnstick(options: UnstickOptions, streams: Streams): Promise<ExitCode> {
  const { out, problems } = streams;
  const progress = progressOn(problems);
  try {
    progress.show('reading the failure queue');
    const place = await findPlace(options);
    return await place.queue.withMessages(async (messages) => {
      const isLoopbackAllowed = process.env['ALLOW_LOOPBACK_RESPONSE_URL'] === 'true';
      const read = messages.map((message) => readMessage(message, place.functionArn, isLoopbackAllowed));
      const entries = await lookAt(read, place, systemClock.now());
      progress.clear();
      const { which } = options;
      if (which === undefined) return await list(entries, place, options, out);
      const entry = entryOf(which, entries);
      return options.remove
        ? await remove(entry, place, options, streams)
        : await act(entry, { entries, place, options, streams });
    });
  } catch (error) {
    progress.clear();
    problems.write(`genesys-cloud-cfn: ${redact(endingOf(error).line)}\n`);
    return EXIT.wrong;
  }
}

async function list(
  entries: Entry[],
  place: Place,
  { format }: UnstickOptions,
  out: Streams['out'],
): Promise<ExitCode> {
  const now = systemClock.now();
  const listed = entries.map((entry) => shownEntry(entry, now));
  const elsewhere = await place.queue.heldElsewhere(entries.length);
  const notes = [
    ...(place.ledgerProblem === undefined ? [] : [`The ledger is unknown: ${place.ledgerProblem}`]),
    ...(elsewhere === 0
      ? []
      : [`Another reader holds ${elsewhere} more of the queue. Run unstick again in a minute.`]),
  ];
  const text = format === 'json' ? asJson(listed, notes) : asText(listed, notes, elsewhere === 0);
  out.write(`${redact(text)}\n`);
  if (listed.some(({ isWaiting }) => isWaiting)) return EXIT.found;
  return elsewhere > 0 || listed.some(({ isWaiting }) => isWaiting === undefined) ? EXIT.wrong : EXIT.fine;
}

/** @throws CallerError where it is none, or several */
function entryOf(which: string, entries: Entry[]): Entry {
  const isNumber = /^\d{1,4}$/.test(which);
  const found = entries.filter(({ number, request }) =>
    isNumber ? number === Number(which) : request?.requestId === which,
  );
  const [entry, another] = found;
  if (entry === undefined)
    throw new CallerError(
      `There is no event ${which} in the queue. Run unstick without it for the list; another reader may hold events for a minute.`,
    );
  if (another !== undefined)
    throw new CallerError(`There are ${found.length} events with the RequestId ${which}: give the number.`);
  return entry;
}

interface Acting {
  /** The whole list. */
  entries: readonly Entry[];
  place: Place;
  options: UnstickOptions;
  streams: Streams;
}

async function act(entry: Entry, { entries, place, options, streams }: Acting): Promise<ExitCode> {
  const { out } = streams;
  const now = systemClock.now();
  if (entry.request === undefined)
    throw new CallerError(
      `Event ${entry.number} is no request of this provider: ${entry.problem}. --remove takes it out.`,
    );
  const { stack = '', isWaiting, cloudFormation, canBeAnswered } = shownEntry(entry, now);
  const name = `${entry.request.type} of ${stack}/${entry.request.logicalId}`;
  if (isWaiting === false) {
    out.write(
      `Nobody waits for the answer to the ${name}: ${cloudFormation}. Nothing was sent. --remove takes the event out of the queue.\n`,
    );
    return EXIT.fine;
  }
  if (!canBeAnswered)
    throw new CallerError(
      `The ResponseURL of the ${name} has expired, so CloudFormation's bucket takes no answer. The resource fails when its ServiceTimeout is over; see docs/unstick.md.`,
    );
  if (isWaiting === undefined && options.settle)
    throw new CallerError(
      `It cannot be seen whether CloudFormation waits for the ${name} (${cloudFormation}), so no answer is given by hand. Nothing was sent. The provider itself may serve it again: leave --settle out.`,
    );
  const judged = options.settle && judge(entry, options, now);
  if (judged && 'refusal' in judged) throw new CallerError(`${judged.refusal} Nothing was sent.`);
  const plan = judged
    ? `This answers ${judged.outcome.status} to the ${name}, with the id ${shown(judged.outcome.physicalId)}, in place of the provider.`
    : `This gives the ${name} to the provider again, which answers it.`;
  await place.queue.hold(entry.message);
  if (!options.yes) await confirm({ question: plan, word: stack }, streams);
  await place.queue.hold(entry.message);
  const again = await lookAgain(entry, entries, place);
  if (!isAsBefore(entry, again, options, judged))
    throw new CallerError(
      `The ${name} has changed meanwhile: CloudFormation or the ledger shows something else. Nothing was sent. Run unstick again for the list.`,
    );
  if (judged) await answerByHand(entry, judged.outcome);
  else await askProviderAgain(entry, place);
  if (isWaiting === undefined) {
    out.write(
      `The provider has served the ${name} again. Whether CloudFormation has taken its answer cannot be seen here; the event stays in the queue.\n`,
    );
    return EXIT.wrong;
  }
  return end(entry, name, place, out);
}

/** Whether the plan still stands. An answer by hand rests on all that was seen, the provider judges anew. */
function isAsBefore(
  before: StuckRequest,
  again: StuckRequest,
  options: UnstickOptions,
  judged: Judged | undefined,
): boolean {
  if (judged === undefined) return again.cloudFormation.isWaiting === before.cloudFormation.isWaiting;
  return (
    isDeepStrictEqual(again.cloudFormation, before.cloudFormation) &&
    isDeepStrictEqual(again.ledger, before.ledger) &&
    isDeepStrictEqual(judge(again, options, systemClock.now()), judged)
  );
}

async function end(entry: StuckRequest, name: string, place: Place, out: Streams['out']): Promise<ExitCode> {
  const shows = await lookAfterAnswer(entry, place);
  if (shows === 'taken') {
    await place.queue.remove(entry.message);
    out.write(`CloudFormation has taken the answer to the ${name}. The event is out of the queue.\n`);
    return EXIT.fine;
  }
  const text = {
    waiting: `CloudFormation still waits for the ${name}. The event stays in the queue; look at it again in a minute.`,
    over: `The ServiceTimeout of the ${name} has passed, and its resource has not gone on. Nothing shows that CloudFormation took the answer, so the event stays in the queue; look at the events of the stack.`,
    unseen: `The ${name} was answered. CloudFormation cannot be asked whether it took the answer, so the event stays in the queue.`,
  }[shows];
  out.write(`${text}\n`);
  return shows === 'unseen' ? EXIT.wrong : EXIT.found;
}

function judge(entry: StuckRequest, { settle, reason }: UnstickOptions, now: number): Judged {
  if (settle === 'success') return successByHand(entry, entry.ledger, now);
  return failureByHand(entry, entry.ledger, {
    reason: reason ?? 'The provider could not answer this request.',
    now,
    kindOf,
  });
}

async function remove(
  entry: Entry,
  place: Place,
  options: UnstickOptions,
  streams: Streams,
): Promise<ExitCode> {
  const { stack = 'remove', isWaiting, logicalId } = shownEntry(entry, systemClock.now());
  if (isWaiting !== false)
    throw new CallerError(
      `CloudFormation ${isWaiting ? 'still waits' : 'may still wait'} for the answer to event ${entry.number}. Answer it first; nothing was removed.`,
    );
  const what = logicalId === undefined ? '' : ` (${stack}/${logicalId})`;
  const question = `This takes event ${entry.number}${what} out of the queue for good.`;
  if (!options.yes) await confirm({ question, word: stack }, streams);
  await place.queue.remove(entry.message);
  streams.out.write(`Event ${entry.number}${what} is out of the queue.\n`);
  return EXIT.fine;
}
