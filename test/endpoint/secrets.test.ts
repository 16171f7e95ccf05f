import { EndpointError } from '../../endpoint/errors.ts';
import { RotatingSecret, sameSecret } from '../../endpoint/secrets.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A secret in a vault that counts how often it is read. */
function stored(current: string, previous?: string) {
  const vault = { current, previous, reads: 0, broken: false };
  const clock = new FakeClock();
  const secret = new RotatingSecret(
    { secretId: 'arn', field: 'secret', cacheMs: 300_000, clock },
    async (_, stage) => {
      if (vault.broken) throw new Error('Secrets Manager has a bad minute');
      if (stage === 'AWSCURRENT') vault.reads += 1;
      return stage === 'AWSCURRENT' ? vault.current : vault.previous;
    },
  );
  const accepts = (given: string) => secret.matches((value) => sameSecret(value, given));
  return { vault, clock, accepts };
}

const json = (value: string) => JSON.stringify({ secret: value, other: 'field' });

describe('a secret', () => {
  test('is accepted in its current and its previous version, and in no other', async () => {
    const { accepts } = stored(json('new'), json('old'));
    expect(await Promise.all(['new', 'old', 'older', '', 'field'].map(accepts))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('that is no JSON is compared as a whole', async () => {
    const { accepts } = stored('plain text');
    expect(await accepts('plain text')).toBe(true);
  });

  test.each([['{"secret":""}'], ['{"other":"x"}'], ['{"secret":7}']])(
    'of %s accepts nothing',
    async (text) => {
      const { accepts } = stored(text);
      expect(await Promise.all(['', 'undefined', '7', text].map(accepts))).toEqual([
        false,
        false,
        false,
        false,
      ]);
    },
  );

  test('is read once for as long as it is cached, and again afterwards', async () => {
    const { accepts, clock, vault } = stored(json('a'));
    await Promise.all([accepts('a'), accepts('a'), accepts('a')]);
    clock.advance(299_999);
    await accepts('a');
    expect(vault.reads).toBe(1);
    clock.advance(2);
    await accepts('a');
    expect(vault.reads).toBe(2);
  });

  test('that was rotated meanwhile is read again on the first mismatch', async () => {
    const { accepts, clock, vault } = stored(json('a'));
    await accepts('a');
    Object.assign(vault, { current: json('b'), previous: json('a') });
    clock.advance(1000);
    expect(await accepts('b')).toBe(true);
    expect(await accepts('a')).toBe(true);
    expect(vault.reads).toBe(2);
  });

  test('is not read once for each guess', async () => {
    const { accepts, clock, vault } = stored(json('a'));
    await accepts('a');
    clock.advance(1000);
    for (let guess = 0; guess < 50; guess++) expect(await accepts(`guess ${guess}`)).toBe(false);
    expect(vault.reads).toBe(2);
  });

  test('that cannot be read again goes on being accepted as it was', async () => {
    const { accepts, clock, vault } = stored(json('a'));
    await accepts('a');
    vault.broken = true;
    clock.advance(600_000);
    expect(await accepts('a')).toBe(true);
  });

  test('that could never be read is a 503, not a refusal', async () => {
    const { accepts, vault } = stored(json('a'));
    vault.broken = true;
    await expect(accepts('a')).rejects.toMatchObject({ status: 503, code: 'SecretUnavailable' });
    await expect(accepts('a')).rejects.toBeInstanceOf(EndpointError);
    vault.broken = false;
    expect(await accepts('a')).toBe(true);
  });
});
