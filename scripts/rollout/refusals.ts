/**
 * CloudFormation's refusals, told apart by their sentences: every refusal has the code ValidationError, and a
 * change set or an event has a reason without a code.
 */
const said = (error: unknown) => (error instanceof Error ? error.message : '');

/** ListImports refuses an export that nobody imports. */
export const isImportedByNobody = (error: unknown) => /is not imported by any stack/.test(said(error));

/** Why a change set failed: there is nothing to change. */
export const meansNoChange = (reason: string) =>
  /didn't contain changes|No updates are to be performed/.test(reason);

/** Why a resource failed: CloudFormation gave it up because another one failed. */
export const meansCancelled = (reason: string) => /Resource (creation|update) cancelled/i.test(reason);
