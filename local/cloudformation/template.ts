import type { PropertyValue, ResourceProperties } from './events.ts';

/** The declaration of a custom resource, after parameters, mappings and conditions are resolved. */
export interface ResourceDeclaration {
  /** `Custom::…` or `AWS::CloudFormation::CustomResource`. */
  Type: string;
  DependsOn?: string | string[];
  /** Any JSON with `Ref` and `Fn::GetAtt`. Without a `ServiceToken` the driver's is used. */
  Properties?: Record<string, unknown>;
  DeletionPolicy?: 'Delete' | 'Retain' | 'RetainExceptOnCreate';
  UpdateReplacePolicy?: 'Delete' | 'Retain';
}

export interface Template {
  Resources: Record<string, ResourceDeclaration>;
  Outputs?: Record<string, { Value: unknown }>;
}

/** The values that intrinsic functions read. */
export interface Scope {
  /** Physical id of a resource, or the value of a pseudo parameter. */
  ref(name: string): string;
  /** @throws Error when the answer of the resource had no such attribute. */
  attribute(logicalId: string, name: string): string;
}

const noValue = Symbol('AWS::NoValue');
type Resolved = PropertyValue | typeof noValue;

/** The properties for an event: functions resolved, every scalar a string. */
export function resolveProperties(
  declaration: ResourceDeclaration,
  scope: Scope,
  serviceToken: string,
): ResourceProperties {
  const properties = resolve(declaration.Properties ?? {}, scope) as Record<string, PropertyValue>;
  return { ServiceToken: serviceToken, ...properties };
}

/** A single value, such as an output. */
export function resolveValue(value: unknown, scope: Scope): PropertyValue {
  const resolved = resolve(value, scope);
  return resolved === noValue ? '' : resolved;
}

function resolve(value: unknown, scope: Scope): Resolved {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope)).filter((item) => item !== noValue);
  }
  if (typeof value !== 'object' || value === null)
    throw new Error('Template format error: [/Resources] null values are not allowed in templates');

  const call = functionCall(value);
  if (call?.kind === 'Ref') return call.name === 'AWS::NoValue' ? noValue : scope.ref(call.name);
  if (call?.kind === 'GetAtt') return scope.attribute(call.name, call.attribute);
  const entries = Object.entries(value)
    .map(([name, item]) => [name, resolve(item, scope)] as const)
    .filter((entry): entry is [string, PropertyValue] => entry[1] !== noValue);
  return Object.fromEntries(entries);
}

type Call = { kind: 'Ref'; name: string } | { kind: 'GetAtt'; name: string; attribute: string };

function functionCall(value: object): Call | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, argument] = entry;
  if (name === 'Ref' && typeof argument === 'string') return { kind: 'Ref', name: argument };
  if (name === 'Fn::GetAtt') {
    const path: unknown[] = typeof argument === 'string' ? argument.split('.') : argument;
    // The name of an attribute may contain dots.
    const [logicalId, ...attribute] = path.map(String);
    return { kind: 'GetAtt', name: logicalId ?? '', attribute: attribute.join('.') };
  }
  if (name.startsWith('Fn::')) throw new Error(`${name} is not supported here: resolve it before`);
  return undefined;
}

/** The logical ids that a declaration depends on: DependsOn, Ref and Fn::GetAtt. */
export function dependencies(declaration: ResourceDeclaration): string[] {
  const found = new Set([declaration.DependsOn ?? []].flat());
  collect(declaration.Properties ?? {}, found);
  return [...found];
}

/** The same by logical id; none for a resource that the template does not declare. */
export function dependenciesIn(template: Template, logicalId: string): string[] {
  const declaration = declarationOf(template, logicalId);
  return declaration === undefined ? [] : dependencies(declaration);
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const call = Array.isArray(value) ? undefined : functionCall(value);
  if (call === undefined) for (const item of Object.values(value)) collect(item, found);
  else if (!call.name.startsWith('AWS::')) found.add(call.name);
}

/** The declaration of a logical id, which may be a name that every object inherits, such as `constructor`. */
export const declarationOf = ({ Resources }: Template, logicalId: string): ResourceDeclaration | undefined =>
  Object.hasOwn(Resources, logicalId) ? Resources[logicalId] : undefined;

/** @throws Error with CloudFormation's text, for unresolved dependencies and circles. */
export function validateTemplate(template: Template): void {
  const done = new Set<string>();
  const visit = (logicalId: string, path: string[]) => {
    if (done.has(logicalId)) return;
    if (path.includes(logicalId))
      throw new Error(`Circular dependency between resources: [${path.join(', ')}]`);
    const declaration = declarationOf(template, logicalId);
    if (declaration === undefined)
      throw new Error(
        `Template format error: Unresolved resource dependencies [${logicalId}] in the Resources block of the template`,
      );
    for (const needed of dependencies(declaration)) visit(needed, [...path, logicalId]);
    done.add(logicalId);
  };
  for (const logicalId of Object.keys(template.Resources)) visit(logicalId, []);
}
