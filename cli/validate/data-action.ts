import { isDeeper, isPlainObject } from '../../common/objects.ts';
import { nearest } from '../../common/text.ts';
import { PropertyError, shapeOf } from '../../provider/properties/index.ts';
import { checkContract } from '../../provider/resources/data-action/contract.ts';
import { sendsJson } from '../../provider/resources/data-action/dead-actions.ts';
import {
  definition,
  inlineDefinition,
  missing,
  type Partly,
} from '../../provider/resources/data-action/definition.ts';
import { dataAction } from '../../provider/resources/data-action/index.ts';
import { imbalance } from '../../provider/resources/data-action/json-balance.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import {
  branches,
  branchesOf,
  dataOf,
  deepest,
  everyValue,
  isKnown,
  knownPart,
  member,
  referencesOf,
  substituted,
  textOf,
  UNKNOWN,
  type Value,
} from '../templates/template.ts';
import { type Context, meantType, type Resource, typeOf } from './context.ts';
import { type Text, textsOf } from './data-action-texts.ts';
import { isMalformed } from './json-form.ts';
import { faultOfPath } from './json-path.ts';
import { hasMisspelt, reportMissing } from './properties.ts';
import {
  type Placeholder,
  placeholdersOf,
  REQUEST_ROOTS,
  RESPONSE_ROOTS,
  ROOTS_OF_GENESYS_CLOUD,
  unclosed,
  variablesOf,
} from './velocity.ts';

/** Contract, templates, definition and integration of a data action. */
export function checkDataAction(resource: Resource, context: Context): void {
  const described = definitionOf(resource, context);
  checkPresence(resource, described, context);
  checkIntegrationId(resource, context);
  checkContracts(resource, described, context);
  checkTemplates(resource, described, context);
}

// ---- definition

/**
 * The content of an inline definition; UNKNOWN when it is elsewhere or made at deployment; undefined without
 * one.
 */
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
    for (const { path, problem, nearest: meant } of error.problems) {
      report(
        'definition',
        deepest(value, path).at,
        [logicalId, 'Definition', ...(path === '' ? [] : [path])].join('.'),
        problem,
        meant === undefined
          ? 'Paste the file that the Genesys Cloud UI exports for a data action, or name it in S3.'
          : `Write ${meant}.`,
      );
    }
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
/** Each branch of one property is looked at together with each of another. */
const MOST_BRANCHES = 30;

/** The properties that neither the resource nor its definition has, whichever branch is chosen. */
function checkPresence(resource: Resource, described: Described, context: Context): void {
  const { properties, at, logicalId } = resource;
  if (described === UNKNOWN || properties.entries.has('Fn::Transform')) return;
  if (hasMisspelt(properties, 'Definition', PROPERTIES)) return;
  const written = dataOf(properties) as Record<string, unknown>;
  const parts = (name: string): (Value | undefined)[] => {
    const value = member(properties, name);
    const chosen = value === undefined ? [] : branches(value).slice(0, MOST_BRANCHES);
    return chosen.length === 0 ? [undefined] : chosen;
  };
  for (const contract of parts('Contract')) {
    for (const request of parts('Request')) {
      const chosen: Record<string, Value | undefined> = { Contract: contract, Request: request };
      const both = (name: string) => {
        const part = chosen[name];
        const [one, other] = [
          part === undefined ? written[name] : dataOf(part),
          described?.[name as keyof Partly],
        ];
        return isPlainObject(one) && isPlainObject(other) ? { ...other, ...one } : (one ?? other);
      };
      const merged = Object.fromEntries(
        ['Name', 'Category', 'Contract', 'Request'].map((name) => [name, both(name)]),
      );
      for (const path of missing(merged)) {
        const outer = chosen[path[0] ?? ''];
        const parent = path.length > 1 ? outer : properties;
        if (parent?.kind === 'map' && parent.entries.has('Fn::Transform')) continue;
        const known = path.length > 1 ? MEMBERS[path[0] ?? ''] : PROPERTIES;
        if (parent?.kind === 'map' && hasMisspelt(parent, path.at(-1) ?? '', known ?? [])) continue;
        const place = path.length > 1 ? (outer?.at ?? at) : at;
        reportMissing([logicalId, ...path].join('.'), place, path, { resource, context });
      }
    }
  }
}

// ---- integration

