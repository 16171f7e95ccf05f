/**
 * The common part of all resource types: ownership, replacement, rollback, redelivery and undo.
 * `lifecycle.ts` is the way in; `attempt-run.ts` takes a request up, `facts.ts` reads the ledger, `plan.ts`
 * decides, `create.ts`, `update.ts`, `delete.ts` and `undo.ts` do it. `collection.ts` makes the flows of a
 * type out of its declaration. `preview.ts` foresees a request for the command `plan`. The properties and
 * calls of a single type do not belong here: see resources/.
 */
export type { LifecycleParts } from './job.ts';
export { lifecycle } from './lifecycle.ts';
