import { isPlainObject, nearest } from '../../provider/protocol/properties.ts';
import { checkContract } from '../../provider/resources/contract.ts';
import { dataAction } from '../../provider/resources/data-action.ts';
import { definition, inlineDefinition, missing, type Partly } from '../../provider/resources/definition.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { PropertyError } from '../../provider/runtime/errors.ts';
import { hasMisspelt, reportMissing } from './properties.ts';
import { shapeOf } from './shape.ts';
import {
  branches,
  dataOf,
  everyValue,
  isKnown,
  knownPart,
  member,
  type Place,
  referencesOf,
  substituted,
  textOf,
  UNKNOWN,
  type Value,
} from './template.ts';
import type { Context, Resource } from './validate.ts';
import {
  placeholdersOf,
  REQUEST_ROOTS,
  RESPONSE_ROOTS,
  ROOTS_OF_GENESYS_CLOUD,
  variablesOf,
} from './velocity.ts';

/** Contract, templates, definition and integration of a data action. */
export function checkDataAction(resource: Resource, context: Context): void {
  const described = definitionOf(resource, context);
  checkPresence(resource, described, context);
  checkIntegrationId(resource, context);
  const contract = contractOf(resource, described);
  if (contract.reportable) checkContractOf(resource, contract.schemas, context);
  checkTemplates(resource, described, contract.schemas['Input'], context);
}

// ---- definition

/** What an inline definition holds; UNKNOWN when it is elsewhere or made at deployment; undefined without one. */
type Described = Partly | typeof UNKNOWN | undefined;

function definitionOf({ logicalId, properties }: Resource, { report }: Context): Described {
  const value = member(properties, 'Definition');
  if (value === undefined || branches(value).length === 0) return undefined;
  const data = dataOf(value);
  if (!isKnown(data) || (isPlainObject(data) && ('S3' in data || 'SecretArn' in data))) return UNKNOWN;
  const result = definition().safeParse(data);
  // An object of the wrong form was reported with the properties.
  if (!result.success) return UNKNOWN;
  try {
    return inlineDefinition(result.data as Parameters<typeof inlineDefinition>[0]);
  } catch (error) {
    if (!(error instanceof PropertyError)) throw error;
    report(
      'definition',
      value.at,
      `${logicalId}.Definition`,
      error.message.replace('Invalid definition in Definition: ', '').replace(/\.$/, ''),
      'Paste the file that the Genesys Cloud UI exports for a data action, or name it in S3.',
    );
    return UNKNOWN;
  }
}

const MEMBERS: Record<string, string[]> = Object.fromEntries(
  Object.entries(shapeOf(dataAction.schema) ?? {}).map(([name, schema]) => [
    name,
    Object.keys(shapeOf(schema) ?? {}),
  ]),
);
const PROPERTIES = Object.keys(MEMBERS);

/** What neither the resource nor its definition has. */
function checkPresence(resource: Resource, described: Described, context: Context): void {
  const { properties, at, logicalId } = resource;
  if (described === UNKNOWN || properties.entries.has('Fn::Transform')) return;
  const written = dataOf(properties) as Record<string, unknown>;
  const both = (name: string) => {
    const [one, other] = [written[name], described?.[name as keyof Partly]];
    return isPlainObject(one) && isPlainObject(other) ? { ...other, ...one } : (one ?? other);
  };
  const merged = Object.fromEntries(
    ['Name', 'Category', 'Contract', 'Request'].map((name) => [name, both(name)]),
  );
  for (const path of missing(merged)) {
    const parent = path.length > 1 ? member(properties, path[0] ?? '') : properties;
    const known = path.length > 1 ? MEMBERS[path[0] ?? ''] : PROPERTIES;
    if (parent?.kind === 'map' && hasMisspelt(parent, path.at(-1) ?? '', known ?? [])) continue;
    const place = path.length > 1 ? (member(properties, path[0] ?? '')?.at ?? at) : at;
    reportMissing([logicalId, ...path].join('.'), place, path, { resource, context });
  }
}

// ---- integration

