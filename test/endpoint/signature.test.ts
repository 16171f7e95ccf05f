import { EndpointError } from '../../endpoint/errors.ts';
import { decodeSignature, sign, verifySignature } from '../../endpoint/signature.ts';

/**
 * Signatures that OpenSSL 3.0 computed, independently of this code:
 *   printf '<text>' | openssl dgst -sha256 -hmac '<key>' -hex
 *   printf '<text>' | openssl dgst -sha256 -hmac '<key>' -binary | openssl base64 -A
 * `text` is the body, or `<timestamp>.<body>`; \x escapes are bytes.
 */
const vectors = [
  {
    what: 'a JSON body',
    key: 'secret-one',
    body: Buffer.from('{"requestId":"r-1","amount":12}'),
    hex: 'e67c3c4971970d0e15dcc5a32449160a5fce553091234f4fc817dab44e909a7e',
    base64: '5nw8SXGXDQ4V3MWjJEkWCl/OVTCRI09PyBfatE6Qmn4=',
  },
  {
    what: 'an empty body',
    key: 'secret-one',
    body: Buffer.alloc(0),
    hex: '7bb95bbc7e5d951c7e9af9d0f0b917cfe9c35a1b70977e39a11a7e842ece85f7',
    base64: 'e7lbvH5dlRx+mvnQ8LkXz+nDWhtwl345oRp+hC7Ohfc=',
  },
  {
    what: 'a body outside ASCII: {"name":"J\\xc3\\xbcrgen \\xf0\\x9f\\x93\\x9e"}',
    key: 'secret-one',
    body: Buffer.from('{"name":"Jürgen 📞"}'),
    hex: '170cc68a6cf963332161f6a0dee67f725fa85ec5c0bb3c05edef809d69ef777b',
    base64: 'FwzGimz5YzMhYfag3uZ/cl+oXsXAuzwF7e+AnWnvd3s=',
  },
  {
    what: 'a signed timestamp: 1700000000.{"requestId":"r-1","amount":12}',
    key: 'secret-one',
    timestamp: '1700000000',
    body: Buffer.from('{"requestId":"r-1","amount":12}'),
    hex: 'e0e4152254212afe941ad43a3f6f83f80ae9b2819141fc0af870a26fcae985f0',
    base64: '4OQVIlQhKv6UGtQ6P2+D+ArpsoGRQfwK+HCib8rphfA=',
  },
  {
    what: 'bytes that are no UTF-8: \\x00\\xff\\xfe\\x80',
    key: 'secret-one',
    body: Buffer.from([0x00, 0xff, 0xfe, 0x80]),
    hex: '35b99319ad18560627ca7146e3980b79441b948dc50db453fd6e3f73f136f793',
    base64: 'NbmTGa0YVgYnynFG45gLeUQblI3FDbRT/W4/c/E295M=',
  },
  {
    what: 'a key longer than a block: 100 times k',
    key: 'k'.repeat(100),
    body: Buffer.from('body'),
    hex: 'a3306f78bc603683d9d9d98b9304be3e3e99497c42e660d7b00f6698b0df4e89',
    base64: 'ozBveLxgNoPZ2dmLkwS+Pj6ZSXxC5mDXsA9mmLDfTok=',
  },
  {
    what: 'line ends as they are: a\\r\\nb\\n',
    key: 'sec ret',
    body: Buffer.from('a\r\nb\n'),
    hex: 'ac4c336507eebd6b1a66a775351ab2d5cf06163740d721ccc681703101f70a8f',
    base64: 'rEwzZQfuvWsaZqd1NRqy1c8GFjdA1yHMxoFwMQH3Co8=',
  },
];

const [json] = vectors;
if (json === undefined) throw new Error('no vectors');

/** A secret with several valid versions. */
const secretOf = (...keys: string[]) => ({
  matches: async (accepts: (key: string) => boolean) => keys.map(accepts).includes(true),
});

function request(body: Buffer, headers: Record<string, string | string[]>) {
  return {
    body,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
  };
}

const at = (seconds: number) => ({ timestampRequired: false, nowMs: seconds * 1000 });

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof EndpointError ? `${error.status} ${error.code}` : 'accepted';
}

