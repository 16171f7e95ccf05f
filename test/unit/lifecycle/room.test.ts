/** The largest record that an author of templates can bring about fits into an item of DynamoDB. */
import type { Adoption, Form, ObjectRecord } from '../../../provider/ledger/index.ts';
import { ROOM_OF_FORM, ROOM_OF_FORMER_STATE } from '../../../provider/lifecycle/room.ts';
import { LedgerWorld, stackId } from '../../support/ledger-world.ts';

/** A sealed text is JSON, whose quotes become longer inside of an item. */
const sealed = (characters: number) => {
  const secret = `arn:aws:secretsmanager:us-east-1:123456789012:secret:/genesys/sealing/${'s'.repeat(400)}`;
  const rest = JSON.stringify({ secret, text: '' }).length;
  return JSON.stringify({ secret, text: 'x'.repeat(characters - rest) });
};
const digest = 'f'.repeat(64);
// A refused form is kept without what it names outside.
const refused: Form = { fingerprint: digest, raw: digest, nonce: digest };
// The texts from outside and the typed form share the room.
const form: Form = { ...refused, outside: sealed(ROOM_OF_FORM / 2), typed: sealed(ROOM_OF_FORM / 2) };
const adoption: Adoption = {
  attemptId: `${'r'.repeat(36)}/${'d'.repeat(16)}`,
  before: sealed(ROOM_OF_FORMER_STATE),
};
const name = '\u4e16'.repeat(256);
const record: ObjectRecord = {
  kind: 'integration',
  id: 'i'.repeat(256),
  organization: 'o'.repeat(36),
  owner: { stackId: stackId.replace('orders', 's'.repeat(128)), logicalId: 'L'.repeat(255) },
  origin: 'adopted',
  adoption,
  createdAt: Date.now(),
  applied: [form, form],
  dirty: true,
  identity: digest,
  attributes: { Name: name, IntegrationId: 'i'.repeat(256), CredentialId: 'c'.repeat(36) },
  details: {
    // See the limits of SharedWith.
    sharedWith: Array.from({ length: 50 }, () => 's'.repeat(300)).join(' '),
    sharedBy: '123456789012',
    credentialId: 'c'.repeat(36),
    previousCredentialId: 'c'.repeat(36),
    credentialSource: digest,
    previousCredentialSource: digest,
  },
  claims: [`${'i'.repeat(256)} ${name}`, `${'i'.repeat(256)} ${name}`],
  refused,
  believedGoneAt: Date.now(),
};

test('with all that it can hold, and the same of its former owner, it can be written', async () => {
  const world = await LedgerWorld.start();
  try {
    const body: ObjectRecord = { ...record, adoption: { ...adoption, previous: record } };
    const [written] = await world.store.commit([{ key: 'OBJECT#integration#i', body, read: undefined }]);
    expect(written.revision).toBe(1);
    const more = { ...body, details: { ...body.details, more: sealed(ROOM_OF_FORMER_STATE) } };
    await expect(
      world.store.commit([{ key: 'OBJECT#integration#j', body: more, read: undefined }]),
    ).rejects.toThrow('Item size has exceeded the maximum allowed size');
  } finally {
    await world.stop();
  }
});
