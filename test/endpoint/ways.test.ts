/**
 * The ways in beside the REST API with a secret: tokens, an ALB, a signed body. Shipped zip and templates.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aws } from '../../local/aws/cli.ts';
import { cloudFormation, create } from '../../local/aws/stacks.ts';
import { type Caller, type EndpointWorld, hmacHex, issuer, startEndpointWorld } from './world.ts';

let world: EndpointWorld;
let keys: Server;

beforeAll(async () => {
  world = await startEndpointWorld();
});
afterAll(async () => {
  await world?.stop();
  keys?.closeAllConnections();
  keys?.close();
});

let sequence = 0;
const newId = () => `w-${++sequence}`;

describe('a REST API with tokens', () => {
  let call: Caller;
  const ours = issuer('https://issuer.example.com/pool');

  beforeAll(async () => {
    keys = createServer((_, response) => response.end(ours.jwks));
    await new Promise<void>((done) => keys.listen(0, '127.0.0.1', done));
    const endpoint = await world.endpoint('tokens');
    const api = await world.api('tokens-api', endpoint.outputs['ApiFunctionArn'] ?? '', {
      Authentication: 'Jwt',
      JwtIssuer: ours.url,
      JwtAudience: 'data-actions',
      // MiniStack's functions speak HTTP to this machine, although the URL says https.
      JwtJwksUri: `https://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks.json`,
      AuthorizerTtlSeconds: '0',
    });
    call = api.call;
  });

  test('lets the right one in, and names its subject to the function', async () => {
    const requestId = newId();
    const reply = await call({ requestId }, { authorization: `Bearer ${ours.token({})}` });
    expect(reply.status).toBe(200);
    expect(world.runsOf(requestId)).toMatchObject([{ caller: 'jwt:genesys' }]);
  });

  test.each([
    ['expired', () => ours.token({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ['of another issuer', () => ours.token({ iss: 'https://issuer.example.com/other' })],
    ['of another key', () => issuer(ours.url).token({})],
  ])('refuses one that is %s', async (_, token) => {
    const requestId = newId();
    const reply = await call({ requestId }, { authorization: `Bearer ${token()}` });
    expect(reply.status).toBe(403);
    expect(world.runsOf(requestId)).toHaveLength(0);
  });

  test('refuses none', async () => {
    expect((await call({ requestId: newId() })).status).toBe(401);
  });
});

describe('an ALB, where no authorizer runs', () => {
  let base: string;
  const right = { 'x-endpoint-secret': 'alb-secret' };
  const signingKey = 'signing-secret';

  async function post(body: string, headers: Record<string, string>) {
    const response = await fetch(`${base}/actions/refund`, { method: 'POST', headers, body });
    return { status: response.status, headers: response.headers, answer: await response.json() };
  }
  const signed = (body: string, at = Math.floor(Date.now() / 1000)) => ({
    ...right,
    'x-genesys-timestamp': String(at),
    'x-genesys-signature': `sha256=${hmacHex(signingKey, `${at}.${body}`)}`,
  });

  beforeAll(async () => {
    const endpoint = await world.endpoint('alb-endpoint', {
      SharedSecretArn: await world.secret('/genesys/credentials/alb', 'alb-secret'),
      SignatureMode: 'TimestampAndBody',
      SigningSecretArn: await world.secret('/genesys/credentials/signing', signingKey),
    });
    const client = cloudFormation(world.aws);
    const stack = await create(client, 'alb', balancer);
    client.destroy();
    expect(stack.status).toBe('CREATE_COMPLETE');
    // CloudFormation registers the target of the template, and MiniStack does not.
    await aws(world.aws, [
      'elbv2',
      'register-targets',
      '--target-group-arn',
      stack.resources['TargetGroup'] ?? '',
      '--targets',
      `Id=${endpoint.outputs['AlbFunctionArn']}`,
    ]);
    base = `${world.aws.url}/_alb/genesys-data-actions`;
  });

  test('is answered to its health check', async () => {
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });

  test('gets the answer of the function for the right secret and signature, and a replay', async () => {
    const body = JSON.stringify({ requestId: newId(), text: 'Jürgen 📞' });
    const first = await post(body, signed(body));
    expect(first).toMatchObject({ status: 200, answer: { status: 200, data: { run: expect.any(Number) } } });
    const second = await post(body, signed(body));
    expect(second.answer).toEqual(first.answer);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  const body = '{"requestId":"unsigned"}';
  test.each([
    ['no secret', 401, 'CredentialMissing', () => ({})],
    ['a wrong secret', 403, 'CredentialWrong', () => ({ ...signed(body), 'x-endpoint-secret': 'guess' })],
    ['no signature', 401, 'SignatureMissing', () => right],
    ['a signature of another body', 403, 'SignatureInvalid', () => signed(`${body} `)],
    ['an old signature', 403, 'SignatureExpired', () => signed(body, Math.floor(Date.now() / 1000) - 301)],
  ])('is refused with %s', async (_, status, code, headers) => {
    const reply = await post(body, headers() as Record<string, string>);
    expect(reply).toMatchObject({ status, answer: { status, code, requiresRetry: false } });
    expect(world.runsOf('unsigned')).toHaveLength(0);
  });
});

/**
 * The balancer of examples/private-endpoint.yaml, without TLS and PrivateLink, which MiniStack does not have.
 */
const balancer = {
  Resources: {
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: { Name: 'genesys-data-actions', Type: 'application', Scheme: 'internal' },
    },
    TargetGroup: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: {
        TargetType: 'lambda',
        TargetGroupAttributes: [{ Key: 'lambda.multi_value_headers.enabled', Value: 'true' }],
      },
    },
    Listener: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: { Ref: 'Balancer' },
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'TargetGroup' } }],
      },
    },
  },
};
