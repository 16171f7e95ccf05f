import { connectionFailure } from '../../../provider/genesys/connection.ts';

/** An error as fetch throws it: the cause carries the code. */
const thrown = (code: string, more: object = {}) => {
  const cause = Object.assign(new Error(`canary ${code}`), { code, ...more });
  return Object.assign(new TypeError('fetch failed'), { cause });
};

test.each<[string, string, boolean, boolean]>([
  // code, kind, may have been executed, may pass
  ['ENOTFOUND', 'dns', false, true],
  ['EAI_AGAIN', 'dns', false, true],
  ['ECONNREFUSED', 'refused', false, true],
  ['EHOSTUNREACH', 'other', false, true],
  ['ENETUNREACH', 'other', false, true],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout', false, true],
  ['CERT_HAS_EXPIRED', 'tls', false, false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', false, false],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls', false, false],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', false, false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', false, false],
  ['ECONNRESET', 'reset', true, true],
  ['EPIPE', 'reset', true, true],
  ['UND_ERR_SOCKET', 'reset', true, true],
  ['HPE_INVALID_CONSTANT', 'reset', true, true],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout', true, true],
  ['UND_ERR_BODY_TIMEOUT', 'timeout', true, true],
  ['ETIMEDOUT', 'timeout', true, true],
  ['Z_BUF_ERROR', 'other', true, true],
  ['SOMETHING_NEW', 'other', true, true],
])('%s is %s; executed: %s, passing: %s', (code, kind, maybeExecuted, passing) => {
  const failure = connectionFailure(thrown(code), 'api.example.com');
  expect(failure).toMatchObject({ kind, maybeExecuted, passing });
  expect(failure.what).toContain('api.example.com');
  expect(failure.what).not.toContain('canary');
});

test('a time-out while connecting was not executed', () => {
  expect(connectionFailure(thrown('ETIMEDOUT', { syscall: 'connect' }), 'h')).toMatchObject({
    kind: 'timeout',
    maybeExecuted: false,
  });
});

test('a reset during the TLS handshake was not executed', () => {
  const cause = Object.assign(
    new Error('Client network socket disconnected before secure TLS connection was established'),
    { code: 'ECONNRESET' },
  );
  expect(connectionFailure(Object.assign(new TypeError(), { cause }), 'h')).toMatchObject({
    kind: 'tls',
    maybeExecuted: false,
  });
});

test('several addresses that all refuse are one refusal', () => {
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  const failure = connectionFailure({ cause: new AggregateError([refused, refused]) }, 'h');
  expect(failure.kind).toBe('refused');
});

test.each([undefined, null, 'text', {}, new Error('x')])(
  'anything else may have been executed: %p',
  (value) => {
    expect(connectionFailure(value, 'h')).toMatchObject({ kind: 'other', maybeExecuted: true });
  },
);
