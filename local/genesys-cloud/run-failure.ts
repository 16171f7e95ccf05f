import { STATUS_CODES } from 'node:http';
import { ApiError } from './errors.ts';
import type { JsonObject } from './json.ts';

/** The kinds of a failed run (help.mypurecloud.com, "Data action fails during testing"). */
export type FailureKind = 'ACTION.AUTHENTICATION' | 'ACTION.PROCESSING' | 'ACTION.REMOTE_ENDPOINT';

/**
 * The failure of a run of an action. Its answer says only the name of the status at the top; the reason is in
 * `errors`, one level deeper (community.genesys.com, "Passing HTTP return codes from Genesys Cloud Function",
 * December 2025, and the help page "Data action fails during testing").
 */
export class RunFailure extends ApiError {
  readonly kind: FailureKind;
  /** Why the run failed, for people. */
  readonly reason: string;

  constructor(status: number, kind: FailureKind, reason: string) {
    const name = STATUS_CODES[status] ?? 'Error';
    super(status, name.toLowerCase().replaceAll(' ', '.'), name);
    this.kind = kind;
    this.reason = reason;
  }

  override body(contextId: string): JsonObject {
    return {
      message: this.message,
      code: this.code,
      status: this.status,
      messageParams: {},
      contextId,
      details: [{ errorCode: this.kind }],
      errors: [
        {
          message: `REST call for action execute failed. Message: ${this.reason} [${contextId}]`,
          code: this.message.toUpperCase().replaceAll(' ', '_'),
          status: this.status,
          messageParams: {},
          details: [],
          errors: [],
        },
      ],
    };
  }
}
