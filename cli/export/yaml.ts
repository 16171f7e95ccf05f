/**
 * YAML as CloudFormation reads it. Texts come from anybody, so each stands in double quotes, where nothing of
 * YAML or CloudFormation has a meaning.
 */

/** A call of a function in its short form, such as `!Ref Name`. */
export class Call {
  readonly name: string;
  readonly argument: string;
  constructor(name: 'Ref' | 'Sub', argument: string) {
    this.name = name;
    this.argument = argument;
  }
}

/** A line of its own, for a person. */
export class Comment {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Value = string | number | boolean | Call | Text | Value[] | Members;
/** Members in their order. A comment has any name. */
export type Members = { [name: string]: Value | Comment };

/** A text of several lines, such as JSON, that stands as it is. It has no control characters. */
export class Text {
  readonly lines: string[];
  constructor(text: string) {
    this.lines = text.split('\n');
  }
}

export const ref = (name: string) => new Call('Ref', name);
/** @param text with `${…}` for what is filled in */
export const sub = (text: string) => new Call('Sub', text);

/** The lines of an object's members. */
export function linesOf(members: Members, indent = ''): string[] {
  return Object.entries(members).flatMap(([name, value]) => {
    if (value instanceof Comment) return value.text.split('\n').map((line) => `${indent}# ${line}`);
    return entry(`${indent}${key(name)}:`, value, indent);
  });
}

function entry(head: string, value: Value, indent: string): string[] {
  if (value instanceof Call) return [`${head} !${value.name} ${call(value)}`];
  if (value instanceof Text) return [`${head} |-`, ...value.lines.map((line) => `${indent}  ${line}`)];
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${head} []`];
    return [head, ...value.flatMap((item) => entry(`${indent}  -`, item, `${indent}  `))];
  }
  if (typeof value === 'object') {
    if (Object.keys(value).length === 0) return [`${head} {}`];
    return [head, ...linesOf(value, `${indent}  `)];
  }
  return [`${head} ${typeof value === 'string' && !isPlain(value) ? quoted(value) : value}`];
}

const call = ({ name, argument }: Call) => (name === 'Ref' ? argument : quoted(argument));

const key = (name: string) =>
  /^(?:[A-Za-z][A-Za-z0-9]*|Fn::[A-Za-z]+)$/.test(name) && !BOOLEAN.test(name) ? name : quoted(name);

/** A word that needs no quotes. */
const isPlain = (text: string) => /^(?:Custom::)?[A-Za-z]{2,}$/.test(text) && !BOOLEAN.test(text);

/** Words that YAML 1.1 takes for a boolean or null. */
const BOOLEAN = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** JSON's escapes are YAML's, too. */
export const quoted = (text: string) => escaped(JSON.stringify(text));

/** The members in the order of their names: Genesys Cloud promises none. */
export const sorted = <T>(members: Readonly<Record<string, T>> | undefined): Record<string, T> =>
  Object.fromEntries(Object.entries(members ?? {}).sort(([one], [other]) => (one < other ? -1 : 1)));

/** JSON in which every character is one that YAML may hold. */
export const jsonText = (value: unknown): string => escaped(JSON.stringify(value, null, 2));

const escaped = (json: string) =>
  json.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
