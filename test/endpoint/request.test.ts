import fc from 'fast-check';
import { canonicalJson } from '../../common/canonical-json.ts';
import { EndpointError } from '../../endpoint/errors.ts';
import { identify, isKeyOf, scope } from '../../endpoint/key.ts';
import {
  header,
  type JsonObject,
  payloadLimitBytes,
  readEvent,
  readPayload,
} from '../../endpoint/request.ts';
import { wayIn } from '../../endpoint/way.ts';

const apiEvent = (more: Record<string, unknown> = {}) => ({
  httpMethod: 'POST',
  path: '/actions/refund',
  pathParameters: { action: 'refund' },
  headers: { 'X-Endpoint-Secret': 's' },
  multiValueHeaders: { 'X-Endpoint-Secret': ['s'] },
  body: '{"requestId":"1"}',
  isBase64Encoded: false,
  requestContext: { stage: 'live', requestTimeEpoch: 5, authorizer: { caller: 'shared-secret' } },
  ...more,
});

function refusal(run: () => unknown): string {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error;
    return `${error.status} ${error.code}`;
  }
}

const albEvent = (more: Record<string, unknown> = {}) =>
  apiEvent({ requestContext: { elb: { targetGroupArn: 'x' } }, ...more });

describe('the way in', () => {
  const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:endpoint-Handler-1ABC';

  test.each([
    ['the unqualified function', arn, 'direct'],
    ['the alias live', `${arn}:live`, 'direct'],
    ['a version', `${arn}:7`, 'direct'],
    ['the newest code by its name', `${arn}:$LATEST`, 'direct'],
    ['an alias whose name only begins like another', `${arn}:api-2`, 'direct'],
    ['an alias in other letters', `${arn}:API`, 'direct'],
    ['a function that is named like an alias', arn.replace('endpoint-Handler-1ABC', 'api'), 'direct'],
    ['the alias api', `${arn}:api`, 'api'],
    ['the alias alb', `${arn}:alb`, 'alb'],
  ])('of an invocation of %s', (_, invoked, way) => {
    expect(wayIn(invoked)).toBe(way);
  });
});

describe('an event', () => {
  test('of a REST API names its action, its caller and its time of arrival', () => {
    expect(readEvent(apiEvent(), 'api')).toMatchObject({
      way: 'api',
      action: 'refund',
      caller: 'shared-secret',
      receivedAtMs: 5,
    });
  });

  test('of a REST API with IAM names the caller by ARN', () => {
    const event = apiEvent({ requestContext: { identity: { userArn: 'arn:aws:sts::1:assumed-role/a/b' } } });
    expect(readEvent(event, 'api').caller).toBe('arn:aws:sts::1:assumed-role/a/b');
  });

  test('of a REST API without our authorizer names nobody, whatever else stands there', () => {
    for (const requestContext of [{}, { authorizer: { principalId: 'x' } }, { authorizer: { caller: '' } }]) {
      expect(readEvent(apiEvent({ requestContext }), 'api').caller).toBeUndefined();
    }
  });

  test('of an ALB names nobody and no time, even when it claims both', () => {
    const requestContext = {
      elb: { targetGroupArn: 'x' },
      authorizer: { caller: 'admin' },
      identity: { userArn: 'arn:aws:iam::1:user/admin' },
      requestTimeEpoch: 5,
    };
    expect(readEvent(albEvent({ requestContext }), 'alb')).toMatchObject({
      way: 'alb',
      caller: undefined,
      receivedAtMs: undefined,
    });
  });

  test('with a body in base64 is read to its bytes', () => {
    const bytes = Buffer.from([0, 255, 254]);
    const event = apiEvent({ body: bytes.toString('base64'), isBase64Encoded: true });
    expect(readEvent(event, 'api').body).toEqual(bytes);
  });

  test('of a direct invocation is the payload, and IAM has authorized its caller', () => {
    expect(readEvent({ requestId: 'a' }, 'direct')).toMatchObject({ way: 'direct', caller: 'direct' });
  });

  test.each([
    ['of a REST API', apiEvent(), 'direct'],
    ['of a REST API with IAM', apiEvent({ requestContext: { identity: { userArn: 'a' } } }), 'direct'],
    ['of an ALB', albEvent(), 'direct'],
    ['of an ALB', albEvent(), 'api'],
    ['of a REST API', apiEvent(), 'alb'],
  ] as const)('%s is refused on another alias than its own', (_, event, way) => {
    expect(refusal(() => readEvent(event, way))).toBe('400 WrongAlias');
  });

  test.each([
    ['a function URL', { version: '2.0', rawPath: '/', requestContext: { http: { method: 'POST' } } }],
    ['a queue', { Records: [] }],
    ['something with half a context', { requestContext: null, httpMethod: 'POST' }],
  ])('of %s is refused by every way in', (_, event) => {
    for (const way of ['direct', 'api', 'alb'] as const) {
      expect(refusal(() => readEvent(event, way))).toBe('400 EventUnsupported');
    }
  });

  test.each([['api'], ['alb']] as const)('of a direct invocation is refused on the alias %s', (way) => {
    expect(refusal(() => readEvent({ requestId: 'a' }, way))).toBe('400 EventUnsupported');
  });

  test.each([[null], ['text'], [[1]], [7]])('%j is no request', (event) => {
    for (const way of ['direct', 'api', 'alb'] as const) {
      expect(refusal(() => readEvent(event, way))).toBe('400 PayloadInvalid');
    }
  });

  test('with one header in two values has no such header to trust', () => {
    const event = apiEvent({ multiValueHeaders: { 'x-endpoint-secret': ['a', 'b'] } });
    expect(refusal(() => header(readEvent(event, 'api'), 'X-Endpoint-Secret'))).toBe('400 HeaderRepeated');
    const twoSpellings = apiEvent({
      multiValueHeaders: { 'X-Endpoint-Secret': ['a'], 'x-endpoint-secret': ['b'] },
    });
    expect(refusal(() => header(readEvent(twoSpellings, 'api'), 'x-endpoint-secret'))).toBe(
      '400 HeaderRepeated',
    );
  });
});

