import { createSign } from 'node:crypto';
import { createAuthenticator } from '../../endpoint/authenticate.ts';
import { EndpointError } from '../../endpoint/errors.ts';
import { readSettings } from '../../endpoint/settings.ts';
import { issuer } from './world.ts';

const url = 'https://issuer.example.com/pool';
const ours = issuer(url);
const now = () => Math.floor(Date.now() / 1000);

async function outcome(token: string | undefined, settings: Record<string, string> = {}): Promise<string> {
  const authenticator = createAuthenticator(
    readSettings({
      AUTHENTICATION: 'Jwt',
      JWT_ISSUER: url,
      JWT_AUDIENCE: 'data-actions',
      JWT_JWKS: ours.jwks,
      ...settings,
    }),
  );
  const headers = new Map(token === undefined ? [] : [['authorization', [token]]]);
  try {
    return await authenticator.caller({ headers });
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error;
    // The caller reads this message, so it must not quote the token.
    expect(error.message).not.toMatch(/eyJ/);
    return `${error.status} ${error.code}`;
  }
}

describe('a token', () => {
  test.each([
    ['with Bearer before it', `Bearer ${ours.token({})}`],
    ['in whatever case', `bearer ${ours.token({})}`],
    ['alone', ours.token({})],
  ])('%s names its subject', async (_, header) => {
    expect(await outcome(header)).toBe('jwt:genesys');
  });

  test('without aud, as Cognito makes it, is known by its client id', async () => {
    const claims = { aud: undefined, sub: undefined, client_id: 'data-actions' };
    expect(await outcome(ours.token(claims))).toBe('jwt:data-actions');
    expect(await outcome(ours.token({ ...claims, client_id: 'others' }))).toBe('403 CredentialWrong');
  });

  test('with several audiences has to name ours', async () => {
    expect(await outcome(ours.token({ aud: ['x', 'data-actions'] }))).toBe('jwt:genesys');
    expect(await outcome(ours.token({ aud: ['x', 'y'] }))).toBe('403 CredentialWrong');
  });

  const [header = '', payload = '', signature = ''] = ours.token({}).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each([
    ['that has expired', ours.token({ exp: now() - 1 })],
    ['that is not yet valid', ours.token({ nbf: now() + 60 })],
    ['that never expires', ours.token({ exp: undefined })],
    ['of another issuer', ours.token({ iss: 'https://issuer.example.com/other' })],
    ['for another audience', ours.token({ aud: 'others' })],
    ['for nobody', ours.token({ aud: undefined })],
    ['of another key under our key id', issuer(url).token({})],
    ['of a key that is not published', issuer(url, 'key-2').token({})],
    ['with changed claims', `${header}.${encoded({ ...claims, sub: 'admin' })}.${signature}`],
    ['without a signature', `${encoded({ alg: 'none', typ: 'JWT', kid: 'key-1' })}.${payload}.`],
    ['signed with the public key as a shared secret', forged(payload)],
    ['that is none', 'not a token'],
  ])('%s is refused', async (_, token) => {
    expect(await outcome(`Bearer ${token}`)).toBe('403 CredentialWrong');
  });

  test('of an unknown key is refused again and again, where the keys were given', async () => {
    const authenticator = createAuthenticator(
      readSettings({ AUTHENTICATION: 'Jwt', JWT_ISSUER: url, JWT_JWKS: ours.jwks }),
    );
    const headers = new Map([['authorization', [issuer(url, 'key-2').token({})]]]);
    for (let time = 0; time < 2; time++) {
      await expect(authenticator.caller({ headers })).rejects.toMatchObject({ code: 'CredentialWrong' });
    }
  });

  test('is missing: 401', async () => {
    expect(await outcome(undefined)).toBe('401 CredentialMissing');
    expect(await outcome('')).toBe('401 CredentialMissing');
  });

  test('without the scope that is asked for is refused', async () => {
    const settings = { JWT_SCOPE: 'actions/run' };
    expect(await outcome(ours.token({ scope: 'a actions/run' }), settings)).toBe('jwt:genesys');
    expect(await outcome(ours.token({ scope: 'a' }), settings)).toBe('403 CredentialWrong');
  });

  test('whose issuer cannot be asked for its keys is a 503: the caller may be right', async () => {
    const unreachable = { JWT_JWKS: '', JWT_JWKS_URI: 'https://127.0.0.1:9/jwks.json' };
    expect(await outcome(ours.token({}), unreachable)).toBe('503 KeysUnavailable');
    expect(await outcome(ours.token({}), unreachable)).toBe('503 KeysUnavailable');
  });
});

test('a token that cannot be checked in the time of the caller is a 503', async () => {
  const authenticator = createAuthenticator(
    readSettings({
      AUTHENTICATION: 'Jwt',
      JWT_ISSUER: url,
      JWT_AUDIENCE: 'data-actions',
      JWT_JWKS: ours.jwks,
    }),
  );
  const headers = new Map([['authorization', [ours.token({})]]]);
  await expect(authenticator.caller({ headers }, AbortSignal.abort(new Error('late')))).rejects.toMatchObject(
    {
      status: 503,
      code: 'KeysUnavailable',
    },
  );
  expect(await authenticator.caller({ headers }, new AbortController().signal)).toBe('jwt:genesys');
});

test('an unset issuer or secret is told by name at the first request', async () => {
  expect(await outcome(ours.token({}), { JWT_ISSUER: '' })).toBe('500 SettingsInvalid');
  expect(await outcome('x', { AUTHENTICATION: 'SharedSecret' })).toBe('500 SettingsInvalid');
});

test('with IAM whoever API Gateway has not authenticated is nobody', async () => {
  expect(await outcome('anything', { AUTHENTICATION: 'Iam' })).toBe('401 CredentialMissing');
});

/** A token signed by HS256 with the public key as its secret, which a careless verifier of RS256 accepts. */
function forged(payload: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid: 'key-1' })).toString(
    'base64url',
  );
  const other = issuer(url);
  const signed = `${header}.${payload}`;
  return `${signed}.${createSign('RSA-SHA256').update(other.jwks).sign(other.privateKey, 'base64url')}`;
}