/** An id that was written out may be anything, but not the name of a resource beside it. */
function checkIntegrationId({ logicalId, properties }: Resource, { declarations, report }: Context): void {
  const value = member(properties, 'IntegrationId');
  if (value === undefined) return;
  const path = `${logicalId}.IntegrationId`;
  const typeOf = (name: string) => textOf(member(declarations.get(name), 'Type'));
  const literal = textOf(value);
  if (literal !== undefined && declarations.has(literal)) {
    report(
      'reference',
      value.at,
      path,
      `${literal} is the name of a resource, not an id`,
      `Write !Ref ${literal}.`,
    );
  }
  for (const { name, attribute, at } of referencesOf(value)) {
    const type = typeOf(name);
    if (type === undefined) continue;
    const wrongAttribute =
      type === 'Custom::GenesysAwsIntegration' && attribute !== undefined && attribute !== 'IntegrationId';
    // Other attributes that do not exist are another fault.
    if (wrongAttribute && ['CredentialId', 'ReportedState', 'OrganizationId'].includes(attribute)) {
      report(
        'reference',
        at,
        path,
        `${name}.${attribute} is not the id of an integration`,
        `Write !Ref ${name}.`,
      );
    }
    const holdsIds = ['Custom::GenesysAwsIntegration', 'AWS::CloudFormation::Stack', 'AWS::SSM::Parameter'];
    if (holdsIds.includes(type) || (type === 'Custom::GenesysDataAction' && attribute === 'IntegrationId'))
      continue;
    // A type of others, or a misspelt one, which is reported there.
    if (type.startsWith('Custom::') && !resourceTypes.some(({ typeName }) => typeName === type)) continue;
    report(
      'reference',
      at,
      path,
      `${name} is no integration, but ${type}`,
      'Write !Ref of a Custom::GenesysAwsIntegration.',
    );
  }
}

// ---- contract

/** The two schemas as far as they are known, and whether a fault in them is to be reported with this resource. */
function contractOf(
  { properties }: Resource,
  described: Described,
): { schemas: Record<string, unknown>; reportable: boolean } {
  const written = member(properties, 'Contract');
  const inFile = described === UNKNOWN ? UNKNOWN : described?.Contract;
  const schemas = Object.fromEntries(
    (['Input', 'Output'] as const).map((name) => {
      const value = member(written, name);
      if (value !== undefined) return [name, schemaOf(value)];
      if (written !== undefined && written.kind !== 'map') return [name, UNKNOWN];
      return [name, inFile === UNKNOWN ? UNKNOWN : inFile?.[name]];
    }),
  );
  return { schemas, reportable: Object.values(schemas).some((schema) => isPlainObject(schema)) };
}

