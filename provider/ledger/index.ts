/**
 * The owner of each object in Genesys Cloud, and the steps of each request: one DynamoDB table, written
 * before each write to Genesys Cloud. This folder decides who may work on a request, and no more: the meaning
 * of a request, and of an object, belongs to lifecycle/ and resources/.
 */
export {
  CancelledError,
  NameClaimedError,
  OpenAttempt,
  OwnerChangedError,
  type SuccessNotes,
  TakenOverError,
} from './attempt.ts';
export { CopiedStore } from './copied-store.ts';
export { Ledger } from './ledger.ts';
export { asOf, type Beginning, lineOf, type ObjectKey } from './owner-record.ts';
export { type LedgerContents, readLedger } from './reading.ts';
export {
  type Adoption,
  type Attempt,
  attemptKey,
  describeOwner,
  type EndRules,
  type Form,
  type FormerEnd,
  isAtWork,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  objectKey,
  ownerKey,
  type Step,
  sameForm,
  sameOwner,
  sameProperties,
  standing,
  successOf,
} from './records.ts';
export { RegisteredStore, Registration } from './registration.ts';
export { type CallEnd, LedgerConflictError, NewerLedgerError, Store } from './store.ts';
export {
  type Begun,
  type Known,
  type LedgerRequest,
  type TwinAtWork,
  unfinishedGenerations,
} from './verdict.ts';
