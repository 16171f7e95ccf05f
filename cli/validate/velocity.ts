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

const withoutComments = (template: string) => template.replace(/#\*[\s\S]*?\*#/g, '').replace(/##.*/g, '');

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
