/** The plan as a person, a program or a pull request reads it. */
import { brief } from '../../common/text.ts';
import { type Action, failuresOf, type Plan, type PlannedResource } from './planned.ts';

const LONGEST = 2_000;

export const asJson = (plan: Plan): string => JSON.stringify(plan, null, 2);

const WORDS: Record<Action, string> = {
  create: 'create',
  adopt: 'adopt',
  change: 'change in place',
  replace: 'replace',
  delete: 'delete',
  leave: 'leave behind',
  'put back': 'put back',
  nothing: 'nothing',
};

/** The action in words, with its reasons. */
function inWords(planned: PlannedResource): string {
  const { action, isCertain, because, changes, users, adopts, overwrites, formerObject, open } = planned;
  const what = isCertain ? WORDS[action] : `maybe ${WORDS[action]}`;
  const parts = [what];
  if (because.length > 0) parts.push(`because ${because.join(', ')}`);
  if (action === 'change' && changes.length > 0) parts.push(`of ${changes.join(', ')}`);
  const adopted = `${adopts}${overwrites === undefined ? '' : overwrites ? ', which is overwritten' : ' as it is'}`;
  if (adopts !== undefined) parts.push(action === 'adopt' ? adopted : `by ${adopted}`);
  const sentences = [parts.join(action === 'replace' ? ', ' : ' ')];
  if (users.length > 0) sentences.push(`used by ${users.join(', ')}`);
  if (formerObject !== undefined) sentences.push(`the former object ${FORMER[formerObject]}`);
  if (!isCertain && open.length > 0)
    sentences.push(`decided by ${open.map(({ path, why }) => `${path} (${why})`).join(', ')}`);
  return sentences.join('; ');
}

const FORMER = { deleted: 'is deleted', stays: 'stays', 'put back': 'is put back' };

/** Numbers of resources by action. */
function summaryOf(plan: Plan): string {
  const counted = Object.keys(WORDS).flatMap((action) => {
    const number = plan.resources.filter((one) => one.action === action).length;
    return number === 0 ? [] : [`${number} ${WORDS[action as Action]}`];
  });
  const failures = failuresOf(plan).length;
  return [
    counted.length === 0 ? 'no resources of the provider' : counted.join(', '),
    ...(failures === 0 ? [] : [`the deployment would fail`]),
  ].join('; ');
}

export function asText(plan: Plan): string {
  const { stack, isUpdate, organization } = plan;
  const name =
    organization.name === undefined ? organization.id : `${organization.name} (${organization.id})`;
  return [
    `stack ${stack}${isUpdate ? '' : ' (new)'}, organization ${name}`,
    ...plan.resources.flatMap(linesOf),
    ...plan.failures.map((failure) => `fails: ${brief(failure, LONGEST)}`),
    ...plan.notes.map((note) => `note: ${brief(note, LONGEST)}`),
    summaryOf(plan),
  ].join('\n');
}

function linesOf(planned: PlannedResource): string[] {
  const { logicalId, type, id, failures, notes } = planned;
  return [
    `${logicalId}: ${type}${id === undefined ? '' : ` ${id}`}: ${inWords(planned)}`,
    ...(planned.action === 'replace' ? planned.changes : [])
      .filter((path) => !planned.because.includes(path))
      .map((path) => `    changes too: ${path}`),
    ...(planned.isCertain ? planned.open : []).map(
      ({ path, why }) => `    known at the deployment only: ${path} (${why})`,
    ),
    ...failures.map((failure) => `    fails: ${brief(failure, LONGEST)}`),
    ...notes.map((note) => `    note: ${brief(note, LONGEST)}`),
  ];
}

// ---- markdown

/** A text that markdown leaves as it is, in a cell of a table. */
const cell = (text: string) =>
  brief(text, LONGEST)
    .replace(/[\\`*_{}[\]<>#|~]/g, (character) => `\\${character}`)
    .replace(/@/g, '@\u200b');

const code = (text: string) => `\`${text.replace(/[`|\n]/g, ' ')}\``;

export function asMarkdown(plan: Plan): string {
  const { stack, isUpdate, organization } = plan;
  const shown = plan.resources.filter(({ action, failures, notes }) => {
    return action !== 'nothing' || failures.length > 0 || notes.length > 0;
  });
  return [
    `### Genesys Cloud: plan of the stack ${code(stack)}${isUpdate ? '' : ' (new)'}`,
    '',
    `${cell(summaryOf(plan))} in the organization ${cell(organization.name ?? organization.id)}.`,
    ...(shown.length === 0 ? [] : ['', '| resource | type | plan |', '|---|---|---|']),
    ...shown.map(
      (planned) => `| ${code(planned.logicalId)} | ${code(planned.type)} | ${cell(inWords(planned))} |`,
    ),
    ...listed('The deployment would fail', failureLines(plan)),
    ...listed('Notes', noteLines(plan)),
  ].join('\n');
}

const failureLines = (plan: Plan) => [
  ...plan.failures.map(cell),
  ...plan.resources.flatMap(({ logicalId, failures }) =>
    failures.map((failure) => `${code(logicalId)}: ${cell(failure)}`),
  ),
];

const noteLines = (plan: Plan) => [
  ...plan.notes.map(cell),
  ...plan.resources.flatMap(({ logicalId, notes }) =>
    notes.map((note) => `${code(logicalId)}: ${cell(note)}`),
  ),
];

const listed = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : ['', `**${title}**`, '', ...lines.map((line) => `- ${line}`)];
