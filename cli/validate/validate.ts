/** Checks the resources of Genesys Cloud in one CloudFormation template, before anything is deployed. */
import { nearest } from '../../common/text.ts';
import { awsIntegration } from '../../provider/resources/aws-integration/index.ts';
import { dataAction } from '../../provider/resources/data-action/index.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import {
  type Entry,
  everyValue,
  type Members,
  member,
  type Place,
  parseTemplate,
  referencesOf,
  SyntaxProblem,
  textOf,
  type Value,
} from '../templates/template.ts';
import { checkAdoption } from './adoption.ts';
import { type Context, meantType, type Resource } from './context.ts';
import { checkDataAction } from './data-action.ts';
import { type Finding, severityOf } from './findings.ts';
import { checkFunctions } from './functions.ts';
import { checkIntegration, comesBefore } from './integration.ts';
import { checkProperties, hasMisspelt, namesOf } from './properties.ts';
import { checkReferences } from './references.ts';
import { checkForCloudFormation } from './refused-by-cloudformation.ts';
import { checkRole } from './roles.ts';
import { checkTarget } from './target.ts';

const TYPE_NAMES = resourceTypes.map(({ typeName }) => typeName);

/** The rules of single types. The rules of all types come from their schemas. */
const OF_TYPE: Record<string, readonly ((resource: Resource, context: Context) => void)[]> = {
  [dataAction.typeName]: [checkDataAction, checkTarget],
  [awsIntegration.typeName]: [checkIntegration, checkRole],
};

export function validateTemplate(file: string, text: string): { resources: number; findings: Finding[] } {
  const { resources, findings } = examineTemplate(file, text);
  return { resources, findings };
}

/** The findings of a template, and the template itself where its text is YAML or JSON. */
export interface Examined {
  template?: Value;
  /** Logical ids of the resources of Genesys Cloud that were checked. */
  logicalIds: string[];
  resources: number;
  findings: Finding[];
}

export interface Examination {
  /** Whether a type that is nearly one of ours counts anywhere, or only with a token of the provider. */
  misspeltTypes?: 'anywhere' | 'with-our-token';
}

export function examineTemplate(
  file: string,
  text: string,
  { misspeltTypes = 'anywhere' }: Examination = {},
): Examined {
  const findings: Finding[] = [];
  const report: Context['report'] = (rule, { line, column }, path, message, fix) => {
    findings.push({ file, line, column, rule, severity: severityOf(rule), path, message, fix });
  };
  let template: Value;
  try {
    const parsed = parseTemplate(text);
    template = parsed.template;
    if (parsed.alias) {
      report(
        'alias',
        parsed.alias,
        '',
        'CloudFormation takes no YAML aliases (`*name`)',
        'Deploy by `aws cloudformation package` or SAM, which write them out, or write them out here.',
      );
    }
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    report('syntax', error.at, '', `no YAML and no JSON: ${error.message}`, 'Mend the syntax first.');
    return { logicalIds: [], resources: 0, findings };
  }
  const declared = member(template, 'Resources');
  if (declared?.kind !== 'map') {
    report(
      'template',
      template.at,
      '',
      'no CloudFormation template: it has no Resources',
      'Name a template.',
    );
    return { template, logicalIds: [], resources: 0, findings };
  }
  const declarations = new Map(declarationsOf(declared));
  const context: Context = { template, declarations, resources: [], report };
  for (const [logicalId, declaration] of declarations) {
    const resource = resourceOf(logicalId, declaration);
    if (resource) context.resources.push(resource);
  }
  checkStrangers(context, misspeltTypes);
  for (const resource of context.resources) {
    checkForCloudFormation(resource, context);
    checkProperties(resource, context);
    checkNamed(resource, context);
    checkReferences(resource, context);
    checkFunctions(resource, context);
    checkOrder(resource, context);
    checkServiceTimeout(resource, context);
    for (const check of OF_TYPE[resource.typeName] ?? []) check(resource, context);
  }
  checkAttributes(context);
  checkDuplicates(context);
  checkAdoption(context);
  // A part that several branches share is judged with each of them.
  const once = new Map(findings.map((one) => [JSON.stringify(one), one]));
  findings.splice(0, findings.length, ...once.values());
  findings.sort((a, b) => a.line - b.line || a.column - b.column);
  const logicalIds = context.resources.map(({ logicalId }) => logicalId);
  return { template, logicalIds, resources: logicalIds.length, findings };
}

