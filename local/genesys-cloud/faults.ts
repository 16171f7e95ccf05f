import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { badRequest } from './errors.ts';

/** The calls that a fault hits. Every given condition must hold. */
export interface FaultMatch {
  method?: string;
  /** A template (`/api/v2/integrations/{id}` with any name of the parameter) or a path. */
  path?: string;
  /** A regular expression on path and query. */
  pattern?: string;
  /** The number of the first matching call that is hit, from 1. Default: 1. */
  nth?: number;
  /** The number of matching calls that are hit from there on. Default: 1. */
  count?: number | 'every';
  /**
   * A spell: every matching call is hit for so many milliseconds, from the first hit on. `count` does not
   * apply.
   */
  forMs?: number;
}

/**
 * The effect of a fault. With `after: true` or `'after'` the server does the work and only the answer is
 * lost.
 */
export type FaultAction =
  | { status: number; body?: unknown; headers?: Record<string, string>; after?: boolean }
  | { delayMs: number }
  | { reset: 'before' | 'after' }
  | { hang: 'before' | 'after' }
  | { drip: { everyMs: number } }
  | { html: number }
  | { truncated: true }
  | { empty: number };

export interface FaultSpec {
  match: FaultMatch;
  action: FaultAction;
}

export interface Fault extends FaultSpec {
  id: string;
  /** The number of calls that matched so far. */
  seen: number;
  /** The number of calls that were hit so far. */
  hits: number;
  /** The end of a spell that has begun, in milliseconds since the epoch. */
  until?: number;
}

/** The faults in force, in the order of their arrival. The first one that hits a call takes it. */
export class Faults {
  #faults: Fault[] = [];
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** @throws ApiError 400 for a malformed fault, because a misspelt one would never hit. */
  add(specs: FaultSpec[]): Fault[] {
    const added = specs.map((spec) => {
      check(spec);
      return { ...spec, id: randomUUID(), seen: 0, hits: 0 };
    });
    this.#faults.push(...added);
    return added;
  }

  all(): Fault[] {
    return this.#faults;
  }

  clear(id?: string): void {
    this.#faults = id === undefined ? [] : this.#faults.filter((fault) => fault.id !== id);
  }

  /** Counts the call for every fault. Answers the effect on it, if any. */
  take(method: string, path: string, query: string, template: string): FaultAction | undefined {
    let action: FaultAction | undefined;
    for (const fault of this.#faults) {
      if (!matches(fault.match, method, path, query, template)) continue;
      fault.seen += 1;
      if (!this.#hits(fault) || action !== undefined) continue;
      fault.hits += 1;
      action = fault.action;
    }
    return action;
  }

  /** Whether a fault hits the matching call that was just counted. */
  #hits(fault: Fault): boolean {
    const { nth = 1, count = 1, forMs } = fault.match;
    if (fault.seen < nth) return false;
    if (forMs === undefined) return count === 'every' || fault.seen < nth + count;
    fault.until ??= this.#clock.now() + forMs;
    return this.#clock.now() < fault.until;
  }
}

const matchNames = new Set(['method', 'path', 'pattern', 'nth', 'count', 'forMs']);
const actionNames = ['status', 'delayMs', 'reset', 'hang', 'drip', 'html', 'truncated', 'empty'];

function check({ match, action }: FaultSpec): void {
  const unknown = Object.keys(match ?? {}).filter((name) => !matchNames.has(name));
  if (match === undefined || unknown.length > 0)
    throw badRequest(
      `match has ${[...matchNames].join(', ')}; unknown: ${unknown.join(', ') || 'match is missing'}`,
    );
  if (!actionNames.some((name) => Object.hasOwn(action ?? {}, name)))
    throw badRequest(`action is one of ${actionNames.join(', ')}`);
  try {
    new RegExp(match.pattern ?? '');
  } catch {
    throw badRequest(`pattern is not a regular expression: ${match.pattern}`);
  }
}

function matches(match: FaultMatch, method: string, path: string, query: string, template: string): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false;
  if (match.path !== undefined && match.path !== path && anonymous(match.path) !== anonymous(template))
    return false;
  return match.pattern === undefined || new RegExp(match.pattern).test(path + query);
}

const anonymous = (template: string): string => template.replaceAll(/\{[^}]*\}/g, '{}');
