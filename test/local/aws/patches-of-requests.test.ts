import { create } from '../../../local/aws/stacks.ts';
import { divergence, probe, startSides, stopSides, thing } from './divergence.ts';
import { succeed } from './probe.ts';

beforeAll(startSides);
afterAll(stopSides);

divergence(
  'service_token_in_event',
  'an event has the ServiceToken at its top level',
  async (side) => {
    const { stackId } = await create(side.client, side.name, { Resources: { A: thing(side) } });
    return probe.events(stackId).map((event) => event.ServiceToken === side.token);
  },
  { stock: [false], patched: [true] },
);

divergence(
  'secrets_in_custom_resources',
  'a reference to a secret arrives as it stands, a reference to a parameter is resolved',
  async (side) => {
    const { status, stackId } = await create(side.client, side.name, {
      Resources: {
        Secret: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: { Name: side.name, SecretString: 'canary' },
        },
        Parameter: {
          Type: 'AWS::SSM::Parameter',
          Properties: { Name: side.name, Type: 'String', Value: 'plain' },
        },
        A: thing(
          side,
          { Secret: `{{resolve:secretsmanager:${side.name}}}`, Plain: [`{{resolve:ssm:${side.name}}}`] },
          { DependsOn: ['Secret', 'Parameter'] },
        ),
        Topic: {
          Type: 'AWS::SNS::Topic',
          Properties: { DisplayName: `{{resolve:secretsmanager:${side.name}}}` },
          DependsOn: 'Secret',
        },
      },
    });
    const properties = probe.events(stackId)[0]?.ResourceProperties;
    return {
      status,
      Secret: String(properties?.['Secret']).replaceAll(side.name, 'S'),
      Plain: properties?.['Plain'],
    };
  },
  {
    stock: { status: 'CREATE_COMPLETE', Secret: 'canary', Plain: ['plain'] },
    patched: { status: 'CREATE_COMPLETE', Secret: '{{resolve:secretsmanager:S}}', Plain: ['plain'] },
  },
);

divergence(
  'signed_response_url',
  'a ResponseURL carries the date of its signature',
  async (side) => {
    const { stackId } = await create(side.client, side.name, { Resources: { A: thing(side) } });
    return probe
      .events(stackId)
      .map((event) => /^\d{8}T\d{6}Z$/.test(new URL(event.ResponseURL).searchParams.get('X-Amz-Date') ?? ''));
  },
  { stock: [false], patched: [true] },
);

divergence(
  'asynchronous_invocation',
  'an event whose invocation failed is delivered twice again, as the same request',
  async (side) => {
    let crashes = 2;
    probe.behave(side.name, (event) => {
      if (event.RequestType !== 'Create' || crashes === 0) return succeed(event);
      crashes -= 1;
      return { crash: true };
    });
    const { status, stackId } = await create(side.client, side.name, {
      Resources: { A: thing(side, { ServiceTimeout: 3 }) },
    });
    const creates = probe.events(stackId).filter((event) => event.RequestType === 'Create');
    return { status, creates: creates.length, requests: new Set(creates.map((e) => e.RequestId)).size };
  },
  {
    stock: { status: 'ROLLBACK_COMPLETE', creates: 1, requests: 1 },
    patched: { status: 'CREATE_COMPLETE', creates: 3, requests: 1 },
  },
);

divergence(
  'asynchronous_invocation',
  'ServiceTimeout runs from the invocation, not from the return of the function',
  async (side) => {
    probe.behave(side.name, async (event) => {
      if (event.RequestType === 'Create') await new Promise((done) => setTimeout(done, 2000));
      return succeed(event);
    });
    const { status } = await create(side.client, side.name, {
      Resources: { A: thing(side, { ServiceTimeout: 1 }) },
    });
    return status;
  },
  { stock: 'CREATE_COMPLETE', patched: 'ROLLBACK_COMPLETE' },
);

divergence(
  'response_size',
  'an answer over 4,096 bytes fails the resource',
  async (side) => {
    probe.behave(side.name, (event) =>
      event.RequestType === 'Create'
        ? { ...succeed(event), Status: 'SUCCESS', Data: { Text: 'x'.repeat(4096) } }
        : succeed(event),
    );
    const { status, reasons } = await create(side.client, side.name, { Resources: { A: thing(side) } });
    return { status, reason: reasons['A CREATE_FAILED'] };
  },
  {
    stock: { status: 'CREATE_COMPLETE', reason: undefined },
    patched: { status: 'ROLLBACK_COMPLETE', reason: 'Response object is too long.' },
  },
);

divergence(
  'data_as_strings',
  'a boolean in Data is "true" to Fn::Sub and to an output',
  async (side) => {
    probe.behave(side.name, (event) => ({
      ...succeed(event),
      Status: 'SUCCESS',
      Data: { Flag: true, Size: 3 },
    }));
    const { outputs } = await create(side.client, side.name, {
      Resources: { A: thing(side) },
      Outputs: { Both: { Value: { 'Fn::Sub': '${A.Flag} ${A.Size}' } } },
    });
    return outputs['Both'];
  },
  { stock: 'True 3', patched: 'true 3' },
);

divergence(
  'failure_reason',
  'the event of a failed custom resource quotes its reason and names the request',
  async (side) => {
    probe.behave(side.name, (event) =>
      event.RequestType === 'Create' ? { Status: 'FAILED', Reason: 'no such queue' } : succeed(event),
    );
    const { reasons, stackId } = await create(side.client, side.name, { Resources: { A: thing(side) } });
    const requestId = probe.events(stackId)[0]?.RequestId ?? '?';
    return reasons['A CREATE_FAILED']?.replace(requestId, 'REQUEST');
  },
  {
    stock: 'no such queue',
    patched:
      'Received response status [FAILED] from custom resource. Message returned: no such queue (RequestId: REQUEST)',
  },
);

divergence(
  'failure_reason',
  'the event of a custom resource that never answered names the request',
  async (side) => {
    probe.behave(side.name, (event) => (event.RequestType === 'Create' ? { silent: true } : succeed(event)));
    const { reasons, stackId } = await create(side.client, side.name, {
      Resources: { A: thing(side, { ServiceTimeout: 1 }) },
    });
    const requestId = probe.events(stackId)[0]?.RequestId ?? '?';
    return reasons['A CREATE_FAILED']?.replace(requestId, 'REQUEST').slice(0, 111);
  },
  {
    stock: "Custom resource 'A' timed out after 1s waiting for ResponseURL callback",
    patched:
      'CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [REQU',
  },
);