/** An id that was written out may be anything, but not the name of a resource beside it. */
function checkIntegrationId({ logicalId, properties }: Resource, context: Context): void {
  const { declarations, report } = context;
  const value = member(properties, 'IntegrationId');
  if (value === undefined) return;
  const path = `${logicalId}.IntegrationId`;
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
    const type = typeOf(name, context);
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
    const holdsIds = [
      'Custom::GenesysAwsIntegration',
      'AWS::CloudFormation::CustomResource',
      'AWS::CloudFormation::Stack',
      'AWS::SSM::Parameter',
    ];
    if (holdsIds.includes(type) || (type === 'Custom::GenesysDataAction' && attribute === 'IntegrationId'))
      continue;
    // A type of others, or a misspelt one, which is reported there.
    if (meantType(type) !== undefined) continue;
    if (!type.startsWith('AWS::') && !resourceTypes.some(({ typeName }) => typeName === type)) continue;
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

/**
 * The schemas that may come to be the input or the output, each with its place; UNKNOWN where it is made
 * later.
 */
function schemasOf(
  { properties }: Resource,
  described: Described,
  name: 'Input' | 'Output',
): { schema: unknown; value?: Value }[] {
  const inFile = described === UNKNOWN ? UNKNOWN : described?.Contract;
  const fallback = { schema: inFile === UNKNOWN ? UNKNOWN : inFile?.[name] };
  const written = member(properties, 'Contract');
  const contracts = written === undefined ? [] : branches(written);
  if (contracts.length === 0) return [fallback];
  return contracts.flatMap((contract): { schema: unknown; value?: Value }[] => {
    if (contract.kind !== 'map') return [{ schema: UNKNOWN }];
    const values = branchesOf(contract, name);
    if (values.length > 0) return values.map((value) => ({ schema: schemaOf(value), value }));
    return contract.entries.has('Fn::Transform') ? [{ schema: UNKNOWN }] : [fallback];
  });
}

/** More levels than a schema has that Genesys Cloud takes. */
const MOST_LEVELS = 100;

/** A schema as data; UNKNOWN where it is made at deployment, undefined where it is none. */
function schemaOf(value: Value): unknown {
  const data = dataOf(value);
  if (typeof data !== 'string') return data;
  try {
    const schema = JSON.parse(data);
    // Its depth is reported with the properties.
    return isDeeper(schema, MOST_LEVELS) ? UNKNOWN : schema;
  } catch {
    return undefined;
  }
}

function checkContracts(resource: Resource, described: Described, context: Context): void {
  const { logicalId, properties } = resource;
  for (const name of ['Input', 'Output'] as const) {
    for (const { schema, value } of schemasOf(resource, described, name)) {
      if (!isPlainObject(schema)) continue;
      const where = (path: string) =>
        value === undefined
          ? deepest(properties, path)
          : deepest(value, path.slice(`Contract.${name}.`.length));
      if (name === 'Input') {
        for (const missing of requiredWithout(schema)) {
          const path = 'Contract.Input.required';
          context.report(
            'contract',
            where(path).at,
            `${logicalId}.${path}`,
            `requires ${missing}, which the properties lack, and further ones are not allowed`,
            'Require properties that the contract has.',
          );
        }
      }
      const known = { Input: {}, Output: {}, [name]: { ...(knownPart(schema) as object) } };
      try {
        checkContract(known);
      } catch (error) {
        if (!(error instanceof PropertyError)) throw error;
        for (const { path, problem, nearest: meant } of error.problems) {
          context.report(
            'contract',
            where(path).at,
            `${logicalId}.${path}`,
            problem,
            meant === undefined
              ? 'Genesys Cloud does not take such a contract; see the reference of Custom::GenesysDataAction, Contract.'
              : `Write ${meant}.`,
          );
        }
      }
    }
  }
}

/** Names that a closed schema requires and does not have: nobody can call such an action. */
function requiredWithout(schema: Record<string, unknown>): string[] {
  const { properties, required, additionalProperties, patternProperties } = schema;
  const isClosed = additionalProperties === false || additionalProperties === 'false';
  if (!isClosed || patternProperties !== undefined || !Array.isArray(required) || !isKnown(properties))
    return [];
  const names = Object.keys(properties ?? {});
  return required.filter((name): name is string => typeof name === 'string' && !names.includes(name));
}

// ---- templates

/**
 * The texts of a request and a response that Genesys Cloud fills in. Which branches of which `Fn::If` come
 * together is not looked into: an input is known that one of the contracts has.
 */
function checkTemplates(resource: Resource, described: Described, context: Context): void {
  const { properties } = resource;
  const inputNames = together(schemasOf(resource, described, 'Input').map(({ schema }) => namesOf(schema)));
  const written = member(properties, 'Response');
  const responses = written === undefined ? [] : branches(written);
  const mapsOf = (response: Value | undefined) => {
    const maps = branchesOf(response, 'TranslationMap');
    const included = response?.kind === 'map' && response.entries.has('Fn::Transform');
    const isMisspelt =
      response?.kind === 'map' && hasMisspelt(response, 'TranslationMap', MEMBERS['Response'] ?? []);
    if (maps.length === 0) return included || isMisspelt ? undefined : translationNames(undefined, described);
    return together(maps.map((map) => translationNames(map, described)));
  };
  const mapNames = together((responses.length > 0 ? responses : [undefined]).map(mapsOf));
  const texts = textsOf(resource);
  const body = bodyOf(texts.ofRequest);
  for (const [path, value] of texts.ofRequest) {
    checkSub(path, value, mapNames ?? [], resource, context);
    checkRequestText(path, value, inputNames, resource, context);
    checkVelocity(path, value, resource, context);
    if (/\.(Template|requestTemplate)$/.test(path) && body !== 'another')
      checkJson(path, value, body === 'json', resource, context);
  }
  for (const { successTemplates, defaults, response } of texts.ofResponses) {
    // Each branch of a response goes with its own map.
    const names = response === undefined ? mapNames : mapsOf(response);
    for (const [path, value] of successTemplates) {
      checkSub(path, value, names ?? namesInDefinition(properties), resource, context);
      checkVelocity(path, value, resource, context);
      checkSuccessTemplate(path, value, { mapNames: names, inputNames }, resource, context);
      checkJson(path, value, true, resource, context);
    }
    for (const [path, map] of defaults) checkDefaults(path, map, names, resource, context);
  }
  for (const [path, value] of texts.expressions) checkExpression(path, value, resource, context);
  for (const value of texts.definitions) checkSub('Definition', value, mapNames ?? [], resource, context);
}

/** The names of all; undefined where those of one are not known. */
const together = (lists: (string[] | undefined)[]): string[] | undefined =>
  lists.includes(undefined) ? undefined : [...new Set(lists.flatMap((list) => list ?? []))];

/** Names that the input contract has; undefined where further ones may come. */
function namesOf(input: unknown): string[] | undefined {
  if (!isPlainObject(input)) return undefined;
  const { properties, additionalProperties, patternProperties } = input;
  const open =
    additionalProperties !== undefined && additionalProperties !== false && additionalProperties !== 'false';
  if (open || patternProperties !== undefined || !isPlainObject(properties)) return undefined;
  return Object.keys(properties);
}

function translationNames(map: Value | undefined, described: Described): string[] | undefined {
  if (map?.kind === 'map') return map.entries.has('Fn::Transform') ? undefined : [...map.entries.keys()];
  if (map !== undefined || described === UNKNOWN) return undefined;
  return Object.keys(described?.Response?.TranslationMap ?? {});
}

/** The names of an inline definition's map, where other parts of the definition are made at deployment. */
const namesInDefinition = (properties: Value): string[] =>
  branchesOf(properties, 'Definition')
    .flatMap((file) => branchesOf(file, 'config'))
    .flatMap((config) => branchesOf(config, 'response'))
    .flatMap((response) => branchesOf(response, 'translationMap'))
    .flatMap((map) => (map.kind === 'map' ? [...map.entries.keys()] : []));

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
  const roots = [...REQUEST_ROOTS, ...variablesOf(text)];
  const once = new Map(placeholdersOf(text).map((placeholder) => [placeholder.text, placeholder]));
  for (const placeholder of once.values()) {
    const { root } = placeholder;
    if (root !== 'input' && roots.includes(root)) continue;
    const fault =
      root === 'input' ? unknownInput(placeholder, inputNames) : unknownRoot(placeholder, inputNames);
    if (fault === undefined) continue;
    report('placeholder', value.at, `${resource.logicalId}.${path}`, fault.message, fault.fix);
  }
}

