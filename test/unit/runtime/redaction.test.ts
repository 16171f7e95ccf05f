import { redact, registerSecret } from '../../../provider/runtime/redaction.ts';

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
