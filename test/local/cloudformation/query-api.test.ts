import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
} from '@aws-sdk/client-cloudformation';
import { InProcessInvoker } from '../../../local/cloudformation/in-process-invoker.ts';
import { QueryApi } from '../../../local/cloudformation/query-api.ts';
import { ResponseServer } from '../../../local/cloudformation/response-server.ts';
import { CloudFormation } from '../../../local/cloudformation/stack.ts';
import { SampleProvider } from './sample-provider.ts';

const provider = new SampleProvider();
let responses: ResponseServer;
let cloudFormation: CloudFormation;
let api: QueryApi;
let client: CloudFormationClient;

beforeEach(async () => {
  responses = await ResponseServer.start();
  cloudFormation = new CloudFormation({ invoker: new InProcessInvoker(provider.handler), responses });
  api = await QueryApi.start(cloudFormation);
  client = new CloudFormationClient({
    endpoint: api.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await cloudFormation.stop();
  await Promise.all([api.stop(), responses.stop()]);
});

const template = {
  Resources: { A: { Type: 'Custom::Thing', Properties: { Name: '<a> & b' } }, B: { Type: 'Custom::Thing' } },
  Outputs: { Name: { Value: { 'Fn::GetAtt': 'A.Name' } } },
};

describe('the SDK is told', () => {
  test('status, id, time and outputs of a stack', async () => {
    const { id } = await cloudFormation.createStack('s', template);
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 's' }));
    expect(Stacks).toEqual([
      expect.objectContaining({
        StackName: 's',
        StackId: id,
        StackStatus: 'CREATE_COMPLETE',
        CreationTime: expect.any(Date),
        Outputs: [{ OutputKey: 'Name', OutputValue: '<a> & b' }],
      }),
    ]);
    expect(api.calls).toEqual([
      { action: 'DescribeStacks', parameters: { StackName: 's', Version: '2010-05-15' } },
    ]);
  });

  test('the status in the middle of a rollback, by the stack id that a function knows from its event', async () => {
    const seen: (string | undefined)[] = [];
    provider.before = async ({ RequestType, StackId }) => {
      if (RequestType !== 'Delete') return;
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: StackId }));
      seen.push(Stacks?.[0]?.StackStatus);
    };
    const Properties = { Fail: 'Create' };
    await cloudFormation.createStack('s', { Resources: { A: { Type: 'Custom::Thing', Properties } } });
    provider.before = () => undefined;
    expect(seen).toEqual(['ROLLBACK_IN_PROGRESS']);
  });

  test('the resources of a stack with their physical ids', async () => {
    const { id, resources } = await cloudFormation.createStack('s', template);
    const { StackResources } = await client.send(
      new DescribeStackResourcesCommand({ StackName: id, LogicalResourceId: 'B' }),
    );
    expect(StackResources).toEqual([
      {
        StackName: 's',
        StackId: id,
        LogicalResourceId: 'B',
        PhysicalResourceId: resources['B']?.physicalId,
        ResourceType: 'Custom::Thing',
        ResourceStatus: 'CREATE_COMPLETE',
        Timestamp: expect.any(Date),
      },
    ]);
    const byPhysicalId = await client.send(
      new DescribeStackResourcesCommand({ PhysicalResourceId: resources['A']?.physicalId }),
    );
    expect(byPhysicalId.StackResources?.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual([
      'A',
      'B',
    ]);
  });

  test('the events of a stack, newest first and page by page', async () => {
    const { id, events, resources } = await cloudFormation.createStack('s', template);
    await cloudFormation.updateStack('s', { Resources: { B: template.Resources.B } });
    const pages = [];
    for await (const page of paginateDescribeStackEvents({ client }, { StackName: id })) pages.push(page);
    expect(pages.length).toBeGreaterThan(1);
    const told = pages.flatMap(({ StackEvents = [] }) => StackEvents).toReversed();
    expect(told).toHaveLength(cloudFormation.describe('s').events.length);
    expect(told.slice(0, events.length)).toMatchObject(
      events.map(({ LogicalResourceId, PhysicalResourceId, ResourceStatus, Timestamp }) => ({
        LogicalResourceId,
        PhysicalResourceId,
        ResourceStatus,
        Timestamp,
      })),
    );
    expect(told).toContainEqual(
      expect.objectContaining({
        StackName: 's',
        ResourceStatus: 'CREATE_COMPLETE',
        PhysicalResourceId: resources['A']?.physicalId,
      }),
    );
    await expect(client.send(new DescribeStackEventsCommand({ StackName: 'other' }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  test('that a stack does not exist, and of a deleted one by its id', async () => {
    const { id } = await cloudFormation.createStack('s', template);
    await cloudFormation.deleteStack('s');
    await expect(client.send(new DescribeStacksCommand({ StackName: 's' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id s does not exist',
    });
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: id }));
    expect(Stacks?.[0]?.StackStatus).toBe('DELETE_COMPLETE');
  });

  test('the parent of a nested stack, and the root above all of them', async () => {
    const root = 'arn:aws:cloudformation:us-east-1:123456789012:stack/root/1';
    const middle = 'arn:aws:cloudformation:us-east-1:123456789012:stack/middle/2';
    api.parents.set('s', { id: middle, status: 'CREATE_COMPLETE', parentId: root });
    api.parents.set('middle', { id: root, status: 'CREATE_COMPLETE' });
    await cloudFormation.createStack('s', template);
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 's' }));
    expect(Stacks?.[0]).toMatchObject({ ParentId: middle, RootId: root });
  });

  test('that it may not ask', async () => {
    await cloudFormation.createStack('s', template);
    api.refusal = 'AccessDenied';
    await expect(client.send(new DescribeStacksCommand({ StackName: 's' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
  });
});
