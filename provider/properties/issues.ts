import type { Fault } from './property-error.ts';

/** The content of `params` in zod's custom issues, beside the sentence in `message`. */
export interface IssueDetails {
  fault: Fault;
  nearest?: string | undefined;
}

const issue = (details: IssueDetails, message: string, input: unknown) => ({
  code: 'custom' as const,
  message,
  input,
  params: { ...details },
});

/** A value is none of its kind. */
export const valueIssue = (message: string, nearest: string | undefined, input: unknown) =>
  issue({ fault: 'value', nearest }, message, input);

/** A check of a whole object finds that a property has to be there. */
export const missingIssue = (path: string[], input: unknown) => ({
  ...issue({ fault: 'missing' }, 'is required', input),
  path,
});
