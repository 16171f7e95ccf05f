/**
 * A certain fault of a path of a translation map, in words; undefined where there is none.
 *
 * Genesys Cloud takes Jayway's dialect, as published actions show: `$.` may be missing, but a `$` has to be
 * followed by `.` or `[`, and no path ends with a point (json-path/JsonPath, PathCompiler).
 */
export function pathProblem(path: string): string | undefined {
  const text = path.trim();
  if (/^\$[^.[]/.test(text))
    return `is no JSONPath: after $ comes a point or a bracket, as in $.${/[A-Za-z_][\w.]*/.exec(text)?.[0] ?? 'name'}`;
  if (text.endsWith('.')) return 'is no JSONPath: it ends with a point';
  // A regular expression in a filter may hold any brackets.
  if (/=~/.test(text)) return undefined;
  const outside = text.replaceAll(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/gs, '');
  if (/['"]/.test(outside)) return undefined;
  return count(outside, '[') === count(outside, ']') ? undefined : 'is no JSONPath: a bracket is not closed';
}

const count = (text: string, bracket: string) => text.split(bracket).length;
