import { Buffer } from 'node:buffer';

/**
 * The macros that every template of a data action may use (help.mypurecloud.com/?p=149841, "Velocity macros
 * for data actions"). `esc` and `math` are Velocity's EscapeTool and MathTool, by its documentation.
 */
const text = String;
const numbers = (values: unknown[]): number[] => values.map(Number);

const percentEncode = (letter: string): string => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;

/** As Java's URLEncoder: letters, digits, and `*-._` stay, and a blank becomes `+`. */
const urlFormEncode = (value: unknown): string =>
  encodeURIComponent(text(value))
    .replace(/[!'()~]/g, percentEncode)
    .replaceAll('%20', '+');

/** Letters, digits and `-._~` stay (help.mypurecloud.com/?p=296518, "URI form encoding"). */
const uriEncode = (value: unknown): string =>
  encodeURIComponent(text(value)).replace(/[!'()*]/g, percentEncode);

const jsonEncode = (value: unknown): string => JSON.stringify(text(value)).slice(1, -1);

const xml = (value: unknown): string =>
  text(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const esc = {
  java: jsonEncode,
  javascript: (value: unknown) =>
    jsonEncode(value).replaceAll("'", String.raw`\'`).replaceAll('/', String.raw`\/`),
  json: jsonEncode,
  jsonEncode,
  jsonString: jsonEncode,
  jsonDecode: (value: unknown) => text(JSON.parse(`"${text(value)}"`)),
  html: xml,
  xml: (value: unknown) => xml(value).replaceAll("'", '&apos;'),
  sql: (value: unknown) => text(value).replaceAll("'", "''"),
  url: urlFormEncode,
  urlFormEncode,
  uriEncode,
  unurl: (value: unknown) => decodeURIComponent(text(value).replaceAll('+', '%20')),
  // Characters that mean something to Velocity.
  dollar: '$',
  d: '$',
  hash: '#',
  h: '#',
  backslash: '\\',
  b: '\\',
  quote: '"',
  q: '"',
  singleQuote: "'",
  s: "'",
  exclamation: '!',
  e: '!',
  newline: '\n',
  n: '\n',
};

const roundTo = (places: unknown, value: unknown): number =>
  Number(Number(value).toFixed(Math.max(0, Number(places))));

const math = {
  abs: (value: unknown) => Math.abs(Number(value)),
  add: (...values: unknown[]) => numbers(values).reduce((one, other) => one + other),
  sub: (...values: unknown[]) => numbers(values).reduce((one, other) => one - other),
  mul: (...values: unknown[]) => numbers(values).reduce((one, other) => one * other),
  div: (...values: unknown[]) => numbers(values).reduce((one, other) => one / other),
  idiv: (one: unknown, other: unknown) => Math.trunc(Number(one) / Number(other)),
  mod: (one: unknown, other: unknown) => Number(one) % Number(other),
  pow: (one: unknown, other: unknown) => Number(one) ** Number(other),
  max: (...values: unknown[]) => Math.max(...numbers(values)),
  min: (...values: unknown[]) => Math.min(...numbers(values)),
  round: (value: unknown) => Math.round(Number(value)),
  floor: (value: unknown) => Math.floor(Number(value)),
  ceil: (value: unknown) => Math.ceil(Number(value)),
  roundTo,
  toInteger: (value: unknown) => Math.trunc(Number(value)),
  toDouble: Number,
  toNumber: Number,
};

const successTemplateUtils = {
  firstFromArray: (json: unknown, fallback: unknown = '') => {
    const array: unknown = JSON.parse(text(json));
    const first: unknown = Array.isArray(array) ? array[0] : undefined;
    return first === undefined ? fallback : JSON.stringify(first);
  },
  /** `{"a": {"x": 1}}` with `id` becomes `[{"x": 1, "id": "a"}]`. */
  moveKeysIntoArrayOfObjects: (json: unknown, name: unknown) =>
    JSON.stringify(
      Object.entries(JSON.parse(text(json)) as Record<string, object>).map(([key, value]) => ({
        ...value,
        [text(name)]: key,
      })),
    ),
};

/** A value that the input lacks is written as its own reference, and counts as missing. */
const isMissing = (value: unknown) =>
  value === undefined || value === null || value === '' || /^\$!?\{?[\w.]+\}?$/.test(text(value));

export const macros = {
  esc,
  encoding: { base64: (value: unknown) => Buffer.from(text(value)).toString('base64') },
  math,
  successTemplateUtils,
  urlTool: {
    optionalQueryParam: (name: unknown, value: unknown) =>
      isMissing(value) ? '' : `${uriEncode(name)}=${uriEncode(value)}`,
  },
  salesforce: {
    /** Reserved characters of SOSL (Salesforce, "SOSL syntax"). */
    escReserved: (value: unknown) => text(value).replace(/[?&|!{}[\]()^~*:\\"'+-]/g, String.raw`\$&`),
  },
};
