/**
 * The plan of the second matrix: hostile surroundings that last longer than one call. Each value of each axis
 * meets each operation of each type, and each kind of place where the process dies. Within a kind the plan
 * takes one place after the other, so that together the values meet all of them.
 */
import type { Operation, Sequel } from './matrix.ts';
import type { Place } from './watch.ts';

/**
 * - spells: from a call on, for so many seconds, Genesys Cloud answers 404 for every object, or 503 or 403
 *   for every call;
 * - deployments that are tried again: after FAILED, after SUCCESS, or after an event that was lost;
 * - ledgers: restored or emptied between two requests, or throttled from a call on;
 * - content outside: changes between the request and what undoes it;
 * - clocks: the signer of the request is ahead or behind;
 * - weeks: between all requests, or before a failure is undone.
 */
export const axes = {
  spells: [
    '404 for 3 s',
    '404 for 15 s',
    '404 for 40 s',
    '503 for 3 s',
    '503 for 15 s',
    '503 for 40 s',
    '403 for 3 s',
    '403 for 15 s',
    '403 for 40 s',
  ],
  retries: ['after FAILED', 'after SUCCESS', 'after a lost event'],
  ledgers: ['restored', 'emptied', 'throttled for 3 s', 'throttled for 15 s', 'throttled for 40 s'],
  outside: ['is changed', 'is deleted', 'is forbidden', 'is encrypted by a key that is disabled'],
  clocks: ['5 s ahead', '5 s behind'],
  weeks: ['between requests', 'before the undoing'],
} as const;
export type Axis = keyof typeof axes;

/** Kinds of places where the process dies, by the call. `nowhere`: it does not die. */
export const killClasses = [
  'nowhere',
  'looking',
  'taking up',
  'writing',
  'noting',
  'answering',
  'closing',
] as const;
export type KillClass = (typeof killClasses)[number];

export interface Death {
  place: Place;
  fault: 'kill before' | 'kill after';
  sequel: Sequel;
}

export interface AxisCell {
  axis: Axis;
  value: string;
  type: string;
  operation: Operation;
  killClass: KillClass;
  death?: Death;
  /** The number of the call of its service from which on a spell lasts, from 1. */
  from: number;
}

/** An operation of a type with the calls that it makes. */
export interface Scenario {
  type: string;
  operation: Operation;
  places: readonly Place[];
}

/** The kind of each call of an operation. */
export function classesOf(places: readonly Place[]): KillClass[] {
  const isWrite = ({ service, operation }: Place) => service === 'genesys' && !operation.startsWith('GET');
  const firstWrite = places.findIndex(isWrite);
  const answer = places.findIndex(({ service }) => service === 'answer');
  return places.map((place, at) => {
    if (place.service === 'answer') return 'answering';
    if (at > answer) return 'closing';
    if (isWrite(place)) return 'writing';
    if (place.service !== 'ledger') return 'looking';
    return at < firstWrite ? 'taking up' : 'noting';
  });
}

const FOLLOWED: readonly Sequel[] = [
  'followed after 0 s',
  'followed after 2 s',
  'followed after 5 s',
  'followed after 30 s',
];

/**
 * The possible sequels of a death. CloudFormation must not give up where the request has to succeed first.
 */
function sequelsFor(axis: Axis, value: string): readonly Sequel[] {
  if (axis === 'ledgers' && !value.startsWith('throttled')) return ['delivered again'];
  if (axis === 'retries' || axis === 'outside') return ['delivered again'];
  // CloudFormation may give a Create up although its answer arrives. A Delete undoes such a Create for 15
  // minutes only (docs/concepts.md), so no repeat may complete it here.
  if (value === 'before the undoing') return ['delivered again'];
  return ['delivered again', ...FOLLOWED];
}

/** Every cell, in an order that does not change. */
export function axesPlan(scenarios: readonly Scenario[]): AxisCell[] {
  const values = Object.entries(axes).flatMap(([axis, names]) =>
    names.map((value) => ({ axis: axis as Axis, value: value as string })),
  );
  return scenarios.flatMap(({ type, operation, places }) => {
    const classes = classesOf(places);
    return killClasses.flatMap((killClass) => {
      const deaths = places
        .filter((_, at) => classes[at] === killClass)
        .flatMap((place) => (['kill before', 'kill after'] as const).map((fault) => ({ place, fault })));
      if (killClass !== 'nowhere' && deaths.length === 0) return [];
      return values.map(({ axis, value }, at): AxisCell => {
        const isOfLedger = axis === 'ledgers';
        const calls = places.filter(({ service }) => service === (isOfLedger ? 'ledger' : 'genesys')).length;
        const death = deaths[at % deaths.length];
        const sequels = sequelsFor(axis, value);
        const sequel = sequels[(at + Math.floor(at / 5)) % sequels.length] as Sequel;
        // A step that no number of calls is a multiple of, so that the spells begin everywhere.
        const from = 1 + ((at * 7 + killClasses.indexOf(killClass) * 3) % calls);
        const cell = { axis, value, type, operation, killClass, from };
        return death === undefined ? cell : { ...cell, death: { ...death, sequel } };
      });
    });
  });
}

export const nameOfAxisCell = ({ axis, value, type, operation, from, death }: AxisCell) => {
  const dies =
    death === undefined
      ? ''
      : `, ${death.fault} ${death.place.service} ${death.place.operation} #${death.place.nth}, ${death.sequel}`;
  return `${type} ${operation}: ${axis} ${value} from call ${from} on${dies}`;
};
