import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { corrections, type Schema } from './corrections.ts';
import { fromDraft04 } from './draft-04.ts';
import { badRequest } from './errors.ts';
import type { requestModels } from './generate-models.ts';
import type { JsonObject } from './json.ts';

export type ModelName = (typeof requestModels)[number];

const models = (): JsonObject => {
  const file = join(import.meta.dirname, 'models.generated.json');
  const document: { definitions: Record<string, Schema> } = JSON.parse(readFileSync(file, 'utf8'));
  for (const { model, apply } of corrections) {
    const schema = document.definitions[model];
    if (schema === undefined) throw new Error(`the SDK has no model ${model} to correct`);
    apply(schema);
  }
  return document;
};

let ajv: Ajv | undefined;
const validators = new Map<ModelName, ValidateFunction>();

function validatorOf(model: ModelName): ValidateFunction {
  const known = validators.get(model);
  if (known !== undefined) return known;
  ajv ??= new Ajv({ allErrors: true, strict: false }).addSchema(models(), 'models');
  const compiled = ajv.compile({ $ref: `models#/definitions/${model}` });
  validators.set(model, compiled);
  return compiled;
}

/**
 * @throws ApiError 400 for a body that does not match the SDK's model with its corrections, or has other
 * fields.
 */
export function checkBody(model: ModelName, body: unknown): void {
  const validate = validatorOf(model);
  if (validate(body)) return;
  throw badRequest(
    `The request body is not a valid ${model}: ${describe(validate)}`,
    'invalid.request.body',
    {
      details: (validate.errors ?? []).map((error) => ({
        errorCode: error.keyword,
        fieldName: fieldOf(error.instancePath, error.params),
      })),
    },
  );
}

/**
 * A pattern of a contract. Contracts are written for Java, whose patterns have classes of Unicode as well as
 * escapes such as `\@`. JavaScript has the first with the flag `u` only, the second without it only.
 */
const regExp = Object.assign(
  (pattern: string, flags: string): RegExp => {
    try {
      return new RegExp(pattern, flags);
    } catch {
      return new RegExp(pattern);
    }
  },
  // Only code that Ajv writes into a file needs the name.
  { code: 'regExp' },
);

/** Compiles a JSON Schema of any draft: a contract, or the schema of an integration's properties. */
export function compile(schema: JsonObject): (value: unknown) => string | undefined {
  // A property may be named `constructor`, which every object inherits.
  const options = {
    allErrors: true,
    strict: false,
    logger: false,
    ownProperties: true,
    code: { regExp },
  } as const;
  const validate = new Ajv(options).compile(fromDraft04(schema));
  return (value) => (validate(value) ? undefined : describe(validate));
}

function describe(validate: ValidateFunction): string {
  return (validate.errors ?? [])
    .map((error) => {
      const extra =
        error.keyword === 'additionalProperties'
          ? ` (${error.params['additionalProperty']})`
          : error.keyword === 'enum'
            ? ` (${error.params['allowedValues']})`
            : '';
      return `${error.instancePath || '/'} ${error.message}${extra}`;
    })
    .join('; ');
}

function fieldOf(path: string, params: Record<string, unknown>): string {
  const last = params['additionalProperty'] ?? params['missingProperty'];
  const parts = path.split('/').slice(1);
  if (typeof last === 'string') parts.push(last);
  return parts.join('.');
}
