/** The findings of an export, beside its files. */

/** An object that is not exported, and why. */
export interface Skipped {
  what: 'integration' | 'data action' | 'draft' | 'recording key';
  id: string;
  name: string;
  /** Continues the sentence that begins with the object: `is built into Genesys Cloud`. */
  reason: string;
}

/** A remark about an object that is exported. */
export interface Note {
  what: Skipped['what'];
  id: string;
  name: string;
  note: string;
  /** A person has to do something, or the deployment changes something. */
  needsHand: boolean;
}

export class NotExported extends Error {}
