import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Redelivery } from '../../../local/cloudformation/deliveries.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { events, start, stopDrivers, template, thing } from './driver.ts';
import { answerTo, upload } from './sample-provider.ts';

afterEach(stopDrivers);

describe('a delivery', () => {
  test('that throws is repeated twice, with the same event', async () => {
    const seen: CloudFormationCustomResourceEvent[] = [];
    const { cloudFormation } = await start({}, async (event) => {
      seen.push(event);
      if (seen.length < 3) throw new Error('crash');
      await upload(event.ResponseURL, answerTo(event));
    });
    const stack = await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.idle();
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
    expect(cloudFormation.requests[0]?.deliveries).toEqual([{ ends: ['crashed', 'crashed', 'returned'] }]);
  });

  test('that crashed three times is given up; ServiceTimeout ends the wait', async () => {
    // The response server has real time, in which the ResponseURLs must be valid.
    const clock = manualClock(Date.now());
    const { cloudFormation } = await start({ clock }, async () => {
      throw new Error('crash');
    });
    const creation = cloudFormation.createStack('s', template({ A: thing({ ServiceTimeout: 50 }) }), {
      disableRollback: true,
    });
    await cloudFormation.idle();
    clock.advance(50_000);
    expect((await creation).status).toBe('CREATE_FAILED');
    expect(cloudFormation.requests[0]?.deliveries).toEqual([{ ends: ['crashed', 'crashed', 'crashed'] }]);
  });

  test('that crashes after its answer was accepted is repeated nevertheless', async () => {
    let calls = 0;
    const { cloudFormation } = await start({}, async (event) => {
      calls += 1;
      await upload(event.ResponseURL, answerTo(event));
      if (calls === 1) throw new Error('crash after the answer');
    });
    await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.idle();
    expect(calls).toBe(2);
    expect(cloudFormation.violations()).toEqual([]);
  });

  test('at once: the same event twice at the same time', async () => {
    const { promise: both, resolve } = Promise.withResolvers<void>();
    const { cloudFormation, provider } = await start({ redelivery: () => 'at once' });
    let begun = 0;
    provider.before = ({ RequestType }) => {
      if (RequestType !== 'Create') return undefined;
      begun += 1;
      if (begun === 2) resolve();
      return both;
    };
    await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.idle();
    expect(begun).toBe(2);
    expect(provider.things.size).toBe(1);
    expect(cloudFormation.violations()).toEqual([]);
  });

  test.each<Redelivery>(['again', 'after the answer'])(
    '%s: the same event a second time',
    async (redelivery) => {
      const seen: string[] = [];
      const { cloudFormation, provider } = await start({
        redelivery: ({ RequestType }) => (RequestType === 'Create' ? redelivery : 'once'),
      });
      provider.before = async ({ RequestType, RequestId }) => {
        seen.push(`${RequestType} ${RequestId}`);
      };
      await cloudFormation.createStack('s', template({ A: thing() }));
      await cloudFormation.idle();
      expect(seen).toEqual([seen[0], seen[0]]);
      expect(provider.things.size).toBe(1);
      expect(cloudFormation.requests[0]?.deliveries).toHaveLength(2);
    },
  );

  test('late: long after the stack has settled', async () => {
    const { cloudFormation, provider } = await start();
    await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.deleteStack('s');
    const seen: string[] = [];
    provider.before = async ({ RequestType }) => {
      seen.push(RequestType);
    };
    await cloudFormation.redeliver(events(cloudFormation)[0]?.RequestId ?? '');
    expect(seen).toEqual(['Create']);
  });

  test('of a provider that answers two different things is reported', async () => {
    let calls = 0;
    const { cloudFormation } = await start({ redelivery: () => 'again' }, async (event) => {
      calls += 1;
      await upload(event.ResponseURL, answerTo(event, { PhysicalResourceId: `object-${calls}` }));
    });
    await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.idle();
    expect(cloudFormation.violations()).toEqual([
      'Create A: SUCCESS contradicts the earlier answer, SUCCESS',
    ]);
  });
});
