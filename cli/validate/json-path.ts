/**
 * The expressions of a translation map: JSONPath as Jayway's library reads it, which puts `$.` before a path
 * that begins with neither `$` nor `@` (github.com/json-path/JsonPath, PathCompiler).
 */

export interface PathFault {
  message: string;
  fix: string;
}

/** The fault of a path; undefined where it is a path, or where nobody can tell. */
export function faultOfPath(path: string): PathFault | undefined {
  const text = path.trim();
  // A value that comes at deployment may be any part of it.
  if (/\0|\{\{resolve:/.test(text)) return undefined;
  const mend = 'Write a JSONPath into the answer, such as $.order.state.';
  if (text === '') return { message: 'is empty, and no JSONPath', fix: mend };
  if (/^\$!?\{/.test(text)) return { message: 'is a reference of Velocity, and no JSONPath', fix: mend };
  const open = firstUnclosed(text);
  if (open !== undefined)
    return { message: `is no JSONPath: ${open} is not closed`, fix: `Close ${open} in the expression.` };
  if (text.endsWith('.'))
    return {
      message: 'is no JSONPath: no name follows the last point',
      fix: `Write ${text.replace(/\.+$/, '')}.`,
    };
  if (/^[$@]/.test(text)) return undefined;
  return {
    message: 'does not begin with $, so whether it is meant as a JSONPath cannot be seen',
    fix: `Write $${text.startsWith('[') ? '' : '.'}${text}.`,
  };
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
