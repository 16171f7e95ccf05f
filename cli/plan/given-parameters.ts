/** Values of parameters from the command line, in the forms that the AWS CLI takes. */
import { readFileSync } from 'node:fs';
import { isPlainObject } from '../../common/objects.ts';
import { CallerError } from '../connection/endings.ts';

/** A value; undefined keeps that of the deployed stack. */
export type Given = Map<string, string | undefined>;

/** @throws CallerError */
export function givenParameters(args: readonly string[]): Given {
  const given: Given = new Map();
  for (const arg of args) for (const [name, value] of parametersIn(arg)) given.set(name, value);
  return given;
}

type Entries = (readonly [string, string | undefined])[];

function parametersIn(arg: string): Entries {
  const shorthand = /^ParameterKey=([^,]+),(?:ParameterValue=([\s\S]*)|UsePreviousValue=true)$/.exec(arg);
  if (shorthand) return [[shorthand[1] ?? '', shorthand[2]?.replace(/^"([\s\S]*)"$/, '$1')]];
  const pair = /^(\w+)=([\s\S]*)$/.exec(arg);
  if (pair) return [[pair[1] ?? '', pair[2] ?? '']];
  return parametersOfFile(arg.replace(/^file:\/\//, ''));
}

/**
 * The list of create-stack (`[{ParameterKey, ParameterValue}]`), the list of deploy (`["Key=Value"]`), the
 * file of CodePipeline (`{"Parameters": {…}}`), or plain members.
 */
function parametersOfFile(path: string): Entries {
  const wrong = (problem: string) =>
    new CallerError(
      `${path} ${problem}. Give --parameters Key=Value, or a JSON file as create-stack takes it: [{"ParameterKey": …, "ParameterValue": …}].`,
    );
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw wrong(code === undefined ? 'is no JSON' : `cannot be read (${code})`);
  }
  if (Array.isArray(content)) {
    return content.flatMap((entry: unknown): Entries => {
      if (typeof entry === 'string' && entry.includes('=')) return parametersIn(entry);
      if (!isPlainObject(entry) || typeof entry['ParameterKey'] !== 'string')
        throw wrong('holds an entry that is no parameter');
      const { ParameterKey, ParameterValue, UsePreviousValue } = entry;
      return [[ParameterKey, UsePreviousValue === true ? undefined : String(ParameterValue ?? '')]];
    });
  }
  if (!isPlainObject(content)) throw wrong('holds neither a list nor an object');
  const members = isPlainObject(content['Parameters']) ? content['Parameters'] : content;
  return Object.entries(members).map(([name, value]) => [name, String(value)]);
}
