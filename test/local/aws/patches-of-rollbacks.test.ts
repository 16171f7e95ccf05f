import { create, remove, stackStatus, update } from '../../../local/aws/stacks.ts';
import { divergence, probe, type Side, startSides, stopSides, thing } from './divergence.ts';
import { type ProbeHandler, succeed } from './probe.ts';
import { said } from './world.ts';

beforeAll(startSides);
afterAll(stopSides);

const failsToCreateB =
  (answer: object): ProbeHandler =>
  (event) =>
    event.RequestType === 'Create' && event.LogicalResourceId === 'B'
      ? { ...answer, Status: 'FAILED', Reason: 'told to' }
      : succeed(event);

divergence(
  'delete_after_failed_create',
  'a failed Create is deleted by the id it answered, before what it depends on',
  async (side) => {
    probe.behave(side.name, failsToCreateB({ PhysicalResourceId: 'half-made' }));
    const { stackId, history } = await create(side.client, side.name, {
      Resources: { A: thing(side), B: thing(side, {}, { DependsOn: 'A' }) },
    });
    return {
      events: probe.events(stackId).map(said),
      rollback: history.slice(history.indexOf(`${side.name} ROLLBACK_IN_PROGRESS`) + 1, -1),
    };
  },
  {
    stock: {
      events: ['Create A', 'Create B', 'Delete A-1'],
      rollback: ['A DELETE_IN_PROGRESS', 'A DELETE_COMPLETE'],
    },
    patched: {
      events: ['Create A', 'Create B', 'Delete half-made', 'Delete A-1'],
      rollback: ['B DELETE_IN_PROGRESS', 'B DELETE_COMPLETE', 'A DELETE_IN_PROGRESS', 'A DELETE_COMPLETE'],
    },
  },
);

divergence(
  'delete_after_failed_create',
  'a failed Create without an id is deleted by an invented one',
  async (side) => {
    probe.behave(side.name, failsToCreateB({}));
    const { stackId } = await create(side.client, side.name, { Resources: { B: thing(side) } });
    return probe
      .events(stackId)
      .map((event) => said(event).replace(new RegExp(`${side.name}-B-[A-Z0-9]{12}$`), 'X'));
  },
  { stock: ['Create B'], patched: ['Create B', 'Delete X'] },
);

divergence(
  'delete_after_failed_create',
  'without rollback, what failed is deleted with the stack',
  async (side) => {
    probe.behave(side.name, failsToCreateB({ PhysicalResourceId: 'half-made' }));
    const template = { Resources: { B: thing(side) } };
    const { stackId, status } = await create(side.client, side.name, template, { disableRollback: true });
    await remove(side.client, stackId);
    return { status, events: probe.events(stackId).map(said) };
  },
  {
    stock: { status: 'CREATE_FAILED', events: ['Create B'] },
    patched: { status: 'CREATE_FAILED', events: ['Create B', 'Delete half-made'] },
  },
);

divergence(
  'cleanup_events',
  'what an update replaced is deleted in the clean-up, with its events',
  async (side) => {
    const seen: string[] = [];
    probe.behave(side.name, async (event) => {
      if (event.RequestType === 'Delete') seen.push(await stackStatus(side.client, event.StackId));
      return event.RequestType === 'Update'
        ? { Status: 'SUCCESS', PhysicalResourceId: 'A-2' }
        : succeed(event);
    });
    await create(side.client, side.name, { Resources: { A: thing(side) } });
    const { history, status, stackId } = await update(side.client, side.name, {
      Resources: { A: thing(side, { Size: 2 }) },
    });
    return {
      status,
      seen,
      events: probe.events(stackId).map(said),
      cleanup: history
        .slice(history.indexOf('A UPDATE_COMPLETE') + 1)
        .map((line) => line.replace(side.name, 'S')),
    };
  },
  {
    stock: {
      status: 'UPDATE_COMPLETE',
      seen: ['UPDATE_IN_PROGRESS'],
      events: ['Create A', 'Update A-1', 'Delete A-1'],
      cleanup: ['S UPDATE_COMPLETE'],
    },
    patched: {
      status: 'UPDATE_COMPLETE',
      seen: ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'],
      events: ['Create A', 'Update A-1', 'Delete A-1'],
      cleanup: [
        'S UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
        'A DELETE_IN_PROGRESS',
        'A DELETE_COMPLETE',
        'S UPDATE_COMPLETE',
      ],
    },
  },
);

/** A is replaced by the update, B's update fails; `back` is the id that A answers to the Update back. */
async function replacedThenRolledBack(side: Side, back: string) {
  probe.behave(side.name, (event) => {
    if (event.RequestType !== 'Update') return succeed(event);
    const forward = event.ResourceProperties['Size'] === '2';
    if (event.LogicalResourceId === 'B')
      return forward ? { Status: 'FAILED', Reason: 'told to', PhysicalResourceId: 'B-1' } : succeed(event);
    return { Status: 'SUCCESS', PhysicalResourceId: forward ? 'A-2' : back };
  });
  const template = (Size: number) => ({
    Resources: { A: thing(side, { Size }), B: thing(side, { Size }, { DependsOn: 'A' }) },
  });
  await create(side.client, side.name, template(1));
  const { status, resources, stackId } = await update(side.client, side.name, template(2));
  return {
    status,
    A: resources['A'],
    events: probe
      .events(stackId)
      .slice(2)
      .map((event) =>
        event.RequestType === 'Update'
          ? `${said(event)} to ${event.ResourceProperties['Size']}`
          : said(event),
      ),
  };
}

divergence(
  'rollback_of_replacement',
  'the rollback of a replacement is an Update of the new id with the properties swapped, then its Delete',
  (side) => replacedThenRolledBack(side, 'A-1'),
  {
    stock: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      A: 'A-1',
      events: ['Update A-1 to 2', 'Update B-1 to 2', 'Update B-1 to 1', 'Delete A-2'],
    },
    patched: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      A: 'A-1',
      events: ['Update A-1 to 2', 'Update B-1 to 2', 'Update A-2 to 1', 'Update B-1 to 1', 'Delete A-2'],
    },
  },
);

divergence(
  'rollback_of_replacement',
  'a replacement that answers its new id to the Update back is kept',
  (side) => replacedThenRolledBack(side, 'A-2'),
  {
    stock: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      A: 'A-1',
      events: ['Update A-1 to 2', 'Update B-1 to 2', 'Update B-1 to 1', 'Delete A-2'],
    },
    patched: {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      A: 'A-2',
      events: ['Update A-1 to 2', 'Update B-1 to 2', 'Update A-2 to 1', 'Update B-1 to 1'],
    },
  },
);
