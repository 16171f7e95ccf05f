import { seal, unseal } from '../../../provider/genesys/sealing.ts';
import { oauthSecret, world } from './support.ts';

const text = JSON.stringify({ headers: { 'x-api-key': 'CANARY' }, template: '{"ä": "𝄞"}'.repeat(1000) });

test('a sealed text opens with the same secret, unchanged', () => {
  expect(unseal(seal(text, oauthSecret), oauthSecret)).toBe(text);
});

test('it shows nothing of the text, is smaller, and is another one each time', () => {
  const sealed = seal(text, oauthSecret);
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('CANARY');
  expect(sealed.length).toBeLessThan(text.length);
  expect(seal(text, oauthSecret)).not.toBe(sealed);
});

test.each([
  ['another secret', (sealed: string) => unseal(sealed, { ...oauthSecret, clientSecret: 'another' })],
  ['another client', (sealed: string) => unseal(sealed, { ...oauthSecret, clientId: 'another' })],
  ['changed', (sealed: string) => unseal(`A${sealed.slice(1)}`, oauthSecret)],
  ['cut off', (sealed: string) => unseal(sealed.slice(0, 40), oauthSecret)],
  ['nothing', () => unseal('', oauthSecret)],
])('it is not opened: %s', (_why, open) => {
  let sealed = seal(text, oauthSecret);
  while (sealed.startsWith('A')) sealed = seal(text, oauthSecret);
  expect(open(sealed)).toBeUndefined();
});

test('a session seals by the secret as it stands now, whatever it had read before', async () => {
  let secret = oauthSecret;
  const { session } = world({ readSecret: async () => secret });
  await session.region();
  const sealed = await session.seal(text);
  secret = { ...oauthSecret, clientSecret: 'rotated' };
  expect(await session.unseal(sealed)).toBeUndefined();
  secret = oauthSecret;
  expect(await session.unseal(sealed)).toBe(text);
});
