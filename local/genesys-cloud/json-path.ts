import { type FilterFunction, FunctionExpressionType, JSONPathEnvironment } from 'json-p3';

/**
 * JSONPath as data actions have it: Jayway's dialect (github.com/json-path/JsonPath), in which published
 * actions are written. `json-p3` knows RFC 9535, and evaluates no code. So a path is respelled: `$.` may be
 * missing, `$.['x']` is `$['x']`, a dotted name may have any characters, and a function may end the path.
 * @returns the value; a list where the path may have several; undefined where there is none
 * @throws Error when the path is none
 */
export function jsonPath(path: string, root: unknown): unknown {
  const { query, isDefinite, functionName } = respelled(path);
  const found = environment.query(query, root as never).values();
  const value = isDefinite ? found[0] : found;
  if (functionName === undefined || value === undefined) return value;
  const call = pathFunctions.get(functionName);
  if (call === undefined) throw new Error(`${path}: the function ${functionName} is not supported here`);
  return call(value);
}

/** Functions at the end of a path. Their input is the value of the path before them. */
const pathFunctions = new Map<string, (value: unknown) => unknown>([
  ['length', sizeOf],
  ['size', sizeOf],
  ['keys', (value) => (typeof value === 'object' && value !== null ? Object.keys(value) : null)],
  ['first', (value) => (Array.isArray(value) ? value[0] : undefined)],
  ['last', (value) => (Array.isArray(value) ? value.at(-1) : undefined)],
  ['min', (value) => Math.min(...numbersIn(value))],
  ['max', (value) => Math.max(...numbersIn(value))],
  ['sum', (value) => sum(numbersIn(value))],
  ['avg', (value) => sum(numbersIn(value)) / numbersIn(value).length],
]);

function sizeOf(value: unknown): number | null {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : null;
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

function numbersIn(value: unknown): number[] {
  const numbers = (Array.isArray(value) ? value : []).filter((item) => typeof item === 'number');
  if (numbers.length === 0) throw new Error('The path of a function that needs numbers leads to none');
  return numbers;
}

interface Respelled {
  /** The path by RFC 9535. */
  query: string;
  /** Whether the path can have one value only: no wildcard, `..`, filter, slice or union. */
  isDefinite: boolean;
  functionName?: string;
}

/** `..name` or `.name`, up to the next dot, bracket or parenthesis. */
const DOTTED = /\.(\.?)([^.[\]()\s]+)/y;
const CALL = /\(\s*\)\s*$/y;

function respelled(path: string): Respelled {
  const text = path.trim();
  const whole = /^[$@]/.test(text) ? text : `$.${text}`;
  let query = '$';
  let isDefinite = true;
  let at = 1;
  while (at < whole.length) {
    if (whole[at] === '[' || /^\.{1,2}\[/.test(whole.slice(at, at + 3))) {
      const dots = whole.slice(at).indexOf('[');
      const inside = bracketAt(whole, at + dots);
      if (dots === 2 || isSeveral(inside)) isDefinite = false;
      query += `${dots === 2 ? '..' : ''}[${inside.startsWith('?') ? `?${filter(inside.slice(1))}` : inside}]`;
      at += dots + inside.length + 2;
      continue;
    }
    DOTTED.lastIndex = at;
    const [dotted, second, name] = DOTTED.exec(whole) ?? [];
    if (dotted === undefined || name === undefined) throw new Error(`${path} is not a JSONPath`);
    at += dotted.length;
    CALL.lastIndex = at;
    if (second === '' && CALL.test(whole)) return { query, isDefinite, functionName: name };
    if (second === '.' || name === '*') isDefinite = false;
    query += `${second === '.' ? '..' : ''}[${name === '*' ? '*' : quoted(name)}]`;
  }
  return { query, isDefinite };
}

const quoted = (name: string) => `'${name.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;

/** Texts, and the regular expressions of `=~`: brackets and operators in them mean nothing. */
const LITERALS = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|=~\s*\/(?:\\.|[^/\\])+\/[a-z]*/g;
const masked = (text: string) => text.replace(LITERALS, (literal) => ' '.repeat(literal.length));

/** The content of the bracket that begins here. @throws Error where it does not end */
function bracketAt(path: string, start: number): string {
  let depth = 0;
  const text = masked(path);
  for (let end = start; end < path.length; end += 1) {
    if (text[end] === '[') depth += 1;
    if (text[end] === ']') depth -= 1;
    if (depth === 0) return path.slice(start + 1, end).trim();
  }
  throw new Error(`${path}: a bracket does not end`);
}

const isSeveral = (inside: string): boolean => inside.startsWith('?') || /[*,:]/.test(masked(inside));

/** A path within a filter. Texts in it are masked as `\0<n>\0`. */
const OPERAND = String.raw`[@$](?:\.[A-Za-z_][\w-]*(?!\w*\s*\()|\[(?:\0\d+\0|-?\d+)\])*`;

/** A filter by RFC 9535: without Jayway's `=~`, `in`, `nin`, and its functions behind a path. */
function filter(text: string): string {
  const literals: string[] = [];
  const mask = (literal: string) => `\0${literals.push(literal) - 1}\0`;
  const unmasked = (part: string) => part.replace(/\0(\d+)\0/g, (_, index) => literals[Number(index)] ?? '');
  const plain = text
    .replace(LITERALS, (literal) => {
      if (!literal.startsWith('=~')) return mask(literal);
      const [, pattern = '', flags = ''] = /\/(.+)\/([a-z]*)$/s.exec(literal) ?? [];
      return `=~${mask(JSON.stringify(pattern))}${mask(JSON.stringify(flags))}`;
    })
    .replace(new RegExp(String.raw`(${OPERAND})\.(?:length|size)\(\s*\)`, 'g'), 'length($1)')
    .replace(new RegExp(String.raw`(${OPERAND})\s*=~(\0\d+\0)(\0\d+\0)`, 'g'), 'matches($1, $2, $3)')
    .replace(
      new RegExp(String.raw`(${OPERAND})\s+(n?)in\s+\[([^\]]*)\]`, 'gi'),
      (_, operand, not, list) =>
        `${not === '' ? '' : '!'}(${list
          .split(',')
          .map((value: string) => `${operand} == ${value.trim()}`)
          .join(' || ')})`,
    )
    .replace(new RegExp(OPERAND, 'g'), (operand) => operand.replace(/\.([A-Za-z_][\w-]*)/g, "['$1']"));
  return unmasked(plain);
}

/** Java's `matches`: the whole text, with the flags `i`, `m` and `s`. */
const matches: FilterFunction = {
  argTypes: [
    FunctionExpressionType.ValueType,
    FunctionExpressionType.ValueType,
    FunctionExpressionType.ValueType,
  ],
  returnType: FunctionExpressionType.LogicalType,
  call: (value: unknown, pattern: string, flags: string): boolean =>
    typeof value === 'string' && new RegExp(`^(?:${pattern})$`, `u${flags}`).test(value),
};

const environment = new JSONPathEnvironment();
environment.functionRegister.set('matches', matches);
