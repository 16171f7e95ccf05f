/** A data action's texts that Genesys Cloud fills in, from the properties and from an inline definition. */
import { isPlainObject } from '../../common/objects.ts';
import {
  branches,
  branchesOf,
  member,
  type Place,
  present,
  substituted,
  textOf,
  type Value,
} from '../templates/template.ts';
import type { Resource } from './context.ts';

/** A text with its path in the resource, such as `Request.UrlTemplate`. */
export type Text = [path: string, value: Value];

export interface Texts {
  ofRequest: Text[];
  targets: Text[];
  methods: Text[];
  /** Expressions of translation maps, each under the name that it is for. */
  expressions: Text[];
  ofResponses: TextsOfResponse[];
  /** Definitions that are one text: their parts are copies, so `Fn::Sub` is looked for in the whole. */
  definitions: Value[];
}

export interface TextsOfResponse {
  /** The branch of the property `Response`; undefined for a definition's. */
  response?: Value;
  successTemplates: Text[];
  /** Maps of defaults. */
  defaults: Text[];
}

export function textsOf({ properties }: Resource): Texts {
  const request = member(properties, 'Request');
  const response = member(properties, 'Response');
  const texts: Texts = {
    ofRequest: requestTexts(request, 'Request.', ['UrlTemplate', 'Template', 'Headers']),
    targets: partsOf(request, 'Request.', 'UrlTemplate'),
    methods: partsOf(request, 'Request.', 'Type'),
    ofResponses: (response === undefined ? [] : branches(response)).map((branch) => ({
      ...responseTexts(branch, 'Response.', ['SuccessTemplate', 'TranslationMapDefaults']),
      response: branch,
    })),
    expressions: (response === undefined ? [] : branches(response)).flatMap((branch) =>
      expressionsOf(branch, 'Response.', 'TranslationMap'),
    ),
    definitions: [],
  };
  const definition = member(properties, 'Definition');
  for (const branch of definition === undefined ? [] : branches(definition)) {
    if (branch.kind !== 'map') texts.definitions.push(branch);
    const file = branch.kind === 'map' ? branch : parsedText(branch);
    // A member of the property wins over the definition's, which is used by nobody then.
    const unlessWritten = (part: Value | undefined, name: string, inFile: string) =>
      branchesOf(part, name).length > 0 ? '' : inFile;
    for (const config of branchesOf(file, 'config')) {
      const [url, template, headers] = [
        unlessWritten(request, 'UrlTemplate', 'requestUrlTemplate'),
        unlessWritten(request, 'Template', 'requestTemplate'),
        unlessWritten(request, 'Headers', 'headers'),
      ];
      const path = 'Definition.config';
      const [inFile, prefix] = [member(config, 'request'), `${path}.request.`];
      texts.ofRequest.push(...requestTexts(inFile, prefix, [url, template, headers]));
      texts.targets.push(...partsOf(inFile, prefix, url));
      texts.methods.push(...partsOf(inFile, prefix, unlessWritten(request, 'Type', 'requestType')));
      for (const part of branchesOf(config, 'response')) {
        texts.expressions.push(
          ...expressionsOf(
            part,
            `${path}.response.`,
            unlessWritten(response, 'TranslationMap', 'translationMap'),
          ),
        );
        texts.ofResponses.push(
          responseTexts(part, `${path}.response.`, [
            unlessWritten(response, 'SuccessTemplate', 'successTemplate'),
            unlessWritten(response, 'TranslationMapDefaults', 'translationMapDefaults'),
          ]),
        );
      }
    }
  }
  return texts;
}

function requestTexts(
  request: Value | undefined,
  prefix: string,
  [url, template, headers]: [string, string, string],
): Text[] {
  const of = (name: string) => partsOf(request, prefix, name);
  return [...of(url), ...of(template), ...of(headers).flatMap(textsOfMap)];
}

const partsOf = (outer: Value | undefined, prefix: string, name: string): Text[] =>
  branchesOf(outer, name).map((value): Text => [`${prefix}${name}`, value]);

const textsOfMap = ([path, map]: Text): Text[] =>
  (map.kind === 'map' ? present(map) : []).flatMap(([name, { value }]) =>
    branches(value).map((branch): Text => [`${path}.${name}`, branch]),
  );

const expressionsOf = (response: Value, prefix: string, name: string): Text[] =>
  partsOf(response, prefix, name).flatMap(textsOfMap);

function responseTexts(
  response: Value,
  prefix: string,
  [success, defaults]: [string, string],
): Omit<TextsOfResponse, 'response'> {
  const of = (name: string) => partsOf(response, prefix, name);
  return { successTemplates: of(success), defaults: of(defaults) };
}

/** The JSON of a text as values, all of them at the place of the text. */
function parsedText(value: Value): Value | undefined {
  const text = substituted(value)?.text ?? textOf(value);
  if (text === undefined) return undefined;
  try {
    return valueAt(JSON.parse(text.replaceAll('\0', '0')), value.at);
  } catch {
    return undefined;
  }
}

function valueAt(data: unknown, at: Place): Value {
  if (Array.isArray(data)) return { kind: 'list', items: data.map((item) => valueAt(item, at)), at };
  if (!isPlainObject(data)) return { kind: 'scalar', value: data as string | number | boolean | null, at };
  const entries = Object.entries(data).map(
    ([name, part]) => [name, { key: at, value: valueAt(part, at) }] as const,
  );
  return { kind: 'map', entries: new Map(entries), at };
}
