/**
 * The resource types, and nothing else: a folder each, with schema, mapping, calls and flow. The common part
 * of all types (ownership, replacement, rollback, redelivery, undo) is in lifecycle/. A new type is a folder
 * and one line in types.ts.
 */
import type { AnyResourceType } from '../lifecycle/resource-type.ts';
import * as declared from './types.ts';

export const resourceTypes = Object.values(declared) as unknown as readonly AnyResourceType[];
