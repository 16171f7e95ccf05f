/**
 * The references of a Velocity template of a data action (Genesys Cloud help 138534, "request
 * configuration").
 */

/** A reference: `${root.name}`, `$!root.name`, `$esc.jsonString($root.name)` and the like. */
export interface Placeholder {
  /** As it is written. */
  text: string;
  root: string;
  /** The first member, unless it is a method. */
  name?: string;
}

const REFERENCE = /\$!?(\{)?([A-Za-z_][\w-]*)(?:\.([A-Za-z_][\w-]*)(\s*\()?)?/g;

export function placeholdersOf(template: string): Placeholder[] {
  return [...withoutComments(template).matchAll(REFERENCE)].map(([text, brace, root = '', name, method]) => ({
    text: brace === undefined ? text : `${text.replace(/\s*\($/, '(')}${method === undefined ? '}' : ''}`,
    root,
    ...(name === undefined || method !== undefined ? {} : { name }),
  }));
}

/** Variables that the template makes itself: by a directive, or as arguments of a macro. */
export function variablesOf(template: string): string[] {
  const made = /#\{?(?:set|foreach|define)\}?\s*\(\s*\$!?\{?([A-Za-z_][\w-]*)/g;
  const macros = /#\{?macro\}?\s*\(([^)]*)\)/g;
  return [
    ...[...template.matchAll(made)].map(([, name = '']) => name),
    ...[...template.matchAll(macros)].flatMap(([, inside = '']) =>
      [...inside.matchAll(/\$!?\{?([A-Za-z_][\w-]*)/g)].map(([, name = '']) => name),
    ),
  ];
}

const withoutComments = (template: string) => withoutBetween(template, '#*', '*#').replace(/##.*/g, '');

/** The text without every part from a beginning to the next end. A beginning without an end stays. */
function withoutBetween(text: string, beginning: string, ending: string): string {
  let rest = '';
  let at = 0;
  for (let begin = text.indexOf(beginning); begin !== -1; begin = text.indexOf(beginning, at)) {
    const end = text.indexOf(ending, begin + beginning.length);
    if (end === -1) break;
    rest += text.slice(at, begin);
    at = end + ending.length;
  }
  return rest + text.slice(at);
}

/**
 * Macros of Genesys Cloud and of Velocity, in every template (Genesys Cloud help 149841, "Velocity macros").
 */
const MACROS = [
  'esc',
  'encoding',
  'math',
  'urlTool',
  'successTemplateUtils',
  'salesforce',
  'msdynamics',
  'foreach',
  'velocityCount',
  'velocityHasNext',
];
/** The names that Genesys Cloud gives to a request's templates beside `input`. */
export const REQUEST_ROOTS = ['input', 'credentials', 'authResponse', 'headers', ...MACROS];
/** The names that it gives to the success template beside those of the translation map. */
export const RESPONSE_ROOTS = ['rawResult', 'input', ...MACROS];
/** Names that are Genesys Cloud's: an `Fn::Sub` must leave them to it. */
export const ROOTS_OF_GENESYS_CLOUD = [...new Set([...REQUEST_ROOTS, ...RESPONSE_ROOTS])];

/**
 * The fault that keeps Velocity from reading a template as it is meant: a reference or a block that is not
 * closed, in words; undefined where there is none.
 */
export function unclosed(template: string): string | undefined {
  const text = withoutComments(withoutBetween(template, '#[[', ']]#'));
  let end = 0;
  for (const { 0: start, index } of text.matchAll(/\$!?\{(?=\s*[A-Za-z_])/g)) {
    const begin = index + start.length;
    // One search goes on where the last one ended, because a text may have many references and no brace.
    if (end !== -1 && end < begin) end = text.indexOf('}', begin);
    const fault = faultOfReference(text.slice(begin, end === -1 ? undefined : end), start, end !== -1);
    if (fault !== undefined) return fault;
  }
  return faultOfBlocks(text);
}

/** @param inside the text from its beginning to the next brace, or to the end of the template */
function faultOfReference(inside: string, start: string, isClosed: boolean): string | undefined {
  const name = outsideOfArguments(inside.slice(0, LONGEST_REFERENCE));
  if (name === undefined || name.includes('|')) return undefined;
  const shown = `${start}${/^\s*[\w.-]*/.exec(name)?.[0] ?? ''}`;
  if (/^\s/.test(name)) return `${shown.trimEnd()}}: a blank after the brace makes it mere text`;
  return !isClosed || /[\s",:;{]/.test(name) ? `${shown} is not closed by }` : undefined;
}

/** The rest of a longer reference is not looked at, so that a text of many is judged in little time. */
const LONGEST_REFERENCE = 500;

/** The text without arguments, which may hold anything; undefined where a bracket is not closed. */
function outsideOfArguments(text: string): string | undefined {
  let outside = '';
  let depth = 0;
  for (const part of text.split(/([()])/)) {
    if (part === '(') depth += 1;
    else if (part === ')' && depth > 0) depth -= 1;
    else if (depth === 0) outside += part;
  }
  return depth === 0 ? outside : undefined;
}

/** Directives that `#end` closes, as Velocity counts them. A macro with a body (`#@`) may be anything. */
function faultOfBlocks(text: string): string | undefined {
  if (/#\{?@|#end[A-Za-z0-9_]/.test(text)) return undefined;
  const open: string[] = [];
  for (const [, begun, ended] of text.matchAll(
    /(?<!\\)#\{?(?:(if|foreach|macro|define)\}?\s*\(|(end|else|elseif)\b)/g,
  )) {
    if (begun !== undefined) open.push(begun);
    else if (open.length === 0) return `#${ended} ends nothing that has begun`;
    else if (ended === 'end') open.pop();
  }
  return open.length === 0 ? undefined : `#${open.at(-1)} has no #end`;
}
