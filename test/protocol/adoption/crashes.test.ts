/** A process that dies while it adopts, or while it puts back, loses nothing that somebody else made. */
import type { CloudFormationOptions } from '../../../local/cloudformation/stack.ts';
import { SEQUELS, type Sequel } from '../../../local/faults/matrix.ts';
import { sample } from '../../../local/faults/sample.ts';
import type { Call, CallFault } from '../../../local/provider/containers.ts';
import { INTEGRATION, idOf, webServices, withFailure, withWorld } from '../../../local/provider/stacks.ts';
import { reasons } from '../../../local/provider/world.ts';
import {
  type Adoptable,
  adoptables,
  expectNoSecrets,
  formOf,
  integrationByHand,
  records,
} from './adoptable.ts';

/** An object that is adopted while the process dies. */
const adopting: Adoptable[] = [
  ...adoptables,
  {
    type: INTEGRATION,
    what: 'web services',
    template: (_, changes) => webServices(changes),
    byHand: (world) => integrationByHand(world, { typeId: 'custom-rest-actions', credentials: {} }).id,
  },
];

describe.each(adopting)('a process that dies at any call while it adopts: $what', ({ template, byHand }) => {
  /** The calls of the Create, or of the Delete that undoes it, and a fault at one of them. */
  async function run(
    place: number | undefined,
    fault: CallFault,
    options: { fails: boolean; twice?: boolean; sequel?: Sequel; verb?: 'Create' | 'Delete' },
  ): Promise<Call[]> {
    const calls: Call[] = [];
    const { serviceTimeout, retryDelaysMs } = SEQUELS[options.sequel ?? 'delivered again'];
    const cloudFormation: Partial<CloudFormationOptions> = {
      retryDelaysMs,
      ...(options.twice ? { redelivery: () => 'at once' } : {}),
    };
    await withWorld(async (world) => {
      const id = byHand(world);
      const before = formOf(world, id);
      const there = [...world.made().keys()];
      let first: string | undefined;
      world.containers.faultFor = (call, event) => {
        const { verb = 'Create' } = options;
        if (event?.LogicalResourceId === 'Thing' && event.RequestType === verb) first ??= event.RequestId;
        if (first === undefined || event?.RequestId !== first) return undefined;
        calls.push(call);
        return calls.length === place ? fault : undefined;
      };
      const { Thing = { Type: '' } } = template(world, { AdoptExisting: true }).Resources;
      if (serviceTimeout) Thing.Properties = { ...Thing.Properties, ServiceTimeout: serviceTimeout };
      const wanted = options.fails ? withFailure({ Resources: { Thing } }) : { Resources: { Thing } };
      const stack = await world.cloudFormation.createStack('stack', wanted);
      await world.cloudFormation.idle();
      if (!options.fails) {
        expect({ place, fault, status: stack.status, reason: reasons(stack) }).toMatchObject({
          status: 'CREATE_COMPLETE',
        });
        expect(idOf(stack)).toBe(id);
        expect(records(world)).toEqual([[id, 'Thing', 'adopted']]);
        expect(formOf(world, id)).not.toEqual(before);
        return;
      }
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect({ place, fault, form: formOf(world, id) }).toEqual({ place, fault, form: before });
      expect([...world.made().keys()]).toEqual(there);
      expect(records(world)).toEqual([]);
      expectNoSecrets(world);
    }, cloudFormation);
    return calls;
  }

  test.each([
    ['ends adopted once', false],
    ['is put back by the rollback', true],
  ])('%s', async (_end, fails) => {
    const calls = await run(undefined, 'kill after', { fails });
    const places = calls.map((_, index) => index + 1);
    for (const place of sample(places, 8))
      for (const fault of ['kill before', 'kill after'] as const) await run(place, fault, { fails });
  });

  test.each(['given up before', 'given up meanwhile'] as const)(
    'is put back where CloudFormation has given up (%s)',
    async (sequel) => {
      const calls = await run(undefined, 'kill after', { fails: true });
      const places = calls.map((_, index) => index + 1);
      for (const place of sample(places, 6)) await run(place, 'kill after', { fails: true, sequel });
    },
  );

  test('is put back in the end where the Delete dies, too', async () => {
    const calls = await run(undefined, 'kill after', { fails: true, verb: 'Delete' });
    const places = calls.map((_, index) => index + 1);
    expect(places.length).toBeGreaterThan(5);
    for (const place of sample(places, 8))
      for (const fault of ['kill before', 'kill after'] as const)
        await run(place, fault, { fails: true, verb: 'Delete' });
  });

  test('a second delivery at the same time adopts nothing twice', async () => {
    await run(undefined, 'kill after', { fails: false, twice: true });
    await run(undefined, 'kill after', { fails: true, twice: true });
  });

  test.each(['hang after', 'reset after', 'truncated', '503'] as CallFault[])(
    'a call of unknown outcome: %s',
    async (fault) => {
      const calls = await run(undefined, 'kill after', { fails: false });
      const places = calls.flatMap(({ service }, index) => (service === 'genesys' ? [index + 1] : []));
      for (const place of places) await run(place, fault, { fails: true });
    },
  );
});
