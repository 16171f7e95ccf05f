import { InProcessInvoker } from './in-process-invoker.ts';
import { ResponseServer } from './response-server.ts';
import { SampleProvider } from './sample-provider.ts';
import { CloudFormation, type CloudFormationOptions } from './stack.ts';
import type { Template } from './template.ts';

let stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

async function start(options: Partial<CloudFormationOptions> = {}) {
  const provider = new SampleProvider();
  const responses = await ResponseServer.start();
  const invoker = new InProcessInvoker(provider.handler);
  const cloudFormation = new CloudFormation({ invoker, responses, retryDelaysMs: [0, 0], ...options });
  stops.push(
    () => responses.stop(),
    () => cloudFormation.stop(),
  );
  return { provider, responses, cloudFormation };
}

const thing = (properties: Record<string, unknown> = {}, more: object = {}) => ({
  Type: 'Custom::Thing',
  Properties: properties,
  ...more,
});
const template = (resources: Template['Resources'], outputs: Record<string, unknown> = {}): Template => ({
  Resources: resources,
  Outputs: Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }])),
});

describe('a stack without failures', () => {
  test('is created in the order of dependency, with ids and attributes handed on', async () => {
    const { cloudFormation, provider } = await start();
    const stack = await cloudFormation.createStack(
      'good',
      template(
        {
          B: thing({ Of: { Ref: 'A' }, Name: { 'Fn::GetAtt': ['A', 'Name'] } }),
          A: thing({ Name: 'first' }),
          C: thing({}, { DependsOn: 'B' }),
        },
        { Id: { Ref: 'B' }, Name: { 'Fn::GetAtt': 'B.Name' } },
      ),
    );
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(cloudFormation.sequence()).toEqual(['Create A', 'Create B', 'Create C']);
    expect(stack.outputs).toEqual({ Id: 'B-2', Name: 'first' });
    expect(provider.things.get('B-2')).toMatchObject({ Of: 'A-1', Name: 'first' });
    expect(cloudFormation.violations()).toEqual([]);
  });
});
