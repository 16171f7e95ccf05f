/** The findings of `drift`. */
import type { Difference, TroubleCause } from '../../provider/lifecycle/resource-type.ts';

/**
 * `changed`: by hand. `made-anew`: an update made another object in place of one that was gone. `left-over`:
 * a later request has to remove it. `unfinished`: a write was begun and not finished. `not-undone`: a
 * request failed, and what it made may still be there.
 */
export type Cause =
  | 'changed'
  | 'deleted'
  | 'made-anew'
  | 'left-over'
  | 'unfinished'
  | 'not-undone'
  | TroubleCause;

/** A managed object, or a logical resource. */
export interface Subject {
  stack: string;
  stackId: string;
  logicalId: string;
  /** `Custom::…`, or the kind of the ledger where no type has it. */
  type: string;
  /** In Genesys Cloud; missing where a request does not know what it made. */
  id?: string;
}

export interface Finding extends Subject {
  cause: Cause;
  detail: string;
  /** Of `changed`. */
  fields?: Difference[];
}

export interface DriftReport {
  organization: { id: string; name?: string };
  /** The ledger's table. */
  ledger: string;
  /** Managed objects that were looked at. */
  objects: number;
  findings: Finding[];
  /** Objects whose fields could not be compared, and why. They count as no difference. */
  notCompared: (Subject & { detail: string })[];
  /** Objects of the ledger in other organizations, which the provider's client does not see. */
  elsewhere: number;
  /** Where the look ended before it was through: the report is complete up to here. */
  next?: Place;
}

/** A place in the order of the look. */
export interface Place {
  /** `Custom::…` */
  type: string;
  /** Of the last object that the look was done with; empty where it was with none of the type. */
  id: string;
}

/** As a person gives it to `--after`, and the function to its next part. */
export const placeText = ({ type, id }: Place): string => `${type} ${id}`.trim();

/** @returns undefined where the text is no place */
export function parsePlace(text: string): Place | undefined {
  const [type = '', id = '', ...rest] = text.split(' ');
  return type === '' || rest.length > 0 ? undefined : { type, id };
}
