import velocity from 'velocityjs';

/** The macros of Genesys Cloud. Java's string methods come with velocityjs. */
const macros = {
  esc: {
    jsonEncode: (text: unknown) => JSON.stringify(String(text)).slice(1, -1),
    jsonDecode: (text: unknown) => String(JSON.parse(`"${String(text)}"`)),
    jsonString: (text: unknown) => JSON.stringify(String(text)).slice(1, -1),
    url: (text: unknown) => encodeURIComponent(String(text)).replaceAll('%20', '+'),
    html: (text: unknown) =>
      String(text)
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;'),
  },
  encoding: { base64: (text: unknown) => Buffer.from(String(text)).toString('base64') },
  math: {
    add: (one: unknown, other: unknown) => Number(one) + Number(other),
    sub: (one: unknown, other: unknown) => Number(one) - Number(other),
    mul: (one: unknown, other: unknown) => Number(one) * Number(other),
    div: (one: unknown, other: unknown) => Number(one) / Number(other),
    round: (value: unknown) => Math.round(Number(value)),
    floor: (value: unknown) => Math.floor(Number(value)),
    ceil: (value: unknown) => Math.ceil(Number(value)),
  },
  successTemplateUtils: {
    firstFromArray: (text: unknown, fallback: unknown = '') => {
      const array: unknown = JSON.parse(String(text));
      const first: unknown = Array.isArray(array) ? array[0] : undefined;
      return first === undefined ? fallback : JSON.stringify(first);
    },
  },
};

/**
 * Renders a Velocity template with the macros of data actions (help.mypurecloud.com, "Velocity macros for
 * data actions"). A reference to an unknown name stays in the text, as in Velocity.
 * @throws Error when the template is malformed
 */
export function render(template: string, context: Record<string, unknown>): string {
  return velocity.render(template, { ...macros, ...context } as never);
}

/**
 * The value at a JSONPath of `$`, `.name`, `['name']`, `[0]`, `[*]`, `..name`; undefined if there is none. A
 * path with a wildcard or `..` gives an array, as in Jayway's implementation.
 * @throws Error when the path has anything else, such as filters, slices or unions
 */
export function jsonPath(path: string, root: unknown): unknown {
  const tokens = path.match(/^\$(.*)$/s)?.[1];
  if (tokens === undefined) throw new Error(`${path} is not a JSONPath`);
  const pattern =
    /\.\.([A-Za-z_][\w-]*)|\.([A-Za-z_][\w-]*)|\.\*|\[\*\]|\['((?:[^'\\]|\\.)*)'\]|\[(-?\d+)\]/gy;
  let values: unknown[] = [root];
  let definite = true;
  let end = 0;
  for (const match of tokens.matchAll(pattern)) {
    const [text, descendant, dotted, quoted, index] = match;
    const name = dotted ?? quoted;
    if (descendant !== undefined) {
      definite = false;
      values = values.flatMap((value) => descendants(value)).flatMap((value) => member(value, descendant));
    } else if (name !== undefined) values = values.flatMap((value) => member(value, name));
    else if (index !== undefined)
      values = values.flatMap((value) => {
        const element: unknown = Array.isArray(value) ? value.at(Number(index)) : undefined;
        return element === undefined ? [] : [element];
      });
    else {
      definite = false;
      values = values.flatMap((value) => (typeof value === 'object' && value ? Object.values(value) : []));
    }
    end = match.index + text.length;
  }
  if (end !== tokens.length) throw new Error(`${path}: ${tokens.slice(end)} is not supported here`);
  return definite ? values[0] : values;
}

const member = (value: unknown, name: string): unknown[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? [(value as Record<string, unknown>)[name]]
    : [];

const descendants = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(descendants)] : [];
