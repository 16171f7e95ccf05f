/**
 * The expressions of a translation map: JSONPath as Jayway's library reads it, which puts `$.` before a path
 * that begins with neither `$` nor `@` (github.com/json-path/JsonPath, PathCompiler).
 */
import { pathProblem } from '../../provider/resources/data-action/json-path.ts';

export interface PathFault {
  /** `json-path` where the provider refuses the path, `json-path-form` where only this command asks. */
  rule: 'json-path' | 'json-path-form';
  message: string;
  fix: string;
}

/** The fault of a path; undefined where it is a path, or where nobody can tell. */
export function faultOfPath(path: string): PathFault | undefined {
  const text = path.trim();
  // A value that comes at deployment may be any part of it.
  if (/\0|\{\{resolve:/.test(text)) return undefined;
  const refused = pathProblem(text);
  if (refused !== undefined) return { rule: 'json-path', message: refused, fix: remedyOf(text) };
  const rule = 'json-path-form';
  if (text === '') return { rule, message: 'is empty, and no JSONPath', fix: EXAMPLE };
  // A regular expression in a filter may hold any brackets and quotes.
  const open = text.includes('=~') ? undefined : firstUnclosed(text);
  if (open !== undefined)
    return {
      rule,
      message: `is no JSONPath: ${open} is not closed`,
      fix: `Close ${open} in the expression.`,
    };
  if (/^[$@]/.test(text)) return undefined;
  return {
    rule,
    message: 'does not begin with $, so whether it is meant as a JSONPath cannot be seen',
    fix: `Write $${text.startsWith('[') ? '' : '.'}${text}.`,
  };
}

const EXAMPLE = 'Write a JSONPath into the answer, such as $.order.state.';

/** The way to mend a path that the provider refuses. */
function remedyOf(text: string): string {
  if (text.endsWith('.')) return `Write ${text.replace(/\.+$/, '')}.`;
  const open = firstUnclosed(text);
  return open === undefined || text.includes('{') ? EXAMPLE : `Close ${open} in the expression.`;
}

/** The first bracket or quote that has no end. */
function firstUnclosed(path: string): string | undefined {
  const open: string[] = [];
  const closing: Record<string, string> = { '[': ']', '(': ')' };
  for (const [part = ''] of path.matchAll(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[[\]()'"]/gs)) {
    if (part.length > 1) continue;
    if (part === "'" || part === '"') return part;
    if (part in closing) open.push(part);
    else if (closing[open.at(-1) ?? ''] === part) open.pop();
    else return part;
  }
  return open[0];
}
