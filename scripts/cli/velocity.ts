/** What a Velocity template of a data action refers to (Genesys Cloud help 138534, "request configuration"). */

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

/** Variables that the template makes itself. */
export function variablesOf(template: string): string[] {
  const made = /#\{?(?:set|foreach)\}?\s*\(\s*\$!?\{?([A-Za-z_][\w-]*)/g;
  return [...template.matchAll(made)].map(([, name = '']) => name);
}

const withoutComments = (template: string) => template.replace(/#\*[\s\S]*?\*#/g, '').replace(/##.*/g, '');

/** What Genesys Cloud gives to a request's templates beside `input`. */
export const REQUEST_ROOTS = [
  'input',
  'credentials',
  'authResponse',
  'esc',
  'headers',
  'foreach',
  'velocityCount',
];
/** What it gives to the success template beside the names of the translation map. */
export const RESPONSE_ROOTS = [
  'rawResult',
  'input',
  'esc',
  'successTemplateUtils',
  'foreach',
  'velocityCount',
];
/** Names that are Genesys Cloud's alone: an `Fn::Sub` must leave them to it. */
export const ROOTS_OF_GENESYS_CLOUD = [
  'input',
  'rawResult',
  'credentials',
  'authResponse',
  'successTemplateUtils',
];