/** Without it CloudFormation waits an hour for an answer that a broken provider never gives. */
function checkServiceTimeout({ logicalId, typeName, properties, at }: Resource, { report }: Context): void {
  if (properties.entries.has('Fn::Transform') || member(properties, 'ServiceTimeout') !== undefined) return;
  if (hasMisspelt(properties, 'ServiceTimeout', namesOf(typeName))) return;
  report(
    'service-timeout',
    at,
    logicalId,
    'has no ServiceTimeout, so CloudFormation waits an hour where no answer comes',
    'Add ServiceTimeout: 300, or more where a deployment takes longer.',
  );
}

/** Every resource, those inside `Fn::ForEach` too. */
function declarationsOf(resources: Members): [string, Value][] {
  return [...resources.entries].flatMap(([logicalId, { value }]): [string, Value][] => {
    if (!logicalId.startsWith('Fn::ForEach::')) return [[logicalId, value]];
    const body = value.kind === 'list' ? value.items[2] : undefined;
    return body?.kind === 'map' ? declarationsOf(body) : [];
  });
}

function resourceOf(logicalId: string, declaration: Value): Resource | undefined {
  const typeNode = member(declaration, 'Type');
  const typeName = textOf(typeNode);
  if (typeNode === undefined || typeName === undefined || !TYPE_NAMES.includes(typeName)) return undefined;
  const properties = member(declaration, 'Properties');
  // An included part is all of them then.
  const included =
    properties?.kind === 'call' ? [[properties.name, { key: properties.at, value: properties }]] : [];
  return {
    logicalId,
    typeName,
    declaration,
    properties:
      properties?.kind === 'map'
        ? properties
        : {
            kind: 'map',
            entries: new Map(included as [string, Entry][]),
            at: typeNode.at,
          },
    at: typeNode.at,
  };
}

const plain = (part: unknown) => (part instanceof Map ? [...part] : part);

/** Resources that are meant for the provider, by their token or a misspelt type, and whose type it lacks. */
function checkStrangers(
  { template, declarations, resources, report }: Context,
  misspeltTypes: Examination['misspeltTypes'],
): void {
  const tokenOf = (properties: Value | undefined) => {
    const token = member(properties, 'ServiceToken');
    return token && JSON.stringify(token, (name, part) => (name === 'at' ? undefined : plain(part)));
  };
  const tokens = resources.map(({ properties }) => tokenOf(properties));
  for (const [logicalId, declaration] of declarations) {
    const typeNode = member(declaration, 'Type');
    const typeName = textOf(typeNode) ?? '';
    if (typeNode === undefined || TYPE_NAMES.includes(typeName)) continue;
    const properties = member(declaration, 'Properties');
    const token = tokenOf(properties);
    const isOurs = isOfProvider(properties, template) || (token !== undefined && tokens.includes(token));
    const meant = isOurs || misspeltTypes === 'anywhere' ? meantType(typeName) : undefined;
    if (!isOurs && meant === undefined) continue;
    const message =
      meant !== undefined
        ? `${typeName} is no resource type of the provider`
        : typeName === GENERIC_TYPE
          ? `${GENERIC_TYPE} does not say which resource of Genesys Cloud it is`
          : `${typeName} is no resource type of the provider, whose ServiceToken it has`;
    const fix = `Write ${meant ?? TYPE_NAMES.join(', ')}.`;
    report('type', typeNode.at, `${logicalId}.Type`, message, fix);
  }
}

/** The type that the AWS CDK gives a custom resource without a type of its own. */
const GENERIC_TYPE = 'AWS::CloudFormation::CustomResource';

/**
 * Whether a token names this provider, by its export or its function as they are called by default. The
 * beginning of the name may be the default of a parameter.
 */
function isOfProvider(properties: Value | undefined, template: Value): boolean {
  const token = member(properties, 'ServiceToken');
  const parameters = member(template, 'Parameters');
  const filledIn = (text: string) =>
    text.replace(
      /\$\{(\w+)\}/g,
      (whole, name) => textOf(member(member(parameters, name), 'Default')) ?? whole,
    );
  return (
    token !== undefined &&
    [...everyValue(token)].some((part) =>
      /genesys-cloud-(ServiceToken|provider)/.test(filledIn(textOf(part) ?? '')),
    )
  );
}

