import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { RefusedError } from '../../../common/errors.ts';
import { isPlainObject } from '../../../common/objects.ts';
import { registerSecretOfRequest } from '../../../common/redaction.ts';
import type { Reading } from '../../lifecycle/resource-type.ts';
import {
  choice,
  flag,
  forms,
  invalidProperty,
  jsonSchema,
  nearest,
  PropertyError,
  parseProperties,
  problemAt,
  type References,
  referencesFor,
  text,
  textMap,
  wholeNumber,
} from '../../properties/index.ts';
import { definitionAllowed } from '../../runtime/settings.ts';
import { refuseUntagged } from '../secret-tag.ts';

/**
 * A data action's `Definition`: the file that Genesys Cloud's UI exports ("Export data action"), which holds
 * the JSON of an action: name, category, secure, contract {input {inputSchema}, output {successSchema}} and
 * config.
 */

export const REQUEST_TYPES = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Bytes of a file in S3; far above what Genesys Cloud takes, far below what the function can hold. */
export const MAX_BYTES = 256 * 1024;

const s3Object = z
  .strictObject({
    Bucket: text({ pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, hint: 'must be the name of an S3 bucket' }),
    Key: text({ max: 1024 }),
    VersionId: z.optional(text({ max: 1024 })),
    /** Hex. */
    Sha256: z.optional(text({ pattern: /^[0-9a-fA-F]{64}$/, hint: 'must be a SHA-256 of 64 hex digits' })),
  })
  .check(
    z.refine(({ VersionId, Sha256 }) => VersionId !== undefined || Sha256 !== undefined, {
      message: 'needs VersionId or Sha256, so that a changed file is seen',
    }),
  );

/** The property: where the definition is, or itself. */
export const definition = () =>
  forms(
    {
      S3: z.strictObject({ S3: s3Object }),
      Secret: z.strictObject({
        SecretArn: text({
          pattern: /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\/genesys\/definitions\/.+/,
          hint: 'must be the ARN of a secret whose name begins with /genesys/definitions/',
        }),
        VersionId: text({ max: 64 }),
      }),
      Text: text(),
      File: fileSchema({ typed: false }),
    },
    (input) => (isPlainObject(input) ? formOf(Object.keys(input)) : 'Text'),
  );

/** The form of a definition with these members. A misspelt place is still meant as a place. */
function formOf(members: string[]): 'S3' | 'Secret' | 'File' {
  if (members.includes('S3')) return 'S3';
  if (members.includes('SecretArn')) return 'Secret';
  if (members.includes('contract') || members.includes('config')) return 'File';
  if (members.some((name) => nearest(name, ['S3'], 1) !== undefined)) return 'S3';
  return members.some((name) => nearest(name, ['SecretArn', 'VersionId'], 2) !== undefined)
    ? 'Secret'
    : 'File';
}

type Definition = z.infer<ReturnType<typeof definition>>;

/** The members of a definition. An export has more, such as ids, which are ignored. */
function fileSchema(options: { typed: boolean }) {
  const schema = () => jsonSchema(options);
  return z.object({
    name: z.nullish(text({ max: 256 })),
    category: z.nullish(text({ max: 256 })),
    actionType: z.nullish(
      text({
        pattern: /^(?!customAuth$)/,
        hint: 'must not be customAuth: such an action logs an integration in, and no flow may call it',
      }),
    ),
    integrationType: z.nullish(
      text({
        pattern: /^(?!function-data-actions$)/,
        hint: 'must not be function-data-actions: such an action runs code that Genesys Cloud keeps, and no definition holds the code',
      }),
    ),
    secure: z.nullish(flag()),
    contract: z.nullish(
      z.object({
        input: z.nullish(z.object({ inputSchema: z.nullish(schema()) })),
        output: z.nullish(z.object({ successSchema: z.nullish(schema()) })),
      }),
    ),
    config: z.nullish(
      z.object({
        timeoutSeconds: z.nullish(wholeNumber(1, 60)),
        request: z.nullish(
          z.object({
            requestUrlTemplate: z.nullish(text()),
            requestType: z.nullish(choice(...REQUEST_TYPES)),
            requestTemplate: z.nullish(text({ min: 0 })),
            requestTemplateUri: z.nullish(text({ min: 0 })),
            headers: z.nullish(textMap()),
          }),
        ),
        response: z.nullish(
          z.object({
            translationMap: z.nullish(textMap()),
            translationMapDefaults: z.nullish(textMap()),
            successTemplate: z.nullish(text({ min: 0 })),
            successTemplateUri: z.nullish(text({ min: 0 })),
          }),
        ),
      }),
    ),
  });
}

