import { ApiError, badRequest } from './errors.ts';
import type { Call } from './http.ts';

/** @throws ApiError when the supplied version is not the current one */
export function checkVersion(call: Call, supplied: number, current: number): void {
  if (supplied === current) return;
  throw new ApiError(
    call.settings.behaviour.versionConflictStatus,
    'version.mismatch',
    `Supplied version ${supplied} does not match the current version ${current}`,
  );
}

/**
 * @throws ApiError 400. Drafts have words of their own for it (terraform-provider-genesyscloud, issue 1961).
 */
export function checkDraftVersion(supplied: number, latest: number): void {
  if (supplied !== latest)
    throw badRequest(
      `Supplied version ${supplied} does not match latest draft version ${latest}`,
      'version.mismatch',
    );
}
