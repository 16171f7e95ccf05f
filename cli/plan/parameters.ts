/** The values of a template's parameters: before the deployment, and after it. */
import { member, textOf, type Value } from '../templates/template.ts';
import type { Given } from './given-parameters.ts';
import type { StackParameters } from './stack.ts';
import { digestOf, type Evaluated, Unknown } from './values.ts';

/** A parameter as a template declares it. */
interface Declared {
  name: string;
  type: string;
  fallback: string | undefined;
  isNoEcho: boolean;
}

export interface ParameterSources {
  /** The template whose parameters have the values. */
  template: Value;
  /** Values of the command line. */
  given: Given;
  /** Values of the stack, or of the change set. */
  known: StackParameters;
  /** Values of SSM parameters by their names, as they are now; undefined for one that cannot be read. */
  ssm: ReadonlyMap<string, string>;
  /** The values are those of the deployed stack itself. */
  isDeployed: boolean;
  fault(message: string): void;
}

const declared = (template: Value): Declared[] => {
  const parameters = member(template, 'Parameters');
  if (parameters?.kind !== 'map') return [];
  return [...parameters.entries].map(([name, { value }]) => ({
    name,
    type: textOf(member(value, 'Type')) ?? 'String',
    fallback: scalarOf(member(value, 'Default')),
    isNoEcho: scalarOf(member(value, 'NoEcho')) === 'true',
  }));
};

const scalarOf = (value: Value | undefined) =>
  value?.kind === 'scalar' ? String(value.value ?? '') : undefined;

const SSM_VALUE = /^AWS::SSM::Parameter::Value<(.+)>$/;
const isList = (type: string) => type === 'CommaDelimitedList' || type.startsWith('List<');

/** The value that the author or the stack gives to a parameter, before SSM is asked. */
const writtenValue = (
  { name, fallback }: Declared,
  { given, known }: Pick<ParameterSources, 'given' | 'known'>,
): string | undefined => given.get(name) ?? known.get(name)?.value ?? fallback;

/** The names of the SSM parameters whose values the template's parameters take. */
export const ssmNames = (sources: Pick<ParameterSources, 'template' | 'given' | 'known'>): string[] =>
  declared(sources.template).flatMap((one) => {
    const name = SSM_VALUE.test(one.type) && !one.isNoEcho ? writtenValue(one, sources) : undefined;
    return name === undefined ? [] : [name];
  });

/** Names that are given and that the template does not declare. */
export const undeclared = (template: Value, given: Given): string[] => {
  const names = declared(template).map(({ name }) => name);
  return [...given.keys()].filter((name) => !names.includes(name));
};

export function parameterValues(sources: ParameterSources): Map<string, Evaluated> {
  return new Map(declared(sources.template).map((one) => [one.name, valueIn(one, sources)]));
}

function valueIn(one: Declared, sources: ParameterSources): Evaluated {
  const { name, type, isNoEcho } = one;
  if (isNoEcho) return hidden(one, sources);
  const written = writtenValue(one, sources);
  if (written === undefined) {
    sources.fault(`The parameter ${name} has no value: give it by --parameters ${name}=…`);
    return new Unknown({ key: `parameter ${name}`, why: `the parameter ${name}, which has no value` });
  }
  const inner = SSM_VALUE.exec(type)?.[1];
  if (inner === undefined) return isList(type) ? listOf(written) : written;
  const found = sources.isDeployed ? sources.known.get(name)?.resolved : sources.ssm.get(written);
  if (found === undefined) return new Unknown({ key: `ssm ${written}`, why: `the SSM parameter ${written}` });
  return isList(inner) ? listOf(found) : found;
}

const listOf = (text: string): string[] => text.split(',').map((item) => item.trim());

/** The value is not even held: a message could show it. */
function hidden({ name, fallback }: Declared, { given, known, isDeployed }: ParameterSources): Unknown {
  const isNew = !isDeployed && given.get(name) !== undefined;
  const isOfStack = !isNew && known.has(name);
  const origin = isNew ? ' as given' : isOfStack ? '' : ` by default ${digestOf(fallback ?? '')}`;
  return new Unknown({
    key: `parameter ${name}${origin}`,
    why: `the NoEcho parameter ${name}`,
    isSecret: true,
  });
}