const typedFile = fileSchema({ typed: true });
type File = z.infer<typeof typedFile>;

/** The properties that a data action needs. */
export interface Described {
  Name: string;
  Category: string;
  Contract: { Input: Record<string, unknown>; Output: Record<string, unknown> };
  Request: {
    UrlTemplate: string;
    Type?: (typeof REQUEST_TYPES)[number] | undefined;
    Template?: string | undefined;
    Headers?: Record<string, string> | undefined;
  };
}

/** The properties that the resource or its definition may have. */
export interface Partly {
  Name?: string | undefined;
  Category?: string | undefined;
  Secure?: boolean | undefined;
  TimeoutSeconds?: number | undefined;
  Contract?: { [Part in keyof Described['Contract']]?: Record<string, unknown> | undefined } | undefined;
  Request?: (Omit<Described['Request'], 'UrlTemplate'> & { UrlTemplate?: string | undefined }) | undefined;
  Response?:
    | {
        TranslationMap?: Record<string, string> | undefined;
        TranslationMapDefaults?: Record<string, string> | undefined;
        SuccessTemplate?: string | undefined;
      }
    | undefined;
}

type Inline = Extract<Definition, string | File>;
type Outside = Exclude<Definition, Inline>;

/**
 * The content of a definition outside of the template, and where it is from. Content that was kept is not
 * read again: a rollback needs neither the object nor the right to read it.
 * @throws PropertyError, RefusedError, AwsError; none shows content
 */
export async function readDefinition(
  source: Outside,
  reading: Reading,
): Promise<{ from: string; described: Partly }> {
  const isSecret = 'SecretArn' in source;
  const from = isSecret ? `the secret ${source.SecretArn}` : `s3://${source.S3.Bucket}/${source.S3.Key}`;
  const read = () => (isSecret ? secretText(source, reading) : s3Text(source.S3, from, reading));
  const described = isPlainObject(reading.kept)
    ? (reading.kept as Partly)
    : definitionIn(await read(), from, referencesFor(reading));
  if (isSecret) keepSecret(described);
  return { from, described };
}

async function secretText(
  { SecretArn, VersionId }: Extract<Outside, { SecretArn: string }>,
  reading: Reading,
): Promise<string> {
  if (!reading.appliedBefore) await refuseUntagged(SecretArn, reading.stack, reading);
  const { signal } = reading.deadline;
  return reading.aws.secretText(SecretArn, { signal, versionId: VersionId });
}

/**
 * Genesys Cloud quotes in its refusals what it was sent: no message shows what a secret holds. Names are not
 * kept secret, and a text that is nothing but a reference (`${input.rawRequest}`) says nothing.
 */
function keepSecret({ Request, Response }: Partly): void {
  for (const text of [Request?.UrlTemplate, Request?.Template, Response?.SuccessTemplate])
    if (text !== undefined && !/^\$\{[^{}]*\}$/.test(text)) registerSecretOfRequest(text);
}

/** Whether a definition stands in the property itself. */
export const isInline = (source: Definition): source is Inline =>
  typeof source === 'string' || !('S3' in source || 'SecretArn' in source);

/** The content of a definition that stands in the property itself. @throws PropertyError */
export function inlineDefinition(source: Inline, references: References = 'refused'): Partly {
  return typeof source === 'string'
    ? definitionIn(source, 'Definition', references)
    : partsOf(source, 'Definition');
}

async function s3Text(
  { Bucket, Key, VersionId, Sha256 }: z.infer<typeof s3Object>,
  from: string,
  { aws, settings, deadline }: Reading,
): Promise<string> {
  if (!definitionAllowed(settings, Bucket, Key)) {
    throw new RefusedError(
      `This provider may not read ${from}; its administrator has to add it to the provider's parameter DefinitionObjectArns.`,
    );
  }
  const text = await aws.objectText(Bucket, Key, { versionId: VersionId, maxBytes: MAX_BYTES }, deadline);
  const found = createHash('sha256').update(text).digest('hex');
  if (Sha256 !== undefined && Sha256.toLowerCase() !== found) {
    throw invalidProperty(
      'Definition.S3.Sha256',
      `is ${Sha256}, but ${from} has ${found}: the file is another one than the template means: upload the right one, or write its checksum here`,
    );
  }
  return text;
}

