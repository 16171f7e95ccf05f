/**
 * A template as plain data with every function in its long form, and the three ways to write it: JSON, YAML
 * with long forms and YAML with short forms. The writer knows the line of every value by itself.
 */
import { parse } from 'yaml';

export type Path = (string | number)[];
export type Data = string | number | boolean | null | Data[] | { [name: string]: Data };

const TAGS = [
  ...['Ref', 'Condition', 'Base64', 'Cidr', 'FindInMap', 'GetAtt', 'GetAZs', 'ImportValue', 'Join', 'Select'],
  ...['Split', 'Sub', 'Transform', 'And', 'Equals', 'If', 'Not', 'Or'],
];
const longName = (tag: string) => (tag === 'Ref' || tag === 'Condition' ? tag : `Fn::${tag}`);

export function readTemplate(text: string): Data {
  const tags = TAGS.flatMap((name) => {
    const resolve = (argument: unknown) => ({ [longName(name)]: argument });
    return [
      {
        tag: `!${name}`,
        resolve: (argument: string) => (name === 'GetAtt' ? attributeOf(argument) : resolve(argument)),
      },
      {
        tag: `!${name}`,
        collection: 'seq' as const,
        resolve: (list: { toJSON(): unknown }) => resolve(list.toJSON()),
      },
      {
        tag: `!${name}`,
        collection: 'map' as const,
        resolve: (map: { toJSON(): unknown }) => resolve(map.toJSON()),
      },
    ];
  });
  return parse(text, { customTags: tags, schema: 'yaml-1.1' });
}

function attributeOf(text: string) {
  const point = text.indexOf('.');
  return { 'Fn::GetAtt': [text.slice(0, point), text.slice(point + 1)] };
}

export interface Written {
  text: string;
  /** The line of a member's name or an item's beginning, from 1. */
  lineOf(path: Path): number;
}

export const forms = { JSON: json, 'YAML, long forms': longYaml, 'YAML, short forms': shortYaml } as const;
export type Form = keyof typeof forms;

const isObject = (value: Data): value is { [name: string]: Data } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isContainer = (value: Data) =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

class Lines {
  readonly lines: string[] = [];
  private readonly places = new Map<string, number>();
  add(line: string, path?: Path) {
    this.lines.push(line);
    if (path) this.places.set(JSON.stringify(path), this.lines.length);
  }
  written(): Written {
    return {
      text: `${this.lines.join('\n')}\n`,
      lineOf: (path) => {
        const line = this.places.get(JSON.stringify(path));
        if (line === undefined) throw new Error(`nothing is written at ${path.join('.')}`);
        return line;
      },
    };
  }
}

function json(template: Data): Written {
  const lines = new Lines();
  const write = (value: Data, path: Path, indent: string, before: string, after: string) => {
    if (!isContainer(value)) {
      lines.add(`${indent}${before}${JSON.stringify(value)}${after}`, path);
      return;
    }
    const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
    lines.add(`${indent}${before}${open}`, path);
    const entries = Object.entries(value as object) as [string, Data][];
    for (const [index, [name, part]] of entries.entries()) {
      const isList = Array.isArray(value);
      const comma = index === entries.length - 1 ? '' : ',';
      const lead = isList ? '' : `${JSON.stringify(name)}: `;
      write(part, [...path, isList ? index : name], `${indent}  `, lead, comma);
    }
    lines.add(`${indent}${close}${after}`);
  };
  write(template, [], '', '', '');
  return lines.written();
}

function longYaml(template: Data): Written {
  return yaml(template, false);
}

function shortYaml(template: Data): Written {
  return yaml(template, true);
}

function yaml(template: Data, isShort: boolean): Written {
  const lines = new Lines();
  const write = (value: Data, path: Path, indent: string, lead: string) => {
    const call = isShort ? shortCall(value) : undefined;
    if (call !== undefined && isObject(value)) {
      const [[name, argument] = ['', null]] = Object.entries(value);
      const joined = name === 'Fn::GetAtt' && isPair(argument) ? argument.join('.') : argument;
      if (isContainer(joined)) {
        lines.add(`${indent}${lead} ${call}`, path);
        writeMembers(joined, [...path, name], `${indent}  `);
      } else lines.add(`${indent}${lead} ${call} ${JSON.stringify(joined)}`, path);
    } else if (isContainer(value)) {
      lines.add(`${indent}${lead}`, path);
      writeMembers(value, path, `${indent}  `);
    } else lines.add(`${indent}${lead} ${JSON.stringify(value)}`, path);
  };
  const writeMembers = (value: Data, path: Path, indent: string) => {
    for (const [name, part] of Object.entries(value as object) as [string, Data][]) {
      const isList = Array.isArray(value);
      write(part, [...path, isList ? Number(name) : name], indent, isList ? '-' : `${keyOf(name)}:`);
    }
  };
  writeMembers(template, [], '');
  return lines.written();
}

const isPair = (value: Data): value is string[] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');

/** A tag, where the function has one; YAML takes no tag right behind another. */
function shortCall(value: Data): string | undefined {
  const entries = isObject(value) ? Object.entries(value) : [];
  const [[name, argument] = ['', null]] = entries;
  if (entries.length !== 1 || !/^(Ref|Fn::\w+)$/.test(name) || shortCall(argument) !== undefined)
    return undefined;
  return `!${name.replace('Fn::', '')}`;
}

const keyOf = (name: string) =>
  /^[A-Za-z][\w-]*$/.test(name) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(name)
    ? name
    : JSON.stringify(name);
