import {
  keepingSecrets,
  redact,
  registerSecret,
  registerSecretOfRequest,
} from '../../../common/redaction.ts';

test('a registered secret is cut out, also where JSON quoted it', () => {
  registerSecret('s3cret"with-quote');
  expect(redact('a s3cret"with-quote b')).toBe('a [redacted] b');
  expect(redact(JSON.stringify({ a: 's3cret"with-quote' }))).toBe('{"a":"[redacted]"}');
});

test('signatures of presigned URLs are cut out', () => {
  const url =
    'https://x.invalid/?X-Amz-Date=1&X-Amz-Signature=abcdef0123&X-Amz-Credential=AKIA%2F1&Signature=zz';
  expect(redact(url)).toBe(
    'https://x.invalid/?X-Amz-Date=1&X-Amz-Signature=[redacted]&X-Amz-Credential=[redacted]&Signature=[redacted]',
  );
});

test('short words are not taken for secrets', () => {
  registerSecret('the');
  expect(redact('the end')).toBe('the end');
});

test('a secret of a request is cut out in everything that the request waits for, and in no other', async () => {
  const { promise: bothRegistered, resolve: register } = Promise.withResolvers<void>();
  const request = async (own: string) => {
    await Promise.resolve();
    registerSecretOfRequest(own);
    if (own === 'second-secret') register();
    await bothRegistered;
    return redact('first-secret second-secret');
  };
  const both = await Promise.all(
    ['first-secret', 'second-secret'].map((own) => keepingSecrets(() => request(own))),
  );
  expect(both).toEqual(['[redacted] second-secret', 'first-secret [redacted]']);
  expect(redact('first-secret second-secret')).toBe('first-secret second-secret');
});

test('a secret that begins with another one is cut out as a whole', async () => {
  const text = await keepingSecrets(async () => {
    registerSecretOfRequest('Bearer abcdef');
    registerSecretOfRequest('Bearer abcdef-and-the-rest');
    return redact('Bearer abcdef-and-the-rest');
  });
  expect(text).toBe('[redacted]');
});
