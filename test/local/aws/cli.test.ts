import {
  AwsCliError,
  deleteStack,
  deploy,
  describeStack,
  outputs,
  stackEvents,
} from '../../../local/aws/cli.ts';
import { create, remove, update } from '../../../local/aws/stacks.ts';
import { tailEvents } from '../../../scripts/demo/events.ts';
import { probeTemplate, succeed } from './probe.ts';
import {
  client,
  probe,
  said,
  server,
  stackName,
  startWorld,
  stopWorld,
  templateFile,
  thing,
} from './world.ts';

beforeAll(startWorld);
afterAll(stopWorld);

describe('by the real CLI', () => {
  test('deploy, update and delete of a slow stack cost their own time, not the half minute between two looks', async () => {
    const name = stackName();
    const started = Date.now();
    const second = () => new Promise((done) => setTimeout(done, 1000));
    probe.behave(name, async (event) => {
      await second();
      return { ...succeed(event), Status: 'SUCCESS', Data: { Size: event.ResourceProperties['Size'] } };
    });
    const file = await templateFile({
      Parameters: { Size: { Type: 'String' }, Secret: { Type: 'String', NoEcho: true } },
      Resources: { A: thing({ Size: { Ref: 'Size' }, Secret: { Ref: 'Secret' } }) },
      Outputs: { Size: { Value: { 'Fn::GetAtt': ['A', 'Size'] } } },
    });
    const deployment = { stackName: name, templateFile: file };
    await deploy(server, { ...deployment, parameters: { Size: '1', Secret: 'canary' } });
    await deploy(server, { ...deployment, parameters: { Size: '2' } });
    const stack = await describeStack(server, name);
    expect(await outputs(server, name)).toEqual({ Size: '2' });
    expect(stack.Parameters).toContainEqual({ ParameterKey: 'Secret', ParameterValue: '****' });
    await deleteStack(server, name);
    expect(Date.now() - started).toBeLessThan(25_000);
    const events = probe.events(stack.StackId);
    expect(events.map(said)).toEqual(['Create A', 'Update A-1', 'Delete A-1']);
    expect(events.map((event) => event.ResourceProperties['Secret'])).toEqual(['canary', 'canary', 'canary']);
    const history = await stackEvents(server, stack.StackId);
    expect(history.at(-1)?.ResourceStatus).toBe('DELETE_COMPLETE');
  });

  test('a deployment that fails says how to see why, and one that is refused says so at once', async () => {
    const name = stackName();
    probe.behave(name, (event) =>
      event.RequestType === 'Create' ? { Status: 'FAILED', Reason: 'told to' } : succeed(event),
    );
    const failing = await templateFile({ Resources: { A: thing() } });
    await expect(deploy(server, { stackName: name, templateFile: failing })).rejects.toThrow(
      'Failed to create/update the stack',
    );
    const withRole = await templateFile({ Resources: probeTemplate.Resources });
    const error = await deploy(server, {
      stackName: stackName(),
      templateFile: withRole,
      capabilities: [],
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AwsCliError);
    expect((error as AwsCliError).code).toBe('InsufficientCapabilitiesException');
  });
});

describe('the event tail', () => {
  test('prints every event of an operation once, in order, also of a stack that is made or deleted meanwhile', async () => {
    const name = stackName();
    const lines: string[] = [];
    const tail = <Result>(during: () => Promise<Result>) =>
      tailEvents(server, name, during, { print: (line) => lines.push(line), intervalMs: 10 });
    const texts = () =>
      lines.splice(0).map((line) => line.split('\n')[0]?.slice(10).split(/ +/).slice(0, 2).join(' '));
    probe.behave(name, (event) =>
      event.ResourceProperties['Size'] === '2' ? { Status: 'FAILED', Reason: 'told to' } : succeed(event),
    );
    const { stackId } = await tail(() => create(client, name, { Resources: { A: thing({ Size: 1 }) } }));
    expect(texts()).toEqual([
      `CREATE_IN_PROGRESS ${name}`,
      'CREATE_IN_PROGRESS A',
      'CREATE_COMPLETE A',
      `CREATE_COMPLETE ${name}`,
    ]);
    await tail(() => update(client, name, { Resources: { A: thing({ Size: 2 }) } }));
    expect(lines.join('\n')).toContain('told to');
    expect(texts()[0]).toBe(`UPDATE_IN_PROGRESS ${name}`);
    await tail(() => remove(client, stackId));
    expect(texts().at(-1)).toBe(`DELETE_COMPLETE ${name}`);
  });
});
