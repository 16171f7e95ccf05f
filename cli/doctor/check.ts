/** A check of `doctor`: its name, its rule, the calls that it reads by, and its look. */
import type { Facts } from './facts.ts';
import type { Outcome } from './outcome.ts';

export interface Check {
  /** Stable, for programs and for the page. */
  id: string;
  /** How it has to be, as a sentence without its full stop. */
  title: string;
  /** The calls, as permissions of AWS or as paths of Genesys Cloud. */
  reads: readonly string[];
  /** A check of many objects has an outcome for each fault. @throws NotLookedAtError */
  look(facts: Facts): Promise<Outcome | Outcome[]>;
}
