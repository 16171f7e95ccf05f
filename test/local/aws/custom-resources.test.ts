/**
 * The custom resources of the patched server, as demo and e2e need them. The tests of patches show the
 * differences.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aws } from '../../../local/aws/cli.ts';
import { create, remove, stackStatus, update } from '../../../local/aws/stacks.ts';
import { probeTemplate, succeed } from './probe.ts';
import {
  client,
  folder,
  parameter,
  probe,
  said,
  server,
  stackName,
  startWorld,
  stopWorld,
  thing,
} from './world.ts';

beforeAll(startWorld);
afterAll(stopWorld);

const readText = (file: string) => readFile(file, 'utf8');

describe('events', () => {
  test('every scalar in ResourceProperties is a string, maps and lists stay', async () => {
    const { stackId } = await create(client, stackName(), {
      Resources: {
        A: thing({
          Yes: true,
          Count: 7,
          Rate: 1.5,
          Map: { No: false, List: [1, 'ü'] },
          Gone: { Ref: 'AWS::NoValue' },
        }),
      },
    });
    const { ResourceProperties } = probe.events(stackId)[0] ?? {};
    expect(ResourceProperties).toEqual({
      ServiceToken: expect.stringMatching(/^arn:aws:lambda:/),
      ServiceTimeout: '20',
      Probe: probe.url,
      Yes: 'true',
      Count: '7',
      Rate: '1.5',
      Map: { No: 'false', List: ['1', 'ü'] },
    });
  });

  test('an Update carries the old properties, and a resource that did not change gets none', async () => {
    const name = stackName();
    await create(client, name, { Resources: { A: thing({ Size: 1 }), B: thing() } });
    const { stackId } = await update(client, name, { Resources: { A: thing({ Size: 2 }), B: thing() } });
    const updates = probe.events(stackId).slice(2);
    expect(updates.map(said)).toEqual(['Update A-1']);
    expect(updates[0]?.OldResourceProperties?.['Size']).toBe('1');
  });

  test('the function sees its own name, ARN and the time it has left', async () => {
    const { stackId } = await create(client, stackName(), { Resources: { A: thing() } });
    const event = probe.events(stackId)[0];
    expect(event?.context).toEqual({
      functionName: expect.stringMatching(/^probe-Function-/),
      invokedFunctionArn: event?.ServiceToken,
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      remainingMs: expect.any(Number),
    });
    expect(event?.context.remainingMs).toBeLessThanOrEqual(20_000);
    expect(event?.context.remainingMs).toBeGreaterThan(15_000);
  });
});

describe('an invocation that fails', () => {
  test("is delivered again as often as the function's EventInvokeConfig says", async () => {
    const name = stackName();
    probe.behave(name, (event) => (event.RequestType === 'Create' ? { crash: true } : succeed(event)));
    const { status, stackId } = await create(client, name, {
      Resources: {
        ...probeTemplate.Resources,
        Retries: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: { FunctionName: { Ref: 'Function' }, Qualifier: '$LATEST', MaximumRetryAttempts: 1 },
        },
        A: thing(
          // The Create waits that long, and the Delete has that long for a new process.
          { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ServiceTimeout: 5 },
          { DependsOn: 'Retries' },
        ),
      },
    });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(probe.events(stackId).map((event) => event.RequestType)).toEqual(['Create', 'Create', 'Delete']);
  });
});

describe('rollback', () => {
  test('of an update: failed and updated resources are sent back, unchanged ones nothing, new ones a Delete', async () => {
    const name = stackName();
    const template = (size: number, more: object = {}) => ({
      Resources: {
        Unchanged: thing(),
        Changed: thing({ Size: size }, { DependsOn: 'Unchanged' }),
        ...more,
        Failing: thing({ Size: size }, { DependsOn: ['Changed', ...Object.keys(more)] }),
      },
    });
    probe.behave(name, (event) =>
      event.LogicalResourceId === 'Failing' && event.ResourceProperties['Size'] === '2'
        ? { Status: 'FAILED', Reason: 'told to', PhysicalResourceId: 'Failing-1' }
        : succeed(event),
    );
    await create(client, name, template(1));
    const { status, stackId, resources } = await update(
      client,
      name,
      template(2, { New: thing({}, { DependsOn: 'Changed' }) }),
    );
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const events = probe.events(stackId).slice(3);
    expect(events.map((event) => `${said(event)} to ${event.ResourceProperties['Size']}`)).toEqual([
      'Update Changed-1 to 2',
      'Create New to undefined',
      'Update Failing-1 to 2',
      'Update Changed-1 to 1',
      'Update Failing-1 to 1',
      'Delete New-1 to undefined',
    ]);
    expect(events[3]?.OldResourceProperties?.['Size']).toBe('2');
    expect(Object.keys(resources).sort()).toEqual(['Changed', 'Failing', 'Unchanged']);
  });

  test('of an update deletes a new resource whose Create failed, in the clean-up', async () => {
    const name = stackName();
    await create(client, name, { Resources: { Old: thing() } });
    const seen: string[] = [];
    probe.behave(name, async (event) => {
      if (event.RequestType === 'Create')
        return { Status: 'FAILED', Reason: 'told to', PhysicalResourceId: 'half-made' };
      seen.push(await stackStatus(client, event.StackId));
      return succeed(event);
    });
    const { status, stackId, resources } = await update(client, name, {
      Resources: { Old: thing(), New: thing({}, { DependsOn: 'Old' }) },
    });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(probe.events(stackId).map(said)).toEqual(['Create Old', 'Create New', 'Delete half-made']);
    expect(seen).toEqual(['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS']);
    expect(resources).toEqual({ Old: 'Old-1' });
  });

  test("of an update puts AWS's own resources back too: function, role, parameter", async () => {
    const name = stackName();
    const template = (size: number) => ({
      Resources: {
        Role: {
          ...probeTemplate.Resources.Role,
          Properties: { ...probeTemplate.Resources.Role.Properties, Description: `size ${size}` },
        },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: 'nodejs24.x',
            Handler: 'index.handler',
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Code: { ZipFile: `exports.handler = async () => 'code ${size}';` },
            Environment: { Variables: { SIZE: `${size}` } },
          },
        },
        Parameter: parameter(`size ${size}`),
        A: thing({ Size: size }, { DependsOn: ['Function', 'Parameter'] }),
      },
    });
    probe.behave(name, (event) =>
      event.ResourceProperties['Size'] === '2' ? { Status: 'FAILED', Reason: 'told to' } : succeed(event),
    );
    const { resources } = await create(client, name, template(1));
    const { status } = await update(client, name, template(2));
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const functionName = resources['Function'] ?? '';
    const out = join(folder, 'answer.json');
    const [configuration, role, ssm] = await Promise.all([
      aws<{ Environment: unknown }>(server, [
        'lambda',
        'get-function-configuration',
        '--function-name',
        functionName,
      ]),
      aws<{ Role: { Description: string } }>(server, [
        'iam',
        'get-role',
        '--role-name',
        resources['Role'] ?? '',
      ]),
      aws<{ Parameter: { Value: string } }>(server, [
        'ssm',
        'get-parameter',
        '--name',
        resources['Parameter'] ?? '',
      ]),
    ]);
    await aws(server, ['lambda', 'invoke', '--function-name', functionName, out]);
    expect(configuration.Environment).toEqual({ Variables: { SIZE: '1' } });
    expect(role.Role.Description).toBe('size 1');
    expect(ssm.Parameter.Value).toBe('size 1');
    expect(await readText(out)).toBe('"code 1"');
  });
});

describe('deletion', () => {
  test('a FAILED Delete is DELETE_FAILED with its reason, and can be tried again', async () => {
    const name = stackName();
    let busy = true;
    probe.behave(name, (event) =>
      event.RequestType === 'Delete' && busy
        ? { Status: 'FAILED', Reason: 'still in use', PhysicalResourceId: 'A-1' }
        : succeed(event),
    );
    const { stackId } = await create(client, name, { Resources: { A: thing() } });
    const failed = await remove(client, stackId);
    expect(failed.status).toBe('DELETE_FAILED');
    expect(failed.statusReason).toContain('[A]');
    expect(failed.reasons['A DELETE_FAILED']).toContain('still in use');
    busy = false;
    expect((await remove(client, stackId)).status).toBe('DELETE_COMPLETE');
  });

  test('DeletionPolicy: Retain sends no Delete; RetainExceptOnCreate sends one when its Create is rolled back', async () => {
    const name = stackName();
    const kept = await create(client, name, {
      Resources: {
        Kept: thing({}, { DeletionPolicy: 'Retain' }),
        Except: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
        Gone: thing(),
      },
    });
    const { history, status } = await remove(client, kept.stackId);
    expect(status).toBe('DELETE_COMPLETE');
    expect(probe.events(kept.stackId).map(said).slice(3)).toEqual(['Delete Gone-1']);
    expect(history).toContain('Kept DELETE_SKIPPED');
    expect(history).toContain('Except DELETE_SKIPPED');

    const failing = stackName();
    probe.behave(failing, (event) =>
      event.RequestType === 'Create'
        ? { Status: 'FAILED', Reason: 'told to', PhysicalResourceId: 'half' }
        : succeed(event),
    );
    const rolledBack = await create(client, failing, {
      Resources: { Except: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }) },
    });
    expect(probe.events(rolledBack.stackId).map(said)).toEqual(['Create Except', 'Delete half']);
  });

  test('UpdateReplacePolicy: Retain keeps what an update replaced', async () => {
    const name = stackName();
    probe.behave(name, (event) =>
      event.RequestType === 'Update' ? { Status: 'SUCCESS', PhysicalResourceId: 'A-2' } : succeed(event),
    );
    await create(client, name, { Resources: { A: thing({}, { UpdateReplacePolicy: 'Retain' }) } });
    const { stackId, history, status } = await update(client, name, {
      Resources: { A: thing({ Size: 2 }, { UpdateReplacePolicy: 'Retain' }) },
    });
    expect(status).toBe('UPDATE_COMPLETE');
    expect(probe.events(stackId).map(said)).toEqual(['Create A', 'Update A-1']);
    expect(history).toContain('A DELETE_SKIPPED');
  });
});