/**
 * The content of the text of a definition.
 * @param from where it is from, for errors
 * @param references as parseProperties takes it
 * @throws PropertyError
 */
export function definitionIn(text: string, from: string, references: References = 'refused'): Partly {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // The parser's own message quotes the text.
    throw new PropertyError([problemAt('', NO_JSON, { fault: 'value' })], definitionFrom(from));
  }
  if (!isPlainObject(value)) {
    const problem = problemAt('', 'must be one JSON object, as Genesys Cloud exports it', { fault: 'value' });
    throw new PropertyError([problem], definitionFrom(from));
  }
  return partsOf(parseProperties(typedFile, value, { of: definitionFrom(from), references }), from);
}

const NO_JSON =
  "is no JSON: export the data action in Genesys Cloud's UI, and store the file in UTF-8, as it is";

/** The UI's export adds this to the name: `Get order - Exported 2026-11-20 @ 9:05`. */
const EXPORTED = /(?<=.) - Exported [^@]{4,40} @ [^@]{3,40}$/s;

const definitionFrom = (from: string) => `definition in ${from}`;

function partsOf({ name, category, secure, contract, config }: File, from: string): Partly {
  const { request, response } = config ?? {};
  // The API names files where the UI's export has text: without them the action would do something else.
  const named = (
    [
      ['config.request.requestTemplate', request?.requestTemplate ?? !request?.requestTemplateUri],
      ['config.response.successTemplate', response?.successTemplate ?? !response?.successTemplateUri],
    ] as const
  ).filter(([, template]) => template === false);
  if (named.length > 0) {
    const problems = named.map(([part]) =>
      problemAt(
        `${part}Uri`,
        `names a template that is not in the file. Export the data action in Genesys Cloud's UI, or put the text under ${part}`,
      ),
    );
    throw new PropertyError(problems, definitionFrom(from));
  }
  return withoutNulls({
    Name: name?.replace(EXPORTED, ''),
    Category: category,
    Secure: secure,
    TimeoutSeconds: config?.timeoutSeconds,
    Contract: withoutNulls({
      Input: contract?.input?.inputSchema,
      Output: contract?.output?.successSchema,
    }),
    Request: withoutNulls({
      UrlTemplate: request?.requestUrlTemplate,
      Type: request?.requestType,
      Template: request?.requestTemplate,
      Headers: request?.headers,
    }),
    Response: withoutNulls({
      TranslationMap: response?.translationMap,
      TranslationMapDefaults: response?.translationMapDefaults,
      SuccessTemplate: response?.successTemplate,
    }),
  });
}

type WithoutNulls<T> = { [Name in keyof T]: Exclude<T[Name], null> };

function withoutNulls<T extends object>(value: T): WithoutNulls<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, part]) => part !== null && part !== undefined),
  ) as WithoutNulls<T>;
}

/** Paths of what a data action needs and does not have. */
export function missing(properties: Record<string, unknown> | Partly): string[][] {
  const lacks = (value: unknown, name: string) => isPlainObject(value) && value[name] === undefined;
  const top = ['Name', 'Category', 'Contract', 'Request'].filter((name) => lacks(properties, name));
  const inner = [
    ['Contract', 'Input'],
    ['Contract', 'Output'],
    ['Request', 'UrlTemplate'],
  ].filter(([outer = '', name = '']) => lacks((properties as Record<string, unknown>)[outer], name));
  return [...top.map((name) => [name]), ...inner];
}

/**
 * The properties of the resource, and behind them what its definition holds; a member that is written wins.
 * @throws PropertyError that names what neither has
 */
export function complete<W extends Partly>(
  written: W,
  described: Partly,
  from?: string,
): Omit<W, keyof Partly> & Partly & Described & { Secure: boolean } {
  const merged = {
    ...described,
    ...withoutNulls(written),
    Secure: written.Secure ?? described.Secure ?? false,
    Contract: { ...described.Contract, ...withoutNulls(written.Contract ?? {}) },
    Request: { ...described.Request, ...withoutNulls(written.Request ?? {}) },
    Response: { ...described.Response, ...withoutNulls(written.Response ?? {}) },
  };
  const lacking = missing(merged);
  if (lacking.length > 0) {
    throw new PropertyError(
      lacking.map((path) => problemAt(path.join('.'), 'is required', { fault: 'missing' })),
      from === undefined ? 'properties' : `properties, even with what ${from} holds`,
    );
  }
  return merged as unknown as Omit<W, keyof Partly> & Partly & Described & { Secure: boolean };
}
