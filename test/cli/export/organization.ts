/** An organization that people made by clicks: 5 integrations and 50 data actions, all different. */
import type { Seed } from '../../../local/genesys-cloud/seed.ts';
import type { World } from '../../../local/provider/world.ts';

type SeededAction = NonNullable<Seed['actions']>[number];

export interface HandMade {
  lambda: string;
  disabled: string;
  basic: string;
  keyed: string;
  hostile: string;
  integrations: string[];
  actions: string[];
}

/** Names by which somebody may try to leave the place where a name stands. */
export const HOSTILE_NAMES = [
  ...['Get order', 'GET ORDER', '=SUM(A1)', '!Ref Secret', '!GetAtt A.B', '${AWS::AccountId}', '${!x}'],
  ...[
    'a: b # c',
    'line\nbreak',
    'carriage\r\nreturn',
    `it's "quoted"`,
    'ünicöde 電話 😀 and more',
    '電話',
    '☎',
  ],
  ...['* &anchor', '*alias', '- list', '? key', '%directive', '@at', '`tick`', 'yes', 'null', '0123', '1e3'],
  ...['<script>', '../../etc/passwd', 'C:\\x', 'tab\there', ' blanks ', '{{ double }}', 'Fn::Sub', 'Ref'],
  ...['__proto__', 'constructor', 'A'.repeat(256), 'Get order - Exported 2026-11-20 @ 9:05', '{"a": 1}'],
  ...[
    '\u2028separator',
    'nbsp\u00a0\u0085',
    'DefinitionsBucket',
    'LambdaRegion',
    '---',
    '...',
    '|',
    '>-',
    "'",
  ],
  ...['~', '#comment'],
];

const flat = (properties: object, more = {}) => ({ type: 'object', properties, ...more });

const CONTRACTS: SeededAction['contract'][] = [
  undefined,
  {
    input: {
      inputSchema: flat({ id: { type: 'string' } }, { required: ['id'], additionalProperties: false }),
    },
    output: { successSchema: flat({ status: { type: 'string' }, count: { type: 'integer', minimum: 0 } }) },
  },
  {
    input: {
      inputSchema: flat(
        {
          level: { type: 'integer', enum: [1, 2, 3], default: 1 },
          exact: { type: 'boolean', default: false },
          ratio: { type: ['number', 'null'] },
        },
        { $schema: 'http://json-schema.org/draft-04/schema#', title: 'Ünicode ${title}', description: '' },
      ),
    },
    output: {
      successSchema: flat({
        list: { type: 'array', items: flat({ name: { type: 'string' }, 'with blank': { type: 'number' } }) },
        deep: flat({ er: flat({ value: { type: 'string', default: '${x}' } }) }),
      }),
    },
  },
  {
    input: { inputSchema: flat({}) },
    output: { successSchema: { type: 'array', items: flat({ id: { type: 'string' } }) } },
  },
];

const RESPONSES = [
  undefined,
  { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
  {
    translationMap: { status: '$.order.status', all: '$..id' },
    translationMapDefaults: { status: '"none"', all: '[]' },
    successTemplate: '{"status": ${status}, "all": ${all}}',
  },
  {
    translationMap: { name: "$['first name']" },
    translationMapDefaults: {},
    successTemplate: '#if($name)\n{"name": ${name}}\n#else\n{}\n#end',
  },
];

const TEMPLATES = [
  undefined,
  '${input.rawRequest}',
  '',
  '{"id": "$!{input.id}", "time": "${esc.jsonString($input.id)}", "tab": "\\t"}',
  '#set($x = "!Ref ${input.id}")\n{"x": "$x", "sub": "${AWS::Region}"}\n',
];

const HEADERS = [
  undefined,
  {},
  { 'Content-Type': 'application/json', Accept: '*/*' },
  { Authorization: 'Bearer ${authResponse.access_token}', 'x-key': '${credentials.apiKey}' },
  { 'X-Trace': '$input.id', v: '2', Ref: '${input.id}' },
];

const at = <T>(all: readonly T[], index: number): T => all[index % all.length] as T;

/** Fields that a definition has in turns, some of them not at all. */
function actionOf(index: number, name: string, integrationId: string, isLambda: boolean): SeededAction {
  const template = at(TEMPLATES, index);
  const headers = isLambda ? at([undefined, {}], index) : at(HEADERS, index + Math.floor(index / 5));
  const response = at(RESPONSES, index + Math.floor(index / 4));
  const contract = at(CONTRACTS, index);
  return {
    name,
    integrationId,
    category: at(['Orders', 'Kunden: ${all}', '=Category'], index),
    secure: index % 7 === 3,
    ...(contract === undefined ? {} : { contract }),
    config: {
      ...(index % 3 === 0 ? {} : { timeoutSeconds: 1 + (index % 60) }),
      request: {
        requestUrlTemplate: isLambda
          ? `arn:aws:lambda:us-east-1:${index % 5 === 4 ? '999988887777' : '123456789012'}:function:orders-${index}${at(['', ':live'], index)}`
          : `https://api.example.com/orders/\${input.id}?n=${index}&q=\${esc.url($!{input.name})}`,
        requestType: isLambda ? 'POST' : at(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], index),
        ...(template === undefined ? {} : { requestTemplate: template }),
        ...(headers === undefined ? {} : { headers }),
      },
      ...(response === undefined ? {} : { response }),
    },
  } as SeededAction;
}

/** Makes all of it; answers the ids. The world's own two integrations are there beside it. */
export function madeByHand({ genesys }: Pick<World, 'genesys'>): HandMade {
  const { credentials } = genesys.seed({
    credentials: [
      { typeName: 'amazonWebServicesARN', fields: { ARN: 'arn:aws:iam::123456789012:role/by-hand' } },
      { typeName: 'basicAuth', fields: { userName: 'a', password: 'CANARY-password' } },
      { typeName: 'userDefined', fields: { apiKey: 'CANARY-api-key' } },
    ],
  });
  const [role = '', basicAuth = '', userDefined = ''] = credentials;
  const lambdaType = 'aws-lambda-data-actions';
  const webType = 'custom-rest-actions';
  const { integrations } = genesys.seed({
    integrations: [
      { name: 'Orders', typeId: lambdaType, enabled: true, credentials: { AmazonWebServicesARN: role } },
      { name: 'Orders', typeId: lambdaType, notes: 'switched off: "why"\n${reason}\n' },
      { name: 'Shop API', typeId: webType, enabled: true, credentials: { basicAuth } },
      {
        name: 'Keyed API',
        typeId: webType,
        enabled: true,
        credentials: { basicAuth: userDefined },
        properties: { retries: 3, nested: { flag: true, text: '${x}' } },
        advanced: { a: ['1', 1, null] },
      },
      { name: '!Ref Evil\n  Type: AWS::IAM::User', typeId: webType, enabled: true },
    ],
  });
  const { actions } = genesys.seed({
    actions: Array.from({ length: 50 }, (_, index) => {
      const which = index % integrations.length;
      const name = HOSTILE_NAMES[index] ?? `Data action ${index}`;
      return actionOf(index, name, integrations[which] ?? '', which < 2);
    }),
  });
  const [lambda = '', disabled = '', basic = '', keyed = '', hostile = ''] = integrations;
  return { lambda, disabled, basic, keyed, hostile, integrations, actions };
}
