import type { Place } from '../templates/template.ts';

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
  | 'function'
  | 'depends-on'
  | 'service-token'
  | 'null'
  | 'secret-reference'
  | 'duplicate'
  | 'target'
  | 'json'
  | 'json-form'
  | 'velocity'
  | 'json-path'
  | 'json-path-form'
  | 'alias'
  | 'service-timeout'
  | 'external-id'
  | 'invoke';

/** Rules about what the provider takes, and what may still be meant so. The others are errors. */
const WARNINGS: readonly Rule[] = [
  'json-form',
  'velocity',
  'json-path-form',
  'alias',
  'service-timeout',
  'external-id',
  'invoke',
];

export type Severity = 'error' | 'warning';

export const severityOf = (rule: Rule): Severity => (WARNINGS.includes(rule) ? 'warning' : 'error');

export interface Finding extends Place {
  file: string;
  rule: Rule;
  severity: Severity;
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
