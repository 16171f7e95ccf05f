/** Who owns which object, and what each request already did. */
export { CancelledError, OpenAttempt } from './attempt.ts';
export { type Begun, type Holding, type Known, Ledger, type TwinAtWork, type Unlocked } from './ledger.ts';
export {
  type Adoption,
  describeOwner,
  type Form,
  type ObjectRecord,
  type Owner,
  type OwnerRecord,
  type Step,
  sameOwner,
} from './records.ts';
export { LedgerConflictError, Store } from './store.ts';