/** A schema as data; UNKNOWN where it is made at deployment, undefined where it is none. */
function schemaOf(value: Value): unknown {
  const data = dataOf(value);
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function checkContractOf(
  { logicalId, properties }: Resource,
  schemas: Record<string, unknown>,
  context: Context,
): void {
  const known = (name: string) => (isPlainObject(schemas[name]) ? (knownPart(schemas[name]) as object) : {});
  try {
    checkContract({ Input: { ...known('Input') }, Output: { ...known('Output') } });
  } catch (error) {
    if (!(error instanceof PropertyError)) throw error;
    const sentence = error.message.replace('Invalid properties: ', '').replace(/\.$/, '');
    const { at, path } = locate(properties, sentence);
    context.report(
      'contract',
      at,
      [logicalId, ...path].join('.'),
      sentence.slice(path.join('.').length).trim(),
      'Genesys Cloud does not take such a contract; see the reference of Custom::GenesysDataAction, Contract.',
    );
  }
}

/** The place that a sentence is about which begins with its path. */
function locate(root: Value, sentence: string): { at: Place; path: string[] } {
  let at = root;
  const path: string[] = [];
  for (;;) {
    const rest = sentence.slice(path.join('.').length).replace(/^\./, '');
    const next =
      at.kind === 'map'
        ? [...at.entries].find(([name]) => rest.startsWith(`${name}.`) || rest.startsWith(`${name} `))
        : undefined;
    if (next === undefined) return { at: at.at, path };
    path.push(next[0]);
    at = next[1].value;
  }
}

// ---- templates

/** The texts of a request and a response that Genesys Cloud fills in. */
function checkTemplates(resource: Resource, described: Described, input: unknown, context: Context): void {
  const { properties } = resource;
  const request = member(properties, 'Request');
  const response = member(properties, 'Response');
  const inputNames = namesOf(input);
  const map = member(response, 'TranslationMap');
  const mapNames = translationNames(map, described);
  const headers = member(request, 'Headers');
  const requestTexts: [string, Value | undefined][] = [
    ['Request.UrlTemplate', member(request, 'UrlTemplate')],
    ['Request.Template', member(request, 'Template')],
    ...(headers?.kind === 'map'
      ? [...headers.entries].map(([name, { value }]): [string, Value] => [`Request.Headers.${name}`, value])
      : []),
  ];
  for (const [path, value] of requestTexts) {
    for (const branch of value === undefined ? [] : branches(value)) {
      checkSub(path, branch, mapNames ?? [], resource, context);
      checkRequestText(path, branch, inputNames, resource, context);
    }
  }
  const success = member(response, 'SuccessTemplate');
  for (const branch of success === undefined ? [] : branches(success)) {
    checkSub('Response.SuccessTemplate', branch, mapNames ?? [], resource, context);
    checkSuccessTemplate(branch, mapNames, resource, context);
  }
  checkDefaults(member(response, 'TranslationMapDefaults'), mapNames, resource, context);
}

/** Names that the input contract has; undefined where further ones may come. */
function namesOf(input: unknown): string[] | undefined {
  if (!isPlainObject(input)) return undefined;
  const { properties, additionalProperties, patternProperties } = input;
  const open = additionalProperties !== undefined && String(additionalProperties) !== 'false';
  if (open || patternProperties !== undefined || !isPlainObject(properties)) return undefined;
  return Object.keys(properties);
}

function translationNames(map: Value | undefined, described: Described): string[] | undefined {
  if (map?.kind === 'map') return map.entries.has('Fn::Transform') ? undefined : [...map.entries.keys()];
  if (map !== undefined || described === UNKNOWN) return undefined;
  return Object.keys(described?.Response?.TranslationMap ?? {});
}

/** The text that Genesys Cloud receives, as far as it is known. */
function velocityOf(value: Value): string | undefined {
  return substituted(value)?.text ?? textOf(value);
}

/** `Fn::Sub` takes `${input.x}` for a variable of its own; elsewhere `${!input.x}` is sent as it stands. */
function checkSub(
  path: string,
  value: Value,
  mapNames: string[],
  resource: Resource,
  context: Context,
): void {
  const { report, declarations } = context;
  const name = `${resource.logicalId}.${path}`;
  for (const part of everyValue(value)) {
    const text = textOf(part);
    const isArgument = value.kind === 'call';
    if (text !== undefined && !isArgument && /\$\{!/.test(text)) {
      report(
        'sub',
        part.at,
        name,
        '${! is an escape of Fn::Sub, and this text is in none: Genesys Cloud would get it as it is',
        'Write ${ instead of ${!, or put the text into Fn::Sub.',
      );
    }
    for (const variable of substituted(part)?.variables ?? []) {
      const root = variable.split('.')[0] ?? '';
      const parameters = member(context.template, 'Parameters');
      if (declarations.has(root) || member(parameters, root) !== undefined || root.startsWith('AWS::'))
        continue;
      if (!ROOTS_OF_GENESYS_CLOUD.includes(root) && !mapNames.includes(root)) continue;
      report(
        'sub',
        part.kind === 'call' && part.argument.kind === 'list' ? (part.argument.items[0] ?? part).at : part.at,
        name,
        `Fn::Sub takes \${${variable}} for a variable of the template, but it is Genesys Cloud's`,
        `Write \${!${variable}}.`,
      );
    }
  }
}

function checkRequestText(
  path: string,
  value: Value,
  inputNames: string[] | undefined,
  resource: Resource,
  { report }: Context,
): void {
  const text = velocityOf(value);
  if (text === undefined || inputNames === undefined) return;
  const own = variablesOf(text);
  const at = `${resource.logicalId}.${path}`;
  const known = [...inputNames, 'rawRequest'];
  const done = new Set<string>();
  for (const { text: written, root, name } of placeholdersOf(text)) {
    if (done.has(written)) continue;
    done.add(written);
    if (root === 'input' && name !== undefined && !known.includes(name)) {
      const near = nearest(name, inputNames);
      report(
        'placeholder',
        value.at,
        at,
        `${written}: the input contract has no ${name}`,
        near === undefined ? `It has ${known.join(', ')}.` : `Write \${input.${near}}.`,
      );
    } else if (!REQUEST_ROOTS.includes(root) && !own.includes(root) && inputNames.includes(root)) {
      report(
        'placeholder',
        value.at,
        at,
        `${written} is not an input by this name`,
        `Write \${input.${root}}.`,
      );
    }
  }
}

function checkSuccessTemplate(
  value: Value,
  mapNames: string[] | undefined,
  resource: Resource,
  { report }: Context,
): void {
  const text = velocityOf(value);
  if (text === undefined || mapNames === undefined) return;
  const known = [...RESPONSE_ROOTS, ...mapNames, ...variablesOf(text)];
  const done = new Set<string>();
  for (const { text: written, root } of placeholdersOf(text)) {
    if (known.includes(root) || done.has(written)) continue;
    done.add(written);
    const near = nearest(root, [...mapNames, 'rawResult']);
    report(
      'placeholder',
      value.at,
      `${resource.logicalId}.Response.SuccessTemplate`,
      `${written}: the translation map has no ${root}`,
      near === undefined ? `Add ${root} to Response.TranslationMap.` : `Write \${${near}}.`,
    );
  }
}

function checkDefaults(
  defaults: Value | undefined,
  mapNames: string[] | undefined,
  resource: Resource,
  { report }: Context,
): void {
  if (defaults?.kind !== 'map' || mapNames === undefined) return;
  for (const [name, { key }] of defaults.entries) {
    if (mapNames.includes(name) || name.startsWith('Fn::')) continue;
    const near = nearest(name, mapNames);
    report(
      'placeholder',
      key,
      `${resource.logicalId}.Response.TranslationMapDefaults.${name}`,
      `the translation map has no ${name}: its default is for nothing`,
      near === undefined ? `Add ${name} to Response.TranslationMap.` : `Write ${near}.`,
    );
  }
}
