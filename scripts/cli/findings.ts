import type { Place } from './template.ts';

/** The kinds of faults; docs/validate.md describes each. */
export type Rule =
  | 'syntax'
  | 'template'
  | 'type'
  | 'unknown-property'
  | 'required'
  | 'value'
  | 'combination'
  | 'contract'
  | 'definition'
  | 'placeholder'
  | 'sub'
  | 'attribute'
  | 'reference'
  | 'depends-on'
  | 'service-token'
  | 'null'
  | 'secret-reference'
  | 'duplicate';

export interface Finding extends Place {
  file: string;
  rule: Rule;
  /** Logical id and path, such as `Action.Request.Type`; empty for the template as a whole. */
  path: string;
  /** The problem. */
  message: string;
  /** The way to mend it. */
  fix: string;
}

export interface Report {
  templates: number;
  /** Resources of Genesys Cloud that were checked. */
  resources: number;
  findings: Finding[];
}

export function pretty({ templates, resources, findings }: Report): string {
  const lines = findings.map(
    ({ file, line, column, rule, path, message, fix }) =>
      `${file}:${line}:${column}: ${rule}: ${path === '' ? '' : `${path}: `}${message}\n    ${fix}`,
  );
  const what = `${count(resources, 'resource')} of Genesys Cloud in ${count(templates, 'template')}`;
  return [
    ...lines,
    `${what}: ${findings.length === 0 ? 'nothing found' : count(findings.length, 'fault')}`,
  ].join('\n');
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