describe('the signature of a body', () => {
  test.each(vectors)('is what openssl computes for $what', ({ key, body, timestamp, hex, base64 }) => {
    expect(sign(key, body, timestamp).toString('hex')).toBe(hex);
    expect(sign(key, body, timestamp).toString('base64')).toBe(base64);
  });

  test.each(vectors)('is accepted in hex, base64 and with a prefix for $what', async (vector) => {
    for (const signature of [vector.hex, vector.hex.toUpperCase(), vector.base64, `sha256=${vector.hex}`]) {
      const headers = {
        'x-genesys-signature': signature,
        ...(vector.timestamp === undefined ? {} : { 'x-genesys-timestamp': vector.timestamp }),
      };
      const checked = verifySignature(request(vector.body, headers), secretOf(vector.key), at(1_700_000_000));
      expect(await refusal(checked)).toBe('accepted');
    }
  });

  test('is refused when any bit of the body, the key or the signature differs', async () => {
    const flipped = Buffer.from(json.body);
    flipped[3] = (flipped[3] ?? 0) ^ 1;
    const wrong = `${json.hex.slice(0, -1)}${json.hex.endsWith('e') ? 'f' : 'e'}`;
    const cases = [
      [flipped, json.hex, json.key],
      [json.body, json.hex, 'secret-two'],
      [json.body, wrong, json.key],
    ] as const;
    for (const [body, signature, key] of cases) {
      const checked = verifySignature(
        request(body, { 'x-genesys-signature': signature }),
        secretOf(key),
        at(0),
      );
      expect(await refusal(checked)).toBe('403 SignatureInvalid');
    }
  });

  test('made with the previous secret is accepted', async () => {
    const checked = verifySignature(
      request(json.body, { 'x-genesys-signature': json.hex }),
      secretOf('new secret', json.key),
      at(0),
    );
    expect(await refusal(checked)).toBe('accepted');
  });

  test.each([
    ['299 s old', 1_700_000_299, 'accepted'],
    ['299 s ahead', 1_699_999_701, 'accepted'],
    ['301 s old', 1_700_000_301, '403 SignatureExpired'],
    ['301 s ahead', 1_699_999_699, '403 SignatureExpired'],
  ])('with a timestamp %s', async (_, now, expected) => {
    const vector = vectors[3];
    if (vector?.timestamp === undefined) throw new Error('no vector with timestamp');
    const headers = { 'x-genesys-signature': vector.hex, 'x-genesys-timestamp': vector.timestamp };
    const checked = verifySignature(request(vector.body, headers), secretOf(vector.key), at(now));
    expect(await refusal(checked)).toBe(expected);
  });

  test('with a timestamp loses its worth when the timestamp is taken away', async () => {
    const headers = { 'x-genesys-signature': vectors[3]?.hex ?? '' };
    const checked = verifySignature(request(json.body, headers), secretOf(json.key), at(1_700_000_000));
    expect(await refusal(checked)).toBe('403 SignatureInvalid');
  });

  test.each(['', 'abc', '1e9', '-5', '17000000000000', 'NaN'])(
    'with the timestamp "%s"',
    async (timestamp) => {
      const headers = { 'x-genesys-signature': json.hex, 'x-genesys-timestamp': timestamp };
      const checked = verifySignature(request(json.body, headers), secretOf(json.key), at(1_700_000_000));
      expect(await refusal(checked)).toBe('403 SignatureExpired');
    },
  );

  test('is missing: 401; without timestamp where one is asked for: 401', async () => {
    expect(await refusal(verifySignature(request(json.body, {}), secretOf(json.key), at(0)))).toBe(
      '401 SignatureMissing',
    );
    const checked = verifySignature(
      request(json.body, { 'x-genesys-signature': json.hex }),
      secretOf(json.key),
      { timestampRequired: true, nowMs: 0 },
    );
    expect(await refusal(checked)).toBe('401 SignatureMissing');
  });

  test('given twice is no signature', async () => {
    const twice = request(json.body, { 'x-genesys-signature': [json.hex, json.hex] });
    expect(await refusal(verifySignature(twice, secretOf(json.key), at(0)))).toBe('400 HeaderRepeated');
  });

  test.each(['', 'zz', json.hex.slice(1), `sha512=${json.hex}`, `${json.base64}=`, `v1,${json.base64}`])(
    '"%s" is of no known form',
    (text) => {
      expect(decodeSignature(text)).toBeUndefined();
    },
  );
});
