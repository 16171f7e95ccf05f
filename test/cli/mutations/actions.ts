/** Faults of a data action's contract, texts and expressions, in its properties and in inline definitions. */
import type { Data, Path } from './forms.ts';
import { type Fault, get, isMembers, nameOf, type Place, pathOf, put } from './places.ts';
import { faultAt, type Operator, replaced } from './properties.ts';

const REQUEST_TEXT =
  /^(Request\.(UrlTemplate|Template|Headers\.[\w-]+)|Definition\.config\.request\.(requestUrlTemplate|requestTemplate|headers\.[\w-]+))$/;
const SUCCESS_TEXT = /^(Response\.SuccessTemplate|Definition\.config\.response\.successTemplate)$/;
const EXPRESSION = /^(Response\.TranslationMap|Definition\.config\.response\.translationMap)\.\w+$/;
const SCHEMA =
  /^(Contract\.Input|Contract\.Output|Definition\.contract\.(input|output)\.\w+Schema)\.properties$/;

/** A text of the place: plain, or the one of `Fn::Sub`. */
function textOf({ value }: Place): string | undefined {
  const text = isMembers(value) ? value['Fn::Sub'] : value;
  return typeof text === 'string' ? text : undefined;
}

/** The text with another one in its place, in `Fn::Sub` with what Genesys Cloud fills in escaped. */
const withText = ({ value }: Place, text: string): Data =>
  isMembers(value) ? { 'Fn::Sub': text.replace(/\$\{(?=\s*[a-z])/g, '${!') } : text;

/** Names of the input, where the contract is written out. */
function inputOf({ properties }: Place): string[] | undefined {
  const paths: Path[] = [
    ['Contract', 'Input'],
    ['Definition', 'contract', 'input', 'inputSchema'],
  ];
  const schema = paths.map((path) => get(properties, path)).find((one) => one !== undefined);
  const names =
    isMembers(schema) && isMembers(schema['properties']) ? Object.keys(schema['properties']) : undefined;
  return isMembers(schema) && schema['additionalProperties'] === true ? undefined : names;
}

/** An operator that changes a text whose path fits; no change means no mutant. */
const texts = (
  name: string,
  path: RegExp,
  change: (text: string, place: Place) => string | undefined,
  rule: string,
  says: RegExp,
): Operator => ({
  name,
  plant(place) {
    const text = path.test(place.inner.join('.')) ? textOf(place) : undefined;
    const changed = text === undefined ? undefined : change(text, place);
    if (changed === undefined || changed === text) return undefined;
    return replaced(place, withText(place, changed), rule, says);
  },
});

const isJson = (text: string) => /^\s*[{[]/.test(text);
/** Behind the text, or in a template of JSON before its last brace. */
const added = (text: string, part: string) =>
  isJson(text) ? text.replace(/\}\s*$/, `, "more": "${part}"}`) : `${text}${part}`;

const isWithInput = (place: Place) => (inputOf(place)?.length ?? 0) > 0;
const isOfLambda = ({ template, properties }: Place) => {
  const id = properties['IntegrationId'];
  const integration = isMembers(id) ? get(template, ['Resources', String(id['Ref'])]) : undefined;
  return (
    isMembers(integration) &&
    integration['Type'] === 'Custom::GenesysAwsIntegration' &&
    get(integration, ['Properties', 'IntegrationType']) !== 'custom-rest-actions'
  );
};

/** An operator that adds a member to a schema's properties. */
const schemas = (
  name: string,
  member: string,
  schema: Data,
  inside: Path,
  says: RegExp,
  only = /./,
): Operator => ({
  name,
  plant(place) {
    const path = place.inner.join('.');
    if (!SCHEMA.test(path) || !only.test(path) || !isMembers(place.value)) return undefined;
    const wrong = { ...place, inner: [...place.inner, member] };
    // Contracts of a definition are reported by the property that they become.
    const part = /nput/.test(path) ? 'Input' : 'Output';
    const reported = { ...place, inner: ['Contract', part, 'properties', member, ...inside] };
    const isDefinition = path.startsWith('Definition');
    const fault: Fault = {
      rule: 'contract',
      at: isDefinition ? ['Resources', place.logicalId, 'Properties'] : [...pathOf(wrong), ...inside],
      path: nameOf(reported),
      says,
    };
    return isDefinition
      ? undefined
      : { template: put(place.template, pathOf(wrong), schema), faults: [fault] };
  },
});

export const ofActions: Operator[] = [
  texts(
    'an input that the contract does not have',
    REQUEST_TEXT,
    (text, place) => (inputOf(place) === undefined ? undefined : added(text, '${input.nothingOfThis}')),
    'placeholder',
    /input contract has no nothingOfThis\. It has /,
  ),
  texts(
    'an input that is misspelt',
    REQUEST_TEXT,
    (text, place) =>
      isWithInput(place) ? text.replace(/(?<=input\.)(\w+?)(\w)(?=\W)(?!\W*rawRequest)/, '$1x$2') : undefined,
    'placeholder',
    /input contract has no \w+\. (Write|It has)/,
  ),
  texts(
    'an input without its root',
    REQUEST_TEXT,
    (text, place) => (isWithInput(place) ? added(text, `\${${inputOf(place)?.[0]}}`) : undefined),
    'placeholder',
    /is not an input by this name\. Write \$\{input\./,
  ),
  texts(
    'a root that Genesys Cloud does not know',
    REQUEST_TEXT,
    (text, place) => (isWithInput(place) ? added(text, `\${inputs.${inputOf(place)?.[0]}}`) : undefined),
    'placeholder',
    /knows no inputs\. Write \$\{input\./,
  ),
  texts(
    'a macro that Genesys Cloud does not know',
    REQUEST_TEXT,
    (text, place) =>
      isWithInput(place) ? added(text, `$esk.jsonString($input.${inputOf(place)?.[0]})`) : undefined,
    'placeholder',
    /knows no esk/,
  ),
  texts(
    'a name in the success template that the translation map lacks',
    SUCCESS_TEXT,
    (text) => added(text, '${nothingOfThis}'),
    'placeholder',
    /translation map has no nothingOfThis/,
  ),
  texts(
    'an input in the success template that the contract does not have',
    SUCCESS_TEXT,
    (text, place) => (inputOf(place) === undefined ? undefined : added(text, '${input.nothingOfThis}')),
    'placeholder',
    /input contract has no nothingOfThis/,
  ),
  {
    name: 'a default for a name that the translation map lacks',
    plant(place) {
      if (
        !/^(Response\.TranslationMapDefaults|Definition\.config\.response\.translationMapDefaults)$/.test(
          place.inner.join('.'),
        )
      )
        return undefined;
      const wrong = { ...place, inner: [...place.inner, 'nothingOfThis'] };
      return {
        template: put(place.template, pathOf(wrong), '1'),
        faults: [
          faultAt(wrong, 'placeholder', /translation map has no nothingOfThis: its default is for nothing/),
        ],
      };
    },
  },
  {
    name: 'a placeholder of Genesys Cloud in Fn::Sub without its !',
    plant(place) {
      const text = place.value;
      const path = place.inner.join('.');
      if (typeof text !== 'string' || !(REQUEST_TEXT.test(path) || SUCCESS_TEXT.test(path))) return undefined;
      // A macro's arguments may hold references of their own.
      if (text.match(/\$!?\{/g)?.length !== 1 || !text.includes('${')) return undefined;
      return replaced(place, { 'Fn::Sub': text }, 'sub', /Fn::Sub takes \$\{.*Write \$\{!/);
    },
  },
  texts(
    'an escape of Fn::Sub in a text that is in none',
    new RegExp(`${REQUEST_TEXT.source}|${SUCCESS_TEXT.source}`),
    (text, { value }) => (typeof value === 'string' ? text.replace('${', '${!') : undefined),
    'sub',
    /escape of Fn::Sub.*Write \$\{ instead/,
  ),
  texts(
    'a template of JSON without its last brace',
    new RegExp(`^Request\\.Template$|requestTemplate$|${SUCCESS_TEXT.source}`),
    (text) => (isJson(text) ? text.replace(/\}\s*$/, '') : undefined),
    'json',
    /no JSON once it is filled in: \} is missing/,
  ),
  texts(
    'a template of JSON with a brace too much',
    new RegExp(`^Request\\.Template$|requestTemplate$|${SUCCESS_TEXT.source}`),
    (text) => (isJson(text) ? `${text}}` : undefined),
    'json',
    /no JSON once it is filled in: \} closes nothing/,
  ),
  texts(
    'a template of JSON with a comma too much',
    new RegExp(`^Request\\.Template$|requestTemplate$|${SUCCESS_TEXT.source}`),
    (text) => (isJson(text) ? text.replace(/\}\s*$/, ',}') : undefined),
    'json-form',
    /no JSON once it is filled in: a comma/,
  ),
  texts(
    'a template of JSON without a quote',
    new RegExp(`^Request\\.Template$|requestTemplate$|${SUCCESS_TEXT.source}`),
    (text) => (isJson(text) ? text.replace('"', '') : undefined),
    'json',
    /no JSON once it is filled in/,
  ),
  texts(
    'a reference of Velocity that is not closed',
    REQUEST_TEXT,
    (text, { value }) => {
      if (typeof value !== 'string') return undefined;
      return text.replace(isJson(text) ? /(?<=\$!?\{[\w.]+)\}(?=")/ : /(?<=\$!?\{[\w.]+)\}/, '');
    },
    'velocity',
    /no Velocity: \$!?\{[\w.]+ is not closed by \}/,
  ),
  texts(
    'a reference of Velocity with a blank',
    REQUEST_TEXT,
    (text) => added(text, '${ input.rawRequest }'),
    'velocity',
    /a blank after the brace makes it mere text/,
  ),
  texts(
    'a block of Velocity without its end',
    new RegExp(`${REQUEST_TEXT.source}|${SUCCESS_TEXT.source}`),
    (text) => `#if($input.rawRequest)${text}`,
    'velocity',
    /#if has no #end/,
  ),
  texts(
    'an end of Velocity without a block',
    new RegExp(`${REQUEST_TEXT.source}|${SUCCESS_TEXT.source}`),
    (text, place) => (isJson(text) || isOfLambda(place) ? undefined : `${text}#end`),
    'velocity',
    /#end ends nothing/,
  ),
  texts(
    'a JSONPath without $',
    EXPRESSION,
    (text) => text.replace(/^\$\.?/, ''),
    'json-path-form',
    /does not begin with \$.*Write \$\./,
  ),
  texts(
    'a JSONPath with a bracket that is not closed',
    EXPRESSION,
    (text) => `${text}[0`,
    'json-path',
    /a bracket is not closed.*Close \[/,
  ),
  texts(
    'a JSONPath that ends with a point',
    EXPRESSION,
    (text) => `${text}.`,
    'json-path',
    /ends with a point.*Write \$/,
  ),
  texts('an empty JSONPath', EXPRESSION, () => '', 'json-path-form', /is empty/),
  texts(
    'a placeholder in the place of a JSONPath',
    EXPRESSION,
    (text) => `\${${text.replace(/^\$\.?/, '')}}`,
    'json-path',
    /after \$ comes a point.*such as \$\.order/,
  ),
  schemas('an input that is an object', 'deep', { type: 'object' }, [], /must be string, integer/, /nput/),
  schemas(
    'a type that JSON Schema does not have',
    'more',
    { type: 'strin' },
    ['type'],
    /must be one of .*Write string/,
    /utput/,
  ),
  schemas('a name that Genesys Cloud uses itself', 'orgId', { type: 'string' }, [], /uses itself/, /nput/),
  schemas('a name that begins with a digit', '1st', { type: 'string' }, [], /a letter first/, /nput/),
  schemas(
    'a reference to another schema',
    'more',
    { $ref: '#/definitions/a' },
    ['$ref'],
    /not allowed by Genesys Cloud/,
  ),
  {
    name: 'a list of required inputs that names none of them',
    plant(place) {
      const schema = place.value;
      if (place.inner.join('.') !== 'Contract.Input' || !isMembers(schema)) return undefined;
      if (schema['additionalProperties'] !== false) return undefined;
      const wrong = { ...place, inner: [...place.inner, 'required'] };
      return {
        template: put(place.template, pathOf(wrong), ['nothingOfThis']),
        faults: [faultAt(wrong, 'contract', /requires nothingOfThis, which the properties lack/)],
      };
    },
  },
  {
    name: 'a contract of JSON text that is cut',
    plant(place) {
      if (!/^Contract\.(Input|Output)$/.test(place.inner.join('.'))) return undefined;
      const text = typeof place.value === 'string' ? place.value : JSON.stringify(place.value);
      return replaced(place, text.slice(0, -1), 'value', /no valid JSON/);
    },
  },
  {
    name: 'another method than POST for a function',
    plant(place) {
      if (place.inner.join('.') !== 'Request' || !isOfLambda(place)) return undefined;
      const wrong = { ...place, inner: ['Request', 'Type'] };
      return {
        template: put(place.template, pathOf(wrong), 'GET'),
        faults: [faultAt(wrong, 'target', /must be POST for a Lambda function, not GET/)],
      };
    },
  },
  {
    name: 'the address of a web service for a function',
    plant(place) {
      if (place.inner.join('.') !== 'Request.UrlTemplate' || !isOfLambda(place)) return undefined;
      return replaced(
        place,
        'https://api.example.com/orders',
        'target',
        /must be the ARN of a Lambda function.*arn:aws:lambda/,
      );
    },
  },
  {
    name: 'the name of a function in the place of its ARN',
    plant(place) {
      if (place.inner.join('.') !== 'Request.UrlTemplate' || !isOfLambda(place)) return undefined;
      return replaced(place, 'orders', 'target', /looks like its name/);
    },
  },
  {
    name: 'a default of the translation map that is no JSON',
    unseen: 'The success template may put quotes around it.',
    plant(place) {
      if (!/ranslationMapDefaults\.\w+$/.test(place.inner.join('.'))) return undefined;
      return { template: put(place.template, pathOf(place), 'unknown'), faults: [] };
    },
  },
  {
    name: 'a smoke test whose input the contract does not take',
    unseen: 'Genesys Cloud answers the smoke test with a fault, and the deployment is rolled back.',
    plant(place) {
      if (place.inner.join('.') !== 'SmokeTest.Input') return undefined;
      return { template: put(place.template, pathOf(place), { nothingOfThis: 'x' }), faults: [] };
    },
  },
];