describe('a payload', () => {
  const payloadOf = (body: string | Buffer) =>
    readPayload(
      readEvent(apiEvent({ body: Buffer.from(body).toString('base64'), isBase64Encoded: true }), 'api'),
    );

  test('of exactly the limit is read; one byte more is 413', () => {
    const filler = (bytes: number) => JSON.stringify({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
    expect(refusal(() => payloadOf(filler(payloadLimitBytes)))).toBe('accepted');
    expect(refusal(() => payloadOf(filler(payloadLimitBytes + 1)))).toBe('413 PayloadTooLarge');
  });

  test('is measured in bytes, not in characters', () => {
    expect(refusal(() => payloadOf(JSON.stringify({ a: 'ü'.repeat(payloadLimitBytes / 2) })))).toBe(
      '413 PayloadTooLarge',
    );
  });

  test.each([
    ['no JSON', 'no JSON'],
    ['an array', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['51 levels', `${'{"a":'.repeat(51)}1${'}'.repeat(51)}`],
    ['a bomb of brackets', '['.repeat(200_000)],
  ])('that is %s is 400', (_, body) => {
    expect(refusal(() => payloadOf(body))).toBe('400 PayloadInvalid');
  });

  test('of bytes that are no UTF-8 is 400, not mended', () => {
    expect(refusal(() => payloadOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))).toBe(
      '400 PayloadInvalid',
    );
  });
});

describe('the key', () => {
  const paths = { requestId: 'requestId || transactionId' };
  const key = (payload: JsonObject, action = 'refund', caller = 'a') =>
    identify(payload, action, caller, paths);

  test('comes from requestId, else from transactionId; a number will do', () => {
    expect(key({ requestId: 'x', transactionId: 'y' }).requestId).toBe('x');
    expect(key({ transactionId: 'y' }).requestId).toBe('y');
    expect(key({ requestId: 12 }).requestId).toBe('12');
  });

  test.each([[{}], [{ requestId: '' }], [{ requestId: null }]])('%j names no id: 400', (payload) => {
    expect(refusal(() => key(payload as JsonObject))).toBe('400 RequestIdMissing');
  });

  test.each([[{ requestId: 'x'.repeat(256) }], [{ requestId: true }], [{ requestId: { a: 1 } }]])(
    'an id of the wrong kind is 400',
    (payload) => {
      expect(refusal(() => key(payload as unknown as JsonObject))).toBe('400 RequestIdInvalid');
    },
  );

  test.each([['10000000000000000001'], ['9007199254740993'], ['-9007199254740993'], ['1e21'], ['1.5']])(
    'an id that is the number %s is 400: others would be read as the same one',
    (number) => {
      expect(refusal(() => key(JSON.parse(`{"transactionId":${number}}`)))).toBe('400 RequestIdInvalid');
      expect(key({ transactionId: number }).requestId).toBe(number);
    },
  );

  test.each([['10000000000000000001'], ['9007199254740993'], ['1e400']])(
    'a payload with the number %s is 400: its digits are lost, and another payload would pass for it',
    (number) => {
      const body = (value: string) =>
        JSON.parse(`{"requestId":"c","order":{"ids":[${value}]}}`) as JsonObject;
      expect(refusal(() => key(body(number)))).toBe('400 PayloadInvalid');
      expect(refusal(() => key(body(`"${number}"`)))).toBe('accepted');
    },
  );

  test('takes numbers that JSON carries exactly', () => {
    expect(key({ requestId: Number.MAX_SAFE_INTEGER, amount: 12.5, share: 1e-7 }).requestId).toBe(
      '9007199254740991',
    );
  });

  test('of an assumed role is the same in its next session, and another in another role or account', () => {
    const role = (name: string, session: string, account = '111122223333') =>
      key({ requestId: 'c' }, 'pay', `arn:aws:sts::${account}:assumed-role/${name}/${session}`).key;
    expect(role('Payments', 'botocore-session-1')).toBe(role('Payments', 'botocore-session-2'));
    expect(role('Payments', 's')).not.toBe(role('Refunds', 's'));
    expect(role('Payments', 's')).not.toBe(role('Payments', 's', '444455556666'));
    expect(scope('pay', 'arn:aws:sts::1:assumed-role/a/b')).toBe(
      scope('pay', 'arn:aws:sts::1:assumed-role/a/c'),
    );
    const user = (name: string) => key({ requestId: 'c' }, 'pay', `arn:aws:iam::1:user/x/${name}`).key;
    expect(user('anna')).not.toBe(user('ben'));
  });

  test('a path to the payload that finds nothing is 400: every payload would pass for every other', () => {
    const nowhere = { ...paths, payload: 'oder.id' };
    expect(refusal(() => identify({ requestId: 'c', order: { id: 1 } }, 'a', 'b', nowhere))).toBe(
      '400 PayloadInvalid',
    );
  });

  test('differs by action, caller and id, and cannot be had by moving text between them', () => {
    const keys = [
      key({ requestId: 'c' }, 'a', 'b').key,
      key({ requestId: 'c' }, 'ab', '').key,
      key({ requestId: '' + 'bc' }, 'a', '').key,
      key({ requestId: 'c' }, 'b', 'a').key,
      key({ requestId: '"c' }, 'a', 'b').key,
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('begins with its scope, which differs by action and by caller', () => {
    expect(key({ requestId: 'c' }).key).toMatch(/^[0-9a-f]{16}\.[0-9a-f]{64}$/);
    expect(key({ requestId: 'c' }).key.startsWith(`${scope('refund', 'a')}.`)).toBe(true);
    const scopes = [scope('refund', 'a'), scope('refund', 'b'), scope('pay', 'a'), scope('refunda', '')];
    expect(new Set(scopes).size).toBe(scopes.length);
  });

  test('is recognized as one of its own action and caller, and of nobody else', () => {
    const { key: token } = key({ requestId: 'c' });
    expect(isKeyOf(token, 'refund', 'a')).toBe(true);
    expect(isKeyOf(token, 'refund', 'b')).toBe(false);
    expect(isKeyOf(token, 'pay', 'a')).toBe(false);
    for (const wrong of [`${token}0`, token.slice(1), `${scope('refund', 'a')}.`, token.toUpperCase()]) {
      expect(isKeyOf(wrong, 'refund', 'a')).toBe(false);
    }
  });

  test('goes with the hash of the whole payload, or of the part that is named', () => {
    const one = { requestId: 'c', amount: 1, sentAt: 'now' };
    const two = { requestId: 'c', amount: 1, sentAt: 'later' };
    expect(key(one).payloadHash).not.toBe(key(two).payloadHash);
    const part = { ...paths, payload: '{amount: amount}' };
    expect(identify(one, 'a', 'b', part).payloadHash).toBe(identify(two, 'a', 'b', part).payloadHash);
  });

  test('the hash does not depend on the order of names, and does on everything else', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 4 }), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as JsonObject;
        const reversed = (part: unknown): unknown =>
          Array.isArray(part)
            ? part.map(reversed)
            : typeof part === 'object' && part !== null
              ? Object.fromEntries(
                  Object.entries(part)
                    .reverse()
                    .map(([name, child]) => [name, reversed(child)]),
                )
              : part;
        expect(canonicalJson(reversed(json) as JsonObject)).toBe(canonicalJson(json));
        expect(JSON.parse(canonicalJson(json))).toEqual(json);
      }),
    );
  });
});
