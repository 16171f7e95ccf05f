import * as z from 'zod/mini';
import type { ObjectRecord, Step } from '../ledger/index.ts';
import { choice, type PropertySchema, text, wholeNumber } from '../properties/vocabulary.ts';
import type { AwsServices } from '../runtime/aws.ts';
import type { Abortable } from '../runtime/deadline.ts';
import { ProviderError } from '../runtime/errors.ts';
import type { Settings } from '../runtime/settings.ts';
import type { Work } from './work.ts';

/** What every type's properties hold beside its own. */
export const commonProperties = {
  ServiceToken: text(),
  /** Seconds. */
  ServiceTimeout: z.optional(wholeNumber(1, 3600)),
  Nonce: z.optional(text({ min: 0, max: 1024 })),
  OAuthSecretArn: z.optional(
    text({
      pattern: /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\/genesys\/oauth\/.+/,
      hint: 'must be the ARN of a secret whose name begins with /genesys/oauth/',
    }),
  ),
};

/** Properties that say how an object comes and goes, and are no part of what is applied to it. */
export const PROTOCOL_PROPERTIES = ['ServiceToken', 'ServiceTimeout', 'Nonce', 'AdoptExisting', 'OnDelete'];

export { choice };

/** What a create or update ends with. */
export interface Result {
  id: string;
  /** The documented attributes (`Fn::GetAtt`), and no others. */
  attributes: Record<string, string>;
  /** What the ledger keeps for later requests; not secret. */
  details?: Record<string, string>;
  /** How the object came to us, when it was there before. */
  origin?: ObjectRecord['origin'];
}

/** An object that exists, as the ledger knows it (or not: then nobody owns it). */
export interface Existing {
  id: string;
  record: ObjectRecord | undefined;
}

/** What `resolve` may use: it makes no call to Genesys Cloud and writes nothing. */
export interface Reading {
  aws: AwsServices;
  settings: Settings;
  /** The stack that asks. */
  stackId: string;
  /** It was applied before: nobody is asked again whether it may be. */
  trusted: boolean;
  deadline: Abortable;
}

/**
 * A resource type: its schema, and one flow a verb. The lifecycle (ownership, replacement, rollback,
 * redelivery, undo) is the same for all and stands in lifecycle.ts.
 */
export interface ResourceType<P, Written = P> {
  /** `Custom::…` */
  typeName: string;
  /** Kind of its object in the ledger. */
  kind: string;
  schema: PropertySchema<Written>;
  /**
   * Completes properties by what they refer to, before anything is judged or made. What it reads must be fixed by
   * the properties (a version, a checksum): they alone say whether something changed.
   */
  resolve?(written: Written, reading: Reading): Promise<P>;
  /** Properties that `resolve` follows: what they held cannot be told from their old text. */
  resolvedFrom?: readonly (keyof Written & string)[];
  /** Properties that cannot change in place. */
  replacement: readonly (keyof P & string)[];
  /** What some of those are where they are absent, unless `resolve` has filled them in. */
  defaults?: Readonly<Record<string, unknown>>;
  attributes: readonly string[];
  /** Makes the object; `predecessor` is the one that it replaces. */
  create(properties: P, work: Work, predecessor?: Existing): Promise<Result>;
  /** Converges an existing object. @throws GoneError when it is there no more. */
  update(existing: Existing, properties: P, work: Work): Promise<Result>;
  /** Whether the object is still there. */
  exists(id: string, work: Work): Promise<boolean>;
  /** Refuses a replacement that would take something away from others. */
  guardReplacement?(
    existing: Existing,
    oldProperties: Record<string, unknown>,
    work: Work,
    properties: P,
  ): Promise<void>;
  /**
   * Refuses the Delete of an object that others need. Not asked for what no request succeeded with, and for what a
   * replacement left behind: those have to go. `properties` as for `remove`.
   */
  guardDeletion?(existing: Existing, properties: Record<string, unknown>, work: Work): Promise<void>;
  /**
   * Removes the object; what is gone already is removed. `properties` are raw: they need not be valid any more.
   * Returns the ids of everything that it made sure is gone.
   */
  remove(existing: Existing, properties: Record<string, unknown>, work: Work): Promise<string[]>;
  /**
   * Of a type that adopts: makes an object again what it was before; `before` is what its adoption kept. What is gone
   * stays gone. Returns the ids of everything that needs no undoing any more.
   */
  putBack?(existing: Existing, before: unknown, work: Work): Promise<string[]>;
  /** Undoes one step of an attempt; the thing may be gone, or never have been made. */
  undo(step: Step, work: Work): Promise<void>;
}

/** The object that an Update is for is there no more: it is made anew. */
export class GoneError extends ProviderError {
  constructor() {
    super(
      'Genesys Cloud answers 404 for an object that has to be there: it was deleted by another hand. Deploy again.',
    );
  }
}
