import { randomUUID } from 'node:crypto';
import { ApiError } from './errors.ts';
import type { ActionVersion, FunctionState } from './store.ts';

/** The function of a new draft: nothing is uploaded yet. */
export const newFunction = (): FunctionState => ({ id: randomUUID(), failures: [] });

/** The faults of the function of a draft, which keep it from being published. */
export function functionProblems({ settings, zip }: FunctionState): string[] {
  return [
    ...(zip?.status === 'Available' ? [] : ['The function has no uploaded package']),
    ...(settings === undefined ? ['The function has no settings'] : []),
  ];
}

/** @throws ApiError 501, because this server has no place to run such a function */
export function refuseToRunFunction({ function: state }: ActionVersion): void {
  if (state !== undefined)
    throw new ApiError(501, 'not.implemented', 'This local Genesys Cloud runs no function data actions');
}
