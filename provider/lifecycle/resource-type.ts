import * as z from 'zod/mini';
import type { Abortable } from '../../common/deadline.ts';
import { ProviderError, RefusedError } from '../../common/errors.ts';
import { BadRequestError, type GenesysSession } from '../genesys/index.ts';
import type { ObjectRecord, Step } from '../ledger/index.ts';
import { type PropertySchema, text, wholeNumber } from '../properties/index.ts';
import type { AwsServices } from '../runtime/aws.ts';
import type { Settings } from '../runtime/settings.ts';
import type { AskingStack } from '../runtime/stack-names.ts';
import type { Operation } from './operation.ts';

/** Properties that every type has beside its own. */
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

/** Properties as CloudFormation sends them: every scalar a string, and not always valid any more. */
export type RawProperties = Record<string, unknown>;

/** The outcome of a create or update. */
export interface Result {
  id: string;
  /** The documented attributes (`Fn::GetAtt`), and no others. */
  attributes: Record<string, string>;
  /** Facts that later requests need, kept in the ledger; not secret. */
  details?: Record<string, string>;
  /** Names that the ledger keeps for the object from now on. */
  claims?: string[];
}

/** An object in Genesys Cloud, with its record; without one nobody owns it. */
export interface RemoteObject {
  id: string;
  record: ObjectRecord | undefined;
}

/** The means of `resolve`: it makes no call to Genesys Cloud and writes nothing. */
export interface Reading {
  aws: AwsServices;
  settings: Settings;
  /** The stack that asks. */
  stack: AskingStack;
  /** The properties were applied before, so nobody is asked again whether the stack may read. */
  appliedBefore: boolean;
  /** The value of `outside` when they were applied; undefined where it was not kept. */
  kept: unknown;
  deadline: Abortable;
}

/** How the raw properties of an adopting type speak about taking an object over, and leaving it behind. */
export interface AdoptionRules {
  /** Whether the object was there before. */
  saysAdopted(properties: RawProperties): boolean;
  /** The id of the object that is to be taken over; undefined where the properties name none. */
  namedId(properties: RawProperties): string | undefined;
  /** The end of the object at a Delete; undefined where the properties say nothing. */
  wantedEnd(properties: RawProperties): 'delete' | 'retain' | undefined;
  /**
   * Makes an object again what it was before its adoption. `before` is what `takeOver` kept. An object that
   * is gone stays gone.
   */
  putBack(object: RemoteObject, before: unknown, operation: Operation): Promise<Removal>;
}

/** How an object came to its end. */
export interface Removal {
  /** Ids of everything that needs no undoing any more. */
  gone: string[];
  /** The object answered 404 all the time, and no list shows it: nobody saw its deletion. */
  wasMissing: boolean;
}

/** Refuses a deletion that would take something away from others. */
export interface DeletionGuard {
  /** Whether these raw properties ask for the guard. */
  applies(properties: RawProperties): boolean;
  /** The guard is asked also where a replacement, or a Create that failed, is cleaned up. */
  holdsInCleanUp: boolean;
  /**
   * @throws RefusedError that names who would lose something, NotSeenError where the object cannot be asked
   * about
   */
  refuse(object: RemoteObject, properties: RawProperties, operation: Operation): Promise<void>;
}

/** The means of a look that writes nothing. */
export interface Looking {
  session: GenesysSession;
  aws: AwsServices;
  deadline: Abortable;
}

/** A field in which an object is not as it was applied. */
export interface Difference {
  /** Path of the property. */
  path: string;
  /** Undefined where a side does not have the field. */
  applied: unknown;
  now: unknown;
  /** The values may be secret, so only their digests are shown. */
  isSecret?: true;
}

/** The causes that a look at one object may find beside differences. */
export type TroubleCause = 'error-state' | 'last-error' | 'credential-replaced' | 'key-disabled';

/** A fault of an object in words, as Genesys Cloud or AWS reports it. */
export interface Trouble {
  cause: TroubleCause;
  detail: string;
}