/** The targets of a resource's references must be in the template. */
function checkNamed({ logicalId, declaration, properties }: Resource, context: Context): void {
  const parameters = member(context.template, 'Parameters');
  const known = [
    ...context.declarations.keys(),
    ...(parameters?.kind === 'map' ? parameters.entries.keys() : []),
  ];
  // Loops name things that are only there once the template is processed.
  const processed = member(context.template, 'Transform') !== undefined;
  const check = (name: string, at: Place, candidates: string[], what: string) => {
    if (processed || candidates.includes(name) || name.startsWith('AWS::')) return;
    const near = nearest(name, candidates);
    context.report(
      'reference',
      at,
      logicalId,
      `${name} is no ${what} of this template`,
      near === undefined ? 'Declare it, or name another.' : `Write ${near}.`,
    );
  };
  for (const { name, at } of referencesOf(properties)) {
    // Names that Genesys Cloud knows are another fault: see `sub`.
    if (!isForGenesysCloud(name)) check(name, at, known, 'parameter or resource');
  }
  const dependsOn = member(declaration, 'DependsOn');
  const names = dependsOn?.kind === 'list' ? dependsOn.items : dependsOn === undefined ? [] : [dependsOn];
  for (const item of names) {
    const name = textOf(item);
    if (name !== undefined) check(name, item.at, [...context.declarations.keys()], 'resource');
  }
}

/** Logical ids hold letters and digits only, and nobody begins one in lower case. */
const isForGenesysCloud = (name: string) => !/^[A-Z]/.test(name) || !/^(AWS::)?[A-Za-z0-9]+$/.test(name);

/** CloudFormation refuses resources that wait for each other. */
function checkOrder({ logicalId, at }: Resource, context: Context): void {
  if (!comesBefore(logicalId, context).has(logicalId)) return;
  const message = 'needs itself, by its references and DependsOn: CloudFormation finds no order for it';
  context.report('depends-on', at, logicalId, message, 'Take away one reference or DependsOn of the circle.');
}

/** Attributes of our resources, wherever they are read. */
function checkAttributes({ template, resources, report }: Context): void {
  for (const { name, attribute, at } of referencesOf(template)) {
    const resource = resources.find(({ logicalId }) => logicalId === name);
    if (resource === undefined || attribute === undefined) continue;
    const { attributes = [] } = resourceTypes.find(({ typeName }) => typeName === resource.typeName) ?? {};
    if (attributes.includes(attribute)) continue;
    const near = nearest(attribute, attributes);
    report(
      'attribute',
      at,
      `${name}.${attribute}`,
      `${resource.typeName} has no attribute ${attribute}`,
      `${near === undefined ? '' : `Write ${near}. `}It has ${attributes.join(', ')}; Ref answers the id.`,
    );
  }
}

/**
 * Resources of which an organization, or a place in it, has only one: each type says which properties tell.
 */
function checkDuplicates({ resources, report }: Context): void {
  const seen = new Map<string, string>();
  for (const { logicalId, typeName, properties, declaration, at } of resources) {
    const unique = resourceTypes.find((type) => type.typeName === typeName)?.about.unique;
    // Of two resources under conditions one may be there.
    if (unique === undefined || member(declaration, 'Condition') !== undefined) continue;
    const values = unique.properties.map((name) => comparable(name, written(properties, name)));
    if (values.includes(undefined)) continue;
    const key = JSON.stringify([typeName, ...values]);
    const first = seen.get(key);
    seen.set(key, first ?? logicalId);
    if (first === undefined) continue;
    const told = unique.properties.at(-1);
    const place = told === undefined ? at : (written(properties, told)?.at ?? at);
    const path = told === undefined ? logicalId : `${logicalId}.${told}`;
    report('duplicate', place, path, `${first} ${unique.problem}`, unique.fix);
  }
}

/** A property, or the name that an inline definition gives instead. */
const written = (properties: Members, name: string) =>
  member(properties, name) ??
  (name === 'Name' ? member(member(properties, 'Definition'), 'name') : undefined);

/**
 * A value as far as it can be compared: its text, or for an id the resource or parameter that it refers to.
 */
function comparable(property: string, value: Value | undefined): string | undefined {
  const [reference] = value === undefined || !property.endsWith('Id') ? [] : referencesOf(value);
  return reference?.name ?? textOf(value);
}
