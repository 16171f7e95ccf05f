/** The templates and definition files of an export. Equal objects give equal bytes. */
import { createHash } from 'node:crypto';
import type { ExportedAction, LambdaFunction } from './action.ts';
import type { ExportedIntegration } from './integration.ts';
import { logicalIdsOf, pascal } from './logical-ids.ts';
import { distribute, type Size } from './parts.ts';
import type { TextPath } from './texts.ts';
import { Comment, linesOf, type Members, ref, sub, Text, type Value } from './yaml.ts';

export interface Exported {
  organizationId: string;
  /** ExportPrefix of the provider. */
  exportPrefix: string;
  integrations: readonly ExportedIntegration[];
  actions: readonly ExportedAction[];
  /** Logical ids that objects have in their stacks, by their own ids. */
  logicalIds: ReadonlyMap<string, string>;
  /** Names of integrations that are not exported, by id. */
  integrationNames: ReadonlyMap<string, string>;
  /** Definitions stand in the template. */
  inline: boolean;
}

export interface Written {
  /** Texts by the path in the folder, templates first. */
  files: Map<string, string>;
  templates: { file: string; resources: number; bytes: number; parameters: string[] }[];
  /** By the ids of the objects. */
  logicalIds: ReadonlyMap<string, string>;
  /** Ids of integrations that actions name and that are not exported. */
  outside: string[];
}

/** Parameters that a template may have whatever it holds. */
const FIXED = [
  'ProviderExportPrefix',
  'DefinitionsBucket',
  'DefinitionsPrefix',
  'LambdaRegion',
  'LambdaAccount',
  'OtherStacks',
];
export const DEFINITIONS_PREFIX = 'genesys-cloud/definitions/';
/** The stacks that templates of one export are meant for. */
const stackName = (part: number) => `genesys-cloud-export-${part}`;

interface Resource {
  id: string;
  logicalId: string;
  integration?: ExportedIntegration;
  action?: ExportedAction;
}

export function templatesOf(exported: Exported): Written {
  const { integrations, actions, inline } = exported;
  const logicalIds = logicalIdsOf(nameables(exported), FIXED);
  const logicalId = (id: string) => logicalIds.get(id) ?? '';
  const byLogicalId = <T extends { id: string }>(all: readonly T[]) =>
    [...all].sort((one, other) => (logicalId(one.id) < logicalId(other.id) ? -1 : 1));
  const files = new Map<string, string>();
  const definitionFiles = new Map<string, string>();
  for (const action of byLogicalId(actions)) {
    const file = fileOf(logicalId(action.id), action);
    definitionFiles.set(action.id, file);
    if (!inline) files.set(`definitions/${file}`, `${action.definition}\n`);
  }
  const groups = groupsOf(byLogicalId(integrations), byLogicalId(actions), logicalId);
  const parts = distribute(groups, (one) => sizeOf(one, inline));
  const commonest = commonestPlace(actions);
  const templates = parts.map((resources, index) => {
    const context: Context = {
      exported,
      logicalId,
      parts,
      index,
      definitionFiles,
      commonest,
      parameters: new Map(),
      taken: [...FIXED, ...logicalIds.values()],
    };
    const text = templateOf(resources, context);
    const file = parts.length === 1 ? 'template.yaml' : `template-${index + 1}.yaml`;
    return { file, text, resources: resources.length, parameters: required(context.parameters) };
  });
  const own = new Set(integrations.map(({ id }) => id));
  return {
    files: new Map([...templates.map(({ file, text }) => [file, text] as const), ...files]),
    templates: templates.map(({ text, ...rest }) => ({ ...rest, bytes: Buffer.byteLength(text) })),
    logicalIds,
    outside: [...new Set(actions.map(({ integrationId }) => integrationId))]
      .filter((id) => !own.has(id))
      .sort(),
  };
}

const nameables = ({ integrations, actions, logicalIds }: Exported) => {
  const of = (noun: string, isNounShown: boolean) => (one: { id: string; name: string }) => ({
    ...one,
    noun,
    isNounShown,
    known: logicalIds.get(one.id),
  });
  return [...integrations.map(of('Integration', true)), ...actions.map(of('Action', false))];
};

/** A changed definition has another name, so a rollback finds the former one in the bucket. */
const fileOf = (logicalId: string, { definition }: ExportedAction) =>
  `${logicalId}-${sha256(`${definition}\n`).slice(0, 12)}.json`;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function groupsOf(
  integrations: readonly ExportedIntegration[],
  actions: readonly ExportedAction[],
  logicalId: (id: string) => string,
): Resource[][] {
  const groups = new Map<string, Resource[]>(
    integrations.map((integration) => [
      integration.id,
      [{ id: integration.id, logicalId: logicalId(integration.id), integration }],
    ]),
  );
  for (const action of actions) {
    const group = groups.get(action.integrationId) ?? [];
    group.push({ id: action.id, logicalId: logicalId(action.id), action });
    groups.set(action.integrationId, group);
  }
  return [...groups.values()];
}