/** The last applied form of an object, and what the ledger says beside it. */
export interface AppliedForm<P> {
  properties: P;
  record: ObjectRecord;
}

/** Rules by which `drift` looks at the objects of a type. The function's bundle leaves them out. */
export interface DriftRules<P, Remote extends { id?: string } = { id?: string }> {
  /** Every object of the organization, page by page. */
  list(looking: Looking): AsyncIterable<Remote>;
  /** An object that the list does not show. @throws NotFoundError where it is not there */
  read(id: string, looking: Looking): Promise<unknown>;
  /** The fields in which a listed object differs from the form that was applied last. */
  differences(there: Remote, applied: AppliedForm<P>, looking: Looking): Promise<Difference[]>;
  /** @param applied undefined where the ledger has no form */
  troubles(there: Remote, applied: AppliedForm<P> | undefined, looking: Looking): Promise<Trouble[]>;
}

/** The write that a type expects, as far as a read shows it. */
export interface Expected extends Pick<Result, 'details' | 'claims'> {
  id: string;
  /** The object is there already, and is taken over. */
  isThere: boolean;
  /** Whether taking it over writes to it; missing where that is not known. */
  isWritten?: boolean;
}

/**
 * Rules by which `plan` foresees a write. They refuse what the flows refuse before their first write, and
 * note in the ledger, which is a copy then, what the flows note there. Nothing is written to Genesys Cloud.
 */
export interface PreviewRules<P> {
  /** @param newId stands for the id of an object that is to be made */
  create(
    properties: P,
    operation: Operation,
    options: { newId: string; predecessor: RemoteObject | undefined },
  ): Promise<Expected>;
  /** @throws GoneError, NotSeenError and the refusals */
  update(object: RemoteObject, properties: P, operation: Operation): Promise<Expected>;
  /** Ids of objects that Genesys Cloud deletes together with this one. */
  removesToo?(object: RemoteObject, operation: Operation): Promise<string[]>;
  /** The end of an object by raw properties, for a type without adoption. */
  endOf?(properties: RawProperties): 'delete' | 'retain' | 'put back';
}

/** The words about a type, for people and tools. The function's bundle leaves it out. */
export interface TypeDescription {
  description: string;
  /** By path. */
  properties: Record<string, string>;
  attributes: Record<string, string>;
  /** Sets of properties of which one has to be there, beside what is always required. */
  oneSetOf?: string[][];
  /** Permissions of Genesys Cloud that the OAuth client's role needs. */
  permissions: readonly string[];
  /** Further permissions, each with the property or situation that needs it. */
  furtherPermissions?: Readonly<Record<string, string>>;
  /** A thing that a template can have only once, for `validate`. */
  unique?: {
    /**
     * Properties that are equal in two resources of which Genesys Cloud takes one; none: an organization has
     * one.
     */
    properties: readonly string[];
    /** A sentence's end behind the logical id of the first: "… has this name in the same integration". */
    problem: string;
    fix: string;
  };
}

/**
 * A resource type: its schema, and one flow a verb. The lifecycle (ownership, replacement, rollback,
 * redelivery and undo) is the same for all types. Most types are made by `collection()`; a type that is no
 * collection of objects implements this interface itself.
 */
