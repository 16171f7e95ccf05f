/** The environment variables of the endpoint's functions. They are checked at the first request. */
import * as z from 'zod/mini';
import { EndpointError } from './errors.ts';

const seconds = (least: number, most: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d+$/, 'must be a whole number of seconds')),
    z.pipe(
      z.transform((text: string) => Number(text)),
      z.number().check(z.gte(least), z.lte(most)),
    ),
  );
const text = z.string().check(z.minLength(1));
const headerName = z.string().check(z.regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of an HTTP header'));

const schema = z.object({
  /** ARN of the customer's function, version or alias; unset if the function runs in this process. */
  FUNCTION_ARN: z.optional(text),
  IDEMPOTENCY_TABLE_NAME: z.optional(text),
  /** JMESPath of the request id in the payload. */
  REQUEST_ID_JMESPATH: z._default(text, 'requestId || transactionId'),
  /**
   * JMESPath of the part of a payload that must not change under one id; the default is the whole payload.
   */
  PAYLOAD_JMESPATH: z.optional(text),
  /** Time in which repeats get the stored answer. */
  IDEMPOTENCY_WINDOW_SECONDS: z._default(seconds(60, 604_800), 86_400),
  /** Whether a request runs again or is refused after an attempt without an answer. */
  ON_UNKNOWN_OUTCOME: z._default(z.enum(['Retry', 'Refuse']), 'Retry'),
  /** The caller's patience; the default is the time limit of this function. */
  CALLER_TIMEOUT_SECONDS: z.optional(seconds(1, 900)),
  /** Time limit of the customer's function. An attempt counts as alive for at least so long. */
  FUNCTION_TIMEOUT_SECONDS: z._default(seconds(1, 900), 15),
  /**
   * Proof that a caller over HTTP must show, unless API Gateway has checked it. IAM authorizes direct
   * invocations.
   */
  AUTHENTICATION: z._default(z.enum(['SharedSecret', 'Jwt', 'Iam']), 'SharedSecret'),
  SHARED_SECRET_ARN: z.optional(text),
  SHARED_SECRET_HEADER: z._default(headerName, 'x-endpoint-secret'),
  /** The field of the secret's JSON. The same secret is the credential of the integration. */
  SHARED_SECRET_FIELD: z._default(text, 'secret'),
  JWT_ISSUER: z.optional(z.string().check(z.regex(/^https:\/\//, 'must begin with https://'))),
  /** Compared with `aud`, or with `client_id` in tokens that carry no audience (Amazon Cognito). */
  JWT_AUDIENCE: z.optional(text),
  JWT_SCOPE: z.optional(text),
  JWT_JWKS_URI: z.optional(z.string().check(z.regex(/^https:\/\//, 'must begin with https://'))),
  /** The key set as JSON, for a VPC that does not reach the issuer. */
  JWT_JWKS: z.optional(text),
  SIGNATURE: z._default(z.enum(['Off', 'Body', 'TimestampAndBody']), 'Off'),
  SIGNING_SECRET_ARN: z.optional(text),
  SIGNING_SECRET_FIELD: z._default(text, 'secret'),
  SECRET_CACHE_SECONDS: z._default(seconds(1, 3600), 300),
  /** ARN of the worker's alias for two-phase work; if it is unset, `phase` has no meaning. */
  WORKER_FUNCTION_ARN: z.optional(text),
  RESULTS_BUCKET_NAME: z.optional(text),
  /**
   * Form of a direct invocation's result: the data alone, or `{status, data, requiresRetry, processedAt,
   * replayed}`.
   */
  DIRECT_ANSWER: z._default(z.enum(['Data', 'Envelope']), 'Data'),
});

export type Settings = z.infer<typeof schema>;
type Name = keyof Settings;

/**
 * @param environment Usually process.env. An empty value counts as unset, because templates write parameters
 * that default to an empty text.
 * @throws EndpointError 500 `SettingsInvalid` with the name of each bad variable.
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, environment[name]?.trim()] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = z.safeParse(schema, given);
  if (!result.success) {
    // Without a locale zod/mini says "Invalid input", which is enough beside the variable's name.
    throw settingsError(
      result.error.issues.map((issue) => `${issue.path.join('.')} is invalid (${issue.message})`).join('; '),
    );
  }
  const settings = result.data;
  if (settings.JWT_JWKS !== undefined && !isJson(settings.JWT_JWKS)) {
    throw settingsError('JWT_JWKS is not JSON');
  }
  return settings;
}

/**
 * The value of a setting that is needed here and optional elsewhere.
 * @throws EndpointError 500 `SettingsInvalid` if it is unset.
 */
export function required<N extends Name>(settings: Settings, name: N): NonNullable<Settings[N]> {
  const value = settings[name];
  if (value === undefined || value === null) throw settingsError(`${name} is not set`);
  return value;
}

export function settingsError(what: string): EndpointError {
  return new EndpointError(500, 'SettingsInvalid', `The endpoint is not set up: ${what}.`);
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