interface PlaceholderFault {
  message: string;
  fix: string;
}

function unknownInput({ text, name }: Placeholder, inputNames: string[]): PlaceholderFault | undefined {
  const known = [...inputNames, 'rawRequest'];
  if (name === undefined || known.includes(name)) return undefined;
  const near = nearest(name, inputNames);
  const fix = near === undefined ? `It has ${known.join(', ')}.` : `Write \${input.${near}}.`;
  return { message: `${text}: the input contract has no ${name}`, fix };
}

function unknownRoot({ text, root, name }: Placeholder, inputNames: string[]): PlaceholderFault | undefined {
  if (inputNames.includes(root))
    return { message: `${text} is not an input by this name`, fix: `Write \${input.${root}}.` };
  const message = `${text}: Genesys Cloud knows no ${root}`;
  const near = nearest(root, REQUEST_ROOTS);
  if (near !== undefined) return { message, fix: `Write \${${[near, name].filter(Boolean).join('.')}}.` };
  // Velocity leaves an unknown `$name` as it is, and some addresses want one (`?$select=`).
  if (!text.includes('{')) return undefined;
  return { message, fix: 'Genesys Cloud sends it as it is written. Begin it with input.' };
}

/** The kind of body by the request's headers; `unknown` where the deployment decides. */
function bodyOf(texts: Text[]): 'json' | 'another' | 'unknown' {
  const types = texts.filter(([path]) => /\.headers\.content-type$/i.test(path));
  const bodies = types.map(([, value]) => {
    const type = velocityOf(value);
    if (type === undefined || /\0|\{\{resolve:/.test(type)) return 'unknown';
    return sendsJson({ Headers: { 'content-type': type } }) ? 'json' : 'another';
  });
  const [first = 'json', ...others] = bodies;
  return others.every((body) => body === first) ? first : 'unknown';
}

/**
 * A template of JSON has to be JSON once it is filled in.
 * @param isCertain whether the provider judges the template, too
 */
function checkJson(
  path: string,
  value: Value,
  isCertain: boolean,
  resource: Resource,
  { report }: Context,
): void {
  const text = velocityOf(value);
  // A reference to a secret is another fault.
  if (text === undefined || text.includes('{{resolve:')) return;
  const unbalanced = imbalance(text);
  if (unbalanced === undefined && !isMalformed(text)) return;
  report(
    unbalanced !== undefined && isCertain ? 'json' : 'json-form',
    value.at,
    `${resource.logicalId}.${path}`,
    `the template is no JSON once it is filled in: ${unbalanced ?? 'a comma or a quote is missing or too much'}`,
    'Write it as JSON: names in double quotes, no comma before a closing brace, everything closed.',
  );
}

/** Velocity itself refuses what is not closed, or takes it for mere text: at the first call. */
function checkVelocity(path: string, value: Value, resource: Resource, { report }: Context): void {
  const text = velocityOf(value);
  const fault = text === undefined ? undefined : unclosed(text);
  if (fault === undefined) return;
  report(
    'velocity',
    value.at,
    `${resource.logicalId}.${path}`,
    `the template is no Velocity: ${fault}`,
    'Close what is open, or take away what is too much.',
  );
}

function checkExpression(path: string, value: Value, resource: Resource, { report }: Context): void {
  const text = velocityOf(value);
  const fault = text === undefined ? undefined : faultOfPath(text);
  if (fault !== undefined)
    report(fault.rule, value.at, `${resource.logicalId}.${path}`, fault.message, fault.fix);
}

function checkSuccessTemplate(
  path: string,
  value: Value,
  { mapNames, inputNames }: { mapNames: string[] | undefined; inputNames: string[] | undefined },
  resource: Resource,
  { report }: Context,
): void {
  const text = velocityOf(value);
  if (text === undefined || mapNames === undefined) return;
  const known = [...RESPONSE_ROOTS, ...mapNames, ...variablesOf(text)];
  const done = new Set<string>();
  for (const placeholder of placeholdersOf(text)) {
    const { text: written, root } = placeholder;
    if (done.has(written)) continue;
    done.add(written);
    if (root === 'input' && !mapNames.includes(root) && inputNames !== undefined) {
      const fault = unknownInput(placeholder, inputNames);
      if (fault) report('placeholder', value.at, `${resource.logicalId}.${path}`, fault.message, fault.fix);
      continue;
    }
    if (known.includes(root)) continue;
    const near = nearest(root, [...mapNames, 'rawResult']);
    report(
      'placeholder',
      value.at,
      `${resource.logicalId}.${path}`,
      `${written}: the translation map has no ${root}`,
      near === undefined ? `Add ${root} to Response.TranslationMap.` : `Write \${${near}}.`,
    );
  }
}

function checkDefaults(
  path: string,
  defaults: Value,
  mapNames: string[] | undefined,
  resource: Resource,
  { report }: Context,
): void {
  if (defaults.kind !== 'map' || mapNames === undefined) return;
  for (const [name, { key }] of defaults.entries) {
    if (mapNames.includes(name) || name.startsWith('Fn::')) continue;
    const near = nearest(name, mapNames);
    report(
      'placeholder',
      key,
      `${resource.logicalId}.${path}.${name}`,
      `the translation map has no ${name}: its default is for nothing`,
      near === undefined ? `Add ${name} to Response.TranslationMap.` : `Write ${near}.`,
    );
  }
}
