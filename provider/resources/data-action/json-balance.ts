/**
 * The first imbalance of a JSON template, in words; undefined where there is none, or where the template
 * cannot be judged.
 *
 * Genesys Cloud fills the template in by Velocity first, so it is no JSON yet. Directives may write brackets
 * in one branch and not in the other, and `$esc.quote` writes a quote. So a template with one of these is not
 * judged, nor one with a reference that does not end. NUL stands for a text that is not known.
 */
export function imbalance(template: string): string | undefined {
  const text = template.trim();
  if (!/^[{[]/.test(text) || DIRECTIVE.test(text) || WRITES_QUOTES.test(text)) return undefined;
  const filled = withoutReferences(text.replaceAll('\0', '0'), '0');
  if (filled === undefined) return undefined;
  const open: string[] = [];
  let isInText = false;
  for (const [part = ''] of filled.matchAll(/\\.|["{}[\]]/gs)) {
    if (part === '"') isInText = !isInText;
    else if (isInText || part.startsWith('\\')) continue;
    else if (part === '{' || part === '[') open.push(part === '{' ? '}' : ']');
    else if (open.pop() !== part) return `${part} closes nothing that is open`;
  }
  if (isInText) return 'a text in quotes is not closed';
  return open.length === 0 ? undefined : `${open.at(-1)} is missing at the end`;
}

/** A directive or a comment of Velocity. */
const DIRECTIVE = /(?:^|[^\\])#\{?[a-z*#]/i;
/** Members of Velocity's EscapeTool that are a quote or a backslash. */
const WRITES_QUOTES = /\besc\.(?:quote|q|backslash|b)\b/;

/**
 * The text with another one for each reference of Velocity, whose braces and quotes are none of JSON's;
 * undefined where a reference does not end. It takes time in proportion to the length, since anybody writes
 * the text.
 */
export function withoutReferences(text: string, replacement: string): string | undefined {
  let filled = '';
  let at = 0;
  for (const { index } of text.matchAll(/\$!?(?:\{|(?=[A-Za-z_]))/g)) {
    // A reference in the arguments of one that was passed already.
    if (index < at) continue;
    const end = endOfReference(text, index);
    if (end === undefined) return undefined;
    filled += text.slice(at, index) + replacement;
    at = end;
  }
  return filled + text.slice(at);
}

/** The index behind the reference that begins at an index: `$a.b("c")[0]`, `$!{a.b}`. */
function endOfReference(text: string, start: number): number | undefined {
  const isFormal = /^\$!?\{/.test(text.slice(start, start + 3));
  let at = behind(/\$!?\{?/y, text, start);
  const end = behind(NAME, text, at);
  if (end === at) return undefined;
  at = end;
  for (;;) {
    const member = behind(MEMBER, text, at);
    const isCall = member > at && text[member] === '(';
    if (isCall || text[at] === '[') {
      const closed = endOfBrackets(text, isCall ? member : at);
      if (closed === undefined) return undefined;
      at = closed;
    } else if (member > at) at = member;
    else break;
  }
  if (!isFormal) return at;
  return text[at] === '}' ? at + 1 : undefined;
}

const NAME = /[A-Za-z_][\w-]*/y;
const MEMBER = /\.[A-Za-z_][\w-]*/y;

/** The index behind a match that begins at an index; the index itself where nothing matches there. */
function behind(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The index behind the bracket that closes the one at an index. Texts in quotes may hold any brackets. */
function endOfBrackets(text: string, start: number): number | undefined {
  const inside = /"[^"]*"|'[^']*'|["'()[\]]/g;
  inside.lastIndex = start;
  let depth = 0;
  for (let found = inside.exec(text); found !== null; found = inside.exec(text)) {
    const [part] = found;
    if (part === '(' || part === '[') depth += 1;
    if (part === ')' || part === ']') depth -= 1;
    if (depth === 0) return inside.lastIndex;
    if (part === '"' || part === "'") return undefined;
  }
  return undefined;
}