export interface ResourceType<P, Written = P> {
  /** `Custom::…` */
  typeName: string;
  /** Kind of its object in the ledger. */
  kind: string;
  /** A provider serves it without being told so by `ResourceTypes`. */
  servedByDefault: boolean;
  about: TypeDescription;
  drift: DriftRules<P>;
  preview: PreviewRules<P>;
  schema: PropertySchema<Written>;
  /**
   * Completes properties by what they refer to, before anything is judged or made. Its sources must be fixed
   * by the properties (a version, a checksum), so that equal properties mean equal objects.
   */
  resolve?(written: Written, reading: Reading): Promise<P>;
  /**
   * The things that `resolve` found outside of the template, as JSON. The ledger keeps them sealed, so that a
   * rollback need not find them again.
   */
  outside?(properties: P): unknown;
  /**
   * The properties in the one spelling that equal properties have, as far as it can be told without a call.
   * @throws PropertyError
   */
  canonical?(written: Written): unknown;
  /** Properties that `resolve` follows; their old text does not tell what they held. */
  resolvedFrom?: readonly (keyof Written & string)[];
  /** Properties that cannot change in place. */
  replacement: readonly (keyof P & string)[];
  /** Values that some of those have where they are absent, unless `resolve` has filled them in. */
  defaults?: Readonly<Record<string, unknown>>;
  /**
   * Properties that say how an object comes and goes. A change of them alone writes nothing to Genesys Cloud.
   */
  notApplied?: readonly (keyof Written & string)[];
  attributes: readonly string[];
  /** Makes the object; `predecessor` is the one that it replaces. */
  create(properties: P, operation: Operation, predecessor?: RemoteObject): Promise<Result>;
  /** Converges an existing object. @throws GoneError, NotSeenError */
  update(object: RemoteObject, properties: P, operation: Operation): Promise<Result>;
  /** Whether a read by its id shows the object at this moment. */
  exists(id: string, operation: Operation): Promise<boolean>;
  /** Whether a list shows the object: by its id, or by the name that these raw properties give it. */
  isListed(id: string, properties: RawProperties, operation: Operation): Promise<boolean>;
  /**
   * The users of an object in words, whether it is to be seen or not; missing for a type that cannot tell.
   */
  usersOf?(id: string, operation: Pick<Operation, 'session'>): Promise<string[]>;
  /** Refuses a replacement that would take something away from others; `properties` are the new ones. */
  guardReplacement?(
    object: RemoteObject,
    oldProperties: RawProperties,
    operation: Operation,
    properties: P,
  ): Promise<void>;
  deletionGuard?: DeletionGuard;
  /**
   * Removes the object; one that is gone already counts as removed. `properties` are empty where a clean-up
   * removes it.
   * @throws NotSeenError where it answers 404 though a list shows it
   */
  remove(object: RemoteObject, properties: RawProperties, operation: Operation): Promise<Removal>;
  /** Removes the things that were made for an object which is gone. Missing where there are none. */
  removeParts?(object: RemoteObject, operation: Operation): Promise<void>;
  /** Missing where objects of the type cannot be taken over. */
  adoption?: AdoptionRules;
  /** Undoes one step of an attempt; the thing may be gone, or never have been made. */
  undo(step: Step, operation: Operation): Promise<void>;
}

/** A type whose properties are known to itself alone, as the lifecycle and the tools see it. */
export type AnyResourceType = ResourceType<never, never>;

/** An object answered 404 for a minute. It is gone if no list shows it either. */
export class GoneError extends ProviderError {
  constructor() {
    super(
      'Genesys Cloud answers 404 for an object that has to be there: it was deleted by another hand. Deploy again.',
    );
  }
}

/** An object cannot be made anew, because the object that it belongs to is gone, too. */
export class PlaceGoneError extends BadRequestError {}

/** An object that is gone cannot be made anew by these properties, which take one over. */
export class CannotMakeAnewError extends RefusedError {}

/** An object answers 404, and yet nobody can say that it is gone. */
export class NotSeenError extends ProviderError {
  constructor(id: string, { isListed = false, users = [] as string[], instead = 'Deploy again' } = {}) {
    const but = isListed ? ', though its list shows it' : ', but not for long enough to call it gone';
    const used = users.length > 0 ? ` It is used by ${users.join(', ')}.` : '';
    super(
      `${id} is not to be seen at present: Genesys Cloud answers 404 for it${but}. No other object was made in its place.${used} ${instead} when Genesys Cloud shows it.`,
    );
  }
}

/** The refusal of a Delete whose object answers 404 while its list shows it. */
export const missingAndListed = (id: string): NotSeenError =>
  new NotSeenError(id, { isListed: true, instead: 'Delete the stack again' });
