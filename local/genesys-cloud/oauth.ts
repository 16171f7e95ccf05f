import { randomBytes } from 'node:crypto';
import { ApiError } from './errors.ts';
import type { Reply, Simulator } from './http.ts';
import { type Client, countInMinute, type Token } from './store.ts';

/** POST /oauth/token: only client credentials, by Basic authentication. */
export function issueToken(
  { world, settings, fixed }: Simulator,
  authorization: string | undefined,
  body: string,
): { reply: Reply; client: Client | undefined } {
  const refuse = (
    status: number,
    error: string,
    description: string,
  ): { reply: Reply; client: undefined } => ({
    reply: { status, body: { error, description, error_description: description } },
    client: undefined,
  });
  const grant = new URLSearchParams(body).get('grant_type');
  if (grant === null) return refuse(400, 'invalid_request', 'grant_type is missing');
  if (grant !== 'client_credentials')
    return refuse(400, 'unsupported_grant_type', `grant type ${grant} is not supported`);
  const [scheme, encoded = ''] = (authorization ?? '').split(' ');
  const [id = '', secret] = Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s);
  const client = world.clients.get(id);
  // Genesys Cloud's words (github tishige/CallFlowVisualizer issue 8). A client of another region gets the
  // same.
  if (scheme?.toLowerCase() !== 'basic' || client === undefined || client.secret !== secret)
    return refuse(settings.behaviour.invalidClientStatus, 'invalid_client', 'authentication failed');
  // The error code of RFC 6749, section 5.2.
  if (client.grantType !== 'CLIENT-CREDENTIALS')
    return refuse(400, 'unauthorized_client', `the client is for the grant ${client.grantType}`);
  const now = fixed.clock.now();
  if (settings.tokenRateLimitPerMinute !== undefined) {
    const wait = countInMinute(client.logins, now, settings.tokenRateLimitPerMinute);
    // The token endpoint throttles with a 400 instead of 429 (terraform-provider-genesyscloud, provider.go).
    if (wait !== undefined)
      return {
        ...refuse(400, 'invalid_request', `rate limit exceeded; try again in ${wait} seconds`),
      };
  }
  const seconds = client.tokenSeconds ?? settings.tokenSeconds;
  const value = randomBytes(32).toString('base64url');
  const token: Token = {
    value,
    number: world.issued.push(value),
    clientId: client.id,
    expiresAt: now + seconds * 1000,
    requests: { startedAt: now, count: 0 },
  };
  world.tokens.set(token.value, token);
  return {
    reply: { status: 200, body: { access_token: token.value, token_type: 'bearer', expires_in: seconds } },
    client,
  };
}

/** The token of a request, even if it has expired. */
export function tokenOf({ world }: Simulator, authorization: string | undefined): Token | undefined {
  const [scheme, value = ''] = (authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' ? world.tokens.get(value) : undefined;
}

/**
 * The client of a request, and its token.
 * @throws ApiError 401 without a valid token; 429 above the limit of requests a minute
 */
export function authenticate(
  simulator: Simulator,
  authorization: string | undefined,
): { client: Client; token: Token } {
  const { world, settings, fixed } = simulator;
  const [scheme, value] = (authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !value)
    throw new ApiError(
      401,
      'authentication.required',
      'No authentication bearer token specified in authorization header.',
    );
  const now = fixed.clock.now();
  const token = tokenOf(simulator, authorization);
  const client = token === undefined ? undefined : world.clients.get(token.clientId);
  if (token === undefined || client === undefined || token.expiresAt <= now)
    throw new ApiError(401, 'bad.credentials', 'Invalid login credentials.');
  const limit = settings.rateLimitPerMinute;
  const { requests } = settings.behaviour.rateLimitOver === 'client' ? client : token;
  const wait = countInMinute(requests, now, limit);
  if (wait !== undefined)
    throw new ApiError(
      429,
      'too.many.requests',
      `Rate limit exceeded the maximum. Retry the request in [${wait}] seconds`,
      {
        limit: { key: 'client.credentials.token.rate.per.minute', namespace: 'platform.api', value: limit },
      },
      { 'retry-after': String(wait) },
    );
  return { client, token };
}

/** @throws ApiError 403 that names the permissions. Any one of them is enough. */
export function authorize(client: Client, anyOf: string[]): void {
  if (anyOf.length === 0) return;
  if (anyOf.some((wanted) => holds(client, wanted))) return;
  const permissions = anyOf.join(', ');
  const text = 'Unable to perform the requested action. You are missing the following permission(s):';
  throw new ApiError(403, 'missing.any.permissions', `${text} ${permissions}`, {
    messageWithParams: `${text} {permissions}`,
    messageParams: { permissions },
  });
}

/** Whether a client has a permission. */
export const holds = ({ permissions }: Pick<Client, 'permissions'>, wanted: string): boolean =>
  permissions.some((granted) => covers(granted, wanted));

/** `integrations:*:view` covers `integrations:action:view`; a single `*` covers everything. */
function covers(granted: string, wanted: string): boolean {
  if (granted === '*') return true;
  const parts = granted.split(':');
  return wanted.split(':').every((part, index) => parts[index] === '*' || parts[index] === part);
}
