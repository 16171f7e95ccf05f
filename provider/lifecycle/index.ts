/** What all resource types share: ownership, replacement, rollback, redelivery and undo. */
export { type LifecycleParts, lifecycle } from './lifecycle.ts';