/** Bytes of a resource without its definition and its texts, at most. */
const FRAME = 900;

function sizeOf({ integration, action }: Resource, inline: boolean): Size {
  const bytes = integration
    ? JSON.stringify(integration.properties).length * 2 + integration.comment.length
    : ((action?.name.length ?? 0) + JSON.stringify(action?.headers ?? {}).length) * 4 +
      (inline ? Buffer.byteLength(action?.definition ?? '') * 1.5 : 0);
  const headers = Object.values(action?.headers ?? {}).filter((value) => value === null).length;
  const secrets = headers + (action?.withheld.texts.length ?? 0);
  // A definition has about one line for each 30 bytes, and each is indented.
  return { bytes: bytes + FRAME + secrets * 600, parameters: secrets };
}

// ---- one template

interface Context {
  exported: Exported;
  logicalId(id: string): string;
  parts: readonly Resource[][];
  index: number;
  definitionFiles: ReadonlyMap<string, string>;
  commonest: string | undefined;
  parameters: Map<string, Members>;
  /** Names that no parameter may have. */
  taken: string[];
}

function templateOf(resources: readonly Resource[], context: Context): string {
  const { exported, parts, index } = context;
  const part = parts.length === 1 ? '' : `, part ${index + 1} of ${parts.length}`;
  const written: Members = Object.fromEntries(
    resources.map(({ logicalId, integration, action }): [string, Members] => [
      logicalId,
      integration
        ? integrationResource(integration, context)
        : actionResource(action as ExportedAction, context),
    ]),
  );
  parameter('ProviderExportPrefix', context, {
    Type: 'String',
    Description: 'ExportPrefix of the provider.',
    Default: exported.exportPrefix,
  });
  const head = [
    'Made by genesys-cloud-cfn export. Each object keeps its id, and is taken over as it is.',
    ...(parts.length === 1 ? [] : [`Deploy part after part, this one as the stack ${stackName(index + 1)}.`]),
    ...(context.parameters.has('DefinitionsBucket')
      ? ['Upload the folder definitions/ first; DefinitionObjectArns of the provider has to list its files.']
      : []),
  ];
  return `${linesOf({
    head: new Comment(head.join('\n')),
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Integrations and data actions of the Genesys Cloud organization ${exported.organizationId}${part}`,
    Metadata: { GenesysCloud: { OrganizationId: exported.organizationId } },
    Parameters: Object.fromEntries([...context.parameters].sort(([one], [other]) => (one < other ? -1 : 1))),
    Resources: written,
  }).join('\n')}\n`;
}

const common = (id: string): Members => ({
  ServiceToken: { 'Fn::ImportValue': sub('${ProviderExportPrefix}-ServiceToken') },
  ServiceTimeout: 1200,
  ExistingId: id,
});

function integrationResource({ id, properties, comment }: ExportedIntegration, context: Context): Members {
  const { ExistingId: _, ...others } = properties;
  return {
    Type: 'Custom::GenesysAwsIntegration',
    Properties: {
      ...common(id),
      ...others,
      ...sharing(id, context),
      credential: new Comment(comment),
    },
  };
}

/** The integration of data actions in other parts, which are other stacks. */
function sharing(id: string, context: Context): Members {
  const { parts, index } = context;
  const others = parts.flatMap((part, at) =>
    at !== index && part.some(({ action }) => action?.integrationId === id) ? [stackName(at + 1)] : [],
  );
  if (others.length === 0) return {};
  const names = [...new Set([...listIn(context.parameters.get('OtherStacks')), ...others])].sort();
  parameter('OtherStacks', context, {
    Type: 'CommaDelimitedList',
    Description: 'Names of the stacks of the other parts, which use integrations of this one.',
    Default: names.join(','),
  });
  return { SharedWith: ref('OtherStacks') };
}

const listIn = (known: Members | undefined) =>
  String(known?.['Default'] ?? '')
    .split(',')
    .filter((name) => name !== '');

function actionResource(action: ExportedAction, context: Context): Members {
  return {
    Type: 'Custom::GenesysDataAction',
    Properties: {
      ...common(action.id),
      IntegrationId: integrationIdOf(action.integrationId, context),
      Name: action.name,
      Definition: definitionOf(action, context),
      ...textsOf(action, context),
    },
  };
}

function integrationIdOf(id: string, context: Context): Value {
  const { exported, parts, index, logicalId } = context;
  if (parts[index]?.some(({ integration }) => integration?.id === id)) return ref(logicalId(id));
  const exportedName = exported.integrations.find((one) => one.id === id)?.name;
  const name = exportedName ?? exported.integrationNames.get(id) ?? '';
  return ref(
    parameter(`${withNoun(pascal(name))}Id`, context, {
      Type: 'String',
      Description: 'Id of an integration that this template does not manage.',
      Default: id,
    }),
  );
}

const withNoun = (words: string) =>
  words.endsWith('Integration') ? words : `${words.slice(0, 100)}Integration`;

function definitionOf(action: ExportedAction, context: Context): Value {
  if (context.exported.inline) return new Text(action.definition);
  parameter('DefinitionsBucket', context, {
    Type: 'String',
    Description: 'Bucket that holds the definitions.',
    AllowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
  });
  parameter('DefinitionsPrefix', context, {
    Type: 'String',
    Description: 'Beginning of the keys of the definitions, with a slash at its end.',
    Default: DEFINITIONS_PREFIX,
  });
  return {
    S3: {
      Bucket: ref('DefinitionsBucket'),
      Key: sub(`\${DefinitionsPrefix}${context.definitionFiles.get(action.id)}`),
      Sha256: sha256(`${action.definition}\n`),
    },
  };
}

/** The properties beside a definition: its file does not hold them. */
function textsOf(action: ExportedAction, context: Context): Members {
  const { lambda, headers, withheld, name, id } = action;
  const isCommon = lambda !== undefined && placeOf(lambda) === context.commonest;
  const secret = (path: TextPath): Members => {
    const [, member = ''] = path.split('.');
    if (!withheld.texts.includes(path)) return {};
    const description = `${path} of the data action ${JSON.stringify(name)}, as it is in Genesys Cloud. ${NOT_HELD}`;
    return { [member]: ref(secretParameter(`${context.logicalId(id)}${member}`, description, context)) };
  };
  const request: Members = {
    ...(isCommon ? { UrlTemplate: functionArn(lambda, context) } : {}),
    ...secret('Request.UrlTemplate'),
    ...secret('Request.Template'),
    ...(headers ? { Headers: headersOf(headers, { name, id }, context) } : {}),
  };
  const response = secret('Response.SuccessTemplate');
  return {
    ...(Object.keys(request).length > 0 ? { Request: request } : {}),
    ...(Object.keys(response).length > 0 ? { Response: response } : {}),
  };
}

const NOT_HELD = 'It may be secret, so the export does not hold it.';

const secretParameter = (wanted: string, description: string, context: Context): string =>
  parameter(wanted, context, { Type: 'String', NoEcho: true, Description: description }, true);

function functionArn({ partition, region, account, name }: LambdaFunction, context: Context): Value {
  parameter('LambdaRegion', context, {
    Type: 'String',
    Description: "Region of the functions; the organization's own.",
    Default: region,
  });
  parameter('LambdaAccount', context, {
    Type: 'String',
    Description: 'Account of the functions.',
    Default: account,
  });
  return sub(`arn:${partition}:lambda:\${LambdaRegion}:\${LambdaAccount}:function:${name}`);
}

function headersOf(
  headers: Record<string, string | null>,
  { name, id }: { name: string; id: string },
  context: Context,
): Members {
  return Object.fromEntries(
    Object.entries(headers).map(([header, value]): [string, Value] => {
      if (value !== null) return [header, value];
      const description = `Value of the header ${JSON.stringify(header)} of the data action ${JSON.stringify(name)}, as it is in Genesys Cloud. ${NOT_HELD}`;
      const wanted = `${context.logicalId(id)}${pascal(header) || 'Header'}`;
      return [header, ref(secretParameter(wanted, description, context))];
    }),
  );
}

// ---- parameters

/**
 * Declares a parameter, and answers its name. Another one of this name gets a number.
 * @param isNew it is another one in any case
 */
function parameter(wanted: string, { parameters, taken }: Context, members: Members, isNew = false): string {
  const isFixed = FIXED.includes(wanted);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}${number}`;
    const known = parameters.get(name);
    const isSame = !isNew && (isFixed || known?.['Default'] === members['Default']);
    const isFree = known === undefined ? isFixed || !taken.includes(name) : isSame;
    if (!isFree) continue;
    parameters.set(name, members);
    return name;
  }
}

const required = (parameters: ReadonlyMap<string, Members>): string[] =>
  [...parameters].flatMap(([name, members]) => ('Default' in members ? [] : [name])).sort();

// ---- functions

const placeOf = ({ partition, region, account }: LambdaFunction) => `${partition} ${region} ${account}`;

/** Partition, Region and account of most functions; others stay written out. */
function commonestPlace(actions: readonly ExportedAction[]): string | undefined {
  const count = new Map<string, number>();
  for (const { lambda } of actions)
    if (lambda) count.set(placeOf(lambda), (count.get(placeOf(lambda)) ?? 0) + 1);
  const [first] = [...count].sort(([one, more], [other, less]) => less - more || (one < other ? -1 : 1));
  return first?.[0];
}
