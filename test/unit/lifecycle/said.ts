import { isQuestion, type Known, planUpdate, type UpdateFacts } from '../../../provider/lifecycle/plan.ts';

/** A plan in one line: the verb, the object, and what is removed beside it. */
export function said(facts: UpdateFacts, known: Known = {}): string {
  const plan = planUpdate(facts, known);
  if (isQuestion(plan)) return `ask: ${plan.ask}`;
  if (plan.do === 'refuse') return 'refuse';
  if (plan.do === 'take along') return `take along ${plan.record.id}`;
  if (plan.do === 'refuse unseen') return `refuse unseen ${plan.object.id}${plan.isListed ? ', listed' : ''}`;
  const removed = plan.remove.map(({ id }) => id);
  const gone = plan.gone.map(({ id }) => id);
  return [
    `${plan.do} ${plan.object.id}`,
    ...(plan.appliedBefore ? ['as before'] : []),
    ...(removed.length > 0 ? [`remove ${removed.join(' ')}`] : []),
    ...(gone.length > 0 ? [`believe ${gone.join(' ')} gone`] : []),
    ...(plan.noteFinal ? ['note that it is final'] : []),
  ].join(', ');
}
