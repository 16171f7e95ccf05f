/** The report as a person or a program reads it. Nothing in it is secret. */
import { brief } from '../../common/text.ts';
import type { Outcome, State } from './outcome.ts';

/** A check with one of its outcomes. */
export interface Finding extends Outcome {
  id: string;
  title: string;
}

export interface DoctorReport {
  /** The account, the Region, the stack and the organization, as far as they are known. */
  subject: Record<string, string>;
  findings: Finding[];
}

const MOST_CHARACTERS = 1_500;

const WORDS: Record<State, string> = {
  fine: 'ok',
  fault: 'FAULT',
  'not-looked-at': 'not looked at',
  nothing: 'nothing there',
  'as-assumed': 'as assumed',
  otherwise: 'otherwise',
};

const longest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));

export const asJson = (report: DoctorReport): string => JSON.stringify(report, null, 2);

export function asText({ subject, findings }: DoctorReport): string {
  const width = longest(Object.values(WORDS));
  const idWidth = longest(findings.map(({ id }) => id));
  const indent = ' '.repeat(width + 2);
  const lines = findings.flatMap(({ state, id, title, detail, fix }) => {
    const shown = detail === undefined ? '' : brief(detail, MOST_CHARACTERS);
    const head = `${WORDS[state].padEnd(width)}  ${id.padEnd(idWidth)}  ${title}`;
    if (state === 'fault') return [head, `${indent}${shown}`, `${indent}Fix: ${fix}`];
    return [`${head}${shown === '' ? '' : `: ${shown}`}`];
  });
  const about = Object.entries(subject).map(([name, value]) => `${name}: ${value}`);
  return [...about, ...(about.length > 0 ? [''] : []), ...lines, '', summaryOf(findings)].join('\n');
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (wanted: State) => findings.filter(({ state }) => state === wanted).length;
  const faults = count('fault');
  const parts = [faults === 0 ? 'no fault' : `${faults} ${faults === 1 ? 'fault' : 'faults'}`];
  const unseen = count('not-looked-at');
  if (unseen > 0) parts.push(`${unseen} not looked at`);
  const others = count('otherwise');
  if (others > 0) parts.push(`${others} otherwise than assumed: please report it (docs/assumptions.md)`);
  return `${new Set(findings.map(({ id }) => id)).size} checks: ${parts.join(', ')}`;
}
