import type { Work } from './work.ts';

const ROLLBACKS = [
  'ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
];

/** Whether the stack is being rolled back, as CloudFormation says; false where it cannot be asked. */
export async function isRollingBack(work: Work): Promise<boolean> {
  const status = await work.aws.stackStatus(work.owner.stackId, work.invocation);
  return ROLLBACKS.includes(status ?? '');
}
