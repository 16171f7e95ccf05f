/**
 * CloudFormation after a failure or a crash sends the same request again, or at once the one that follows.
 */
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { InProcessInvoker } from '../../../local/cloudformation/in-process-invoker.ts';
import { ResponseServer } from '../../../local/cloudformation/response-server.ts';
import { CloudFormation, type CloudFormationOptions } from '../../../local/cloudformation/stack.ts';
import type { Template } from '../../../local/cloudformation/template.ts';
import { answerTo, SampleProvider, upload } from './sample-provider.ts';

let stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

type Event = CloudFormationCustomResourceEvent;
type Handler = (event: Event) => Promise<void>;

async function start(
  handlerOf: (provider: SampleProvider) => Handler,
  options: Partial<CloudFormationOptions> = {},
) {
  const provider = new SampleProvider();
  const responses = await ResponseServer.start();
  const invoker = new InProcessInvoker(handlerOf(provider));
  const cloudFormation = new CloudFormation({ invoker, responses, retryDelaysMs: [], ...options });
  stops.push(
    () => responses.stop(),
    () => cloudFormation.stop(),
  );
  return { provider, responses, cloudFormation };
}

const template = (name: string, others: Template['Resources'] = {}): Template => ({
  Resources: { A: { Type: 'Custom::Thing', Properties: { Name: name } }, ...others },
});
const refuse = (event: Event) =>
  upload(event.ResponseURL, answerTo(event as never, { Status: 'FAILED', Reason: 'refused' }));

/** Refuses the first events that match. */
const refusing =
  (matches: (event: Event) => boolean, times = 1) =>
  (provider: SampleProvider): Handler => {
    let left = times;
    return async (event) => {
      if (!matches(event) || left === 0) return provider.handler(event);
      left -= 1;
      await refuse(event);
    };
  };

const idsOf = (cloudFormation: CloudFormation, type: string) =>
  cloudFormation.requests.filter(({ event }) => event.RequestType === type).map(({ event }) => event);

describe('an operation that is tried again', () => {
  test('sends a failed Create again: the same RequestId, another ResponseURL for the same object', async () => {
    const { cloudFormation } = await start(refusing(({ RequestType }) => RequestType === 'Create'));
    const failed = await cloudFormation.createStack('s', template('a'), { disableRollback: true });
    expect(failed.status).toBe('CREATE_FAILED');
    const again = await cloudFormation.retry('s');
    expect(again.status).toBe('CREATE_COMPLETE');
    const [first, second] = idsOf(cloudFormation, 'Create');
    expect(second?.RequestId).toBe(first?.RequestId);
    expect(second?.ResponseURL).not.toBe(first?.ResponseURL);
    expect(new URL(second?.ResponseURL ?? '').pathname).toBe(new URL(first?.ResponseURL ?? '').pathname);
    expect(cloudFormation.violations()).toEqual([]);
  });

  test('takes a corrected template', async () => {
    const { cloudFormation } = await start(refusing(({ RequestType }) => RequestType === 'Create'));
    await cloudFormation.createStack('s', template('a'), { disableRollback: true });
    const again = await cloudFormation.retry('s', template('b'));
    expect(again.status).toBe('CREATE_COMPLETE');
    expect(
      idsOf(cloudFormation, 'Create').map(({ ResourceProperties }) => ResourceProperties['Name']),
    ).toEqual(['a', 'b']);
  });

  test('sends a failed Update again with the properties of before, and a failed Delete', async () => {
    const { cloudFormation } = await start(refusing(({ RequestType }) => RequestType !== 'Create', 2));
    await cloudFormation.createStack('s', template('a'));
    const failed = await cloudFormation.updateStack('s', template('b'), { disableRollback: true });
    expect(failed.status).toBe('UPDATE_FAILED');
    // The first trial is refused too, the second is not.
    expect((await cloudFormation.retry('s')).status).toBe('UPDATE_FAILED');
    expect((await cloudFormation.retry('s')).status).toBe('UPDATE_COMPLETE');
    const updates = idsOf(cloudFormation, 'Update');
    expect(new Set(updates.map(({ RequestId }) => RequestId)).size).toBe(1);
    expect(updates.map((event) => event.OldResourceProperties?.['Name'])).toEqual(['a', 'a', 'a']);
  });

  test('sends a failed Delete again', async () => {
    const { cloudFormation } = await start(refusing(({ RequestType }) => RequestType === 'Delete'));
    await cloudFormation.createStack('s', template('a'));
    expect((await cloudFormation.deleteStack('s')).status).toBe('DELETE_FAILED');
    expect((await cloudFormation.retry('s')).status).toBe('DELETE_COMPLETE');
    const [first, second] = idsOf(cloudFormation, 'Delete');
    expect(second?.RequestId).toBe(first?.RequestId);
  });

  test('leaves alone what has succeeded, and creates what never began', async () => {
    const { cloudFormation } = await start(refusing((event) => event.LogicalResourceId === 'B'));
    const three = template('a', {
      B: { Type: 'Custom::Thing', DependsOn: 'A' },
      C: { Type: 'Custom::Thing', DependsOn: 'B' },
    });
    await cloudFormation.createStack('s', three, { disableRollback: true });
    expect((await cloudFormation.retry('s')).status).toBe('CREATE_COMPLETE');
    expect(cloudFormation.sequence()).toEqual(['Create A', 'Create B', 'Create B', 'Create C']);
  });
});

test('an answer by the URL of before is in the way of the newest one, and is reported', async () => {
  const { cloudFormation } = await start(() => async (event) => {
    if (cloudFormation.requests.length === 0) await refuse(event);
  });
  await cloudFormation.createStack('s', template('a'), { disableRollback: true });
  const [first] = idsOf(cloudFormation, 'Create');
  const outcome = cloudFormation.sendAgain(first?.RequestId ?? '', { ResourceType: 'Custom::Other' });
  await upload(first?.ResponseURL ?? '', answerTo(first as never));
  expect(await outcome).toMatchObject({ status: 'SUCCESS' });
  expect(idsOf(cloudFormation, 'Create')[1]).toMatchObject({ ResourceType: 'Custom::Other' });
  expect(cloudFormation.violations()).toContainEqual(
    expect.stringContaining('answered by a ResponseURL of before'),
  );
});

describe('a crash that CloudFormation does not wait to be repeated', () => {
  test('of a Create is followed by the Delete of an invented id', async () => {
    let crashes = 0;
    const { cloudFormation } = await start(
      (provider) => async (event) => {
        if (event.RequestType === 'Create' && crashes++ === 0) throw new Error('dies');
        await provider.handler(event);
      },
      { givesUpAfterCrashMs: () => 0 },
    );
    const stack = await cloudFormation.createStack('s', template('a'));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(cloudFormation.sequence()).toEqual(['Create A', expect.stringMatching(/^Delete A s-A-/)]);
  });

  test('of an Update is followed by the rollback, and only where the options say so', async () => {
    let crashes = 0;
    const { cloudFormation } = await start(
      (provider) => async (event) => {
        if (event.RequestType === 'Update' && crashes++ === 0) throw new Error('dies');
        await provider.handler(event);
      },
      { givesUpAfterCrashMs: ({ RequestType }) => (RequestType === 'Update' ? 5 : undefined) },
    );
    await cloudFormation.createStack('s', template('a'));
    const stack = await cloudFormation.updateStack('s', template('b'));
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(idsOf(cloudFormation, 'Update').map((event) => event.ResourceProperties['Name'])).toEqual([
      'b',
      'a',
    ]);
  });
});
