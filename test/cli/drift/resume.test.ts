/** A look that ends before it is through shows what it has, and goes on from there. */
import { run } from '../../../cli/main.ts';
import { ACTION, action, INTEGRATION, webServices } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { callByHand } from '../../protocol/by-hand.ts';
import { drift, type Ended, findings, personOf } from './running.ts';

const ACTIONS = '/api/v2/integrations/actions';

/** An integration and an action that were both changed by hand. */
async function withTwoChanges(by: (world: World) => Promise<void>): Promise<void> {
  await inWorld({}, async (world) => {
    const { cloudFormation, genesys } = world;
    const integration = await cloudFormation.createStack('stack', webServices());
    const changed = await cloudFormation.createStack('second', only(ACTION, action(world)));
    const idIn = ({ resources }: typeof changed) => resources['Thing']?.physicalId;
    const disabled = { intendedState: 'DISABLED' };
    await callByHand(genesys, 'PATCH', `/api/v2/integrations/${idIn(integration)}`, disabled);
    const renamed = { version: 2, name: 'by hand', category: 'Orders' };
    await callByHand(genesys, 'PATCH', `${ACTIONS}/${idIn(changed)}`, renamed);
    await by(world);
  });
}

const placeIn = ({ problems }: Ended) => /Go on by --after '([^']+)'\.\n$/.exec(problems)?.[1] ?? '';

test('a look that breaks off shows what it saw, and another one goes on from there', () =>
  withTwoChanges(async (world) => {
    const all = await findings(world);
    expect(all.map(({ type }) => type).sort()).toEqual([INTEGRATION, ACTION].sort());
    world.genesys.faults({
      match: { method: 'GET', path: ACTIONS },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    const broken = await drift(world, '--format', 'json');
    expect(broken.code).toBe(2);
    expect(broken.problems.trimEnd()).not.toContain('\n');
    const { findings: before, next } = JSON.parse(broken.out) as { findings: object[]; next: string };
    expect(placeIn(broken)).toBe(next);
    const after = await findings(world, '--after', next);
    expect(after).toHaveLength(1);
    expect([...before, ...after]).toEqual(expect.arrayContaining(all));
  }));

test('Ctrl-C ends a look with what it has, and the progress on a terminal says how far it is', () =>
  withTwoChanges(async (world) => {
    Object.assign(process.env, personOf(world));
    const texts = { out: '', problems: '' };
    const out = { write: (text: string) => (texts.out += text) };
    const terminal = {
      isTTY: true,
      columns: 60,
      write(text: string) {
        texts.problems += text;
        // The list of the second type follows.
        if (text.includes(`0 of 1 ${INTEGRATION}`)) process.emit('SIGINT');
      },
    };
    const code = await run(['drift'], { out, problems: terminal });
    expect(code).toBe(2);
    expect(texts.out).toContain('Enabled: true → false');
    expect(texts.out).not.toContain(ACTION);
    expect(texts.problems).toContain('items of the ledger');
    const shown = texts.problems.split('\r\x1b[K').slice(0, -1);
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThan(60);
    const place = placeIn({ code, ...texts });
    expect(place).toMatch(/^Custom::/);
    expect(await findings(world, '--after', place)).toHaveLength(1);
    // The process has its usual end of a Ctrl-C again.
    expect(process.listenerCount('SIGINT')).toBe(0);
  }));

test.each(['nonsense', 'Custom::Other 1', 'Custom::GenesysDataAction 1 2', ''])(
  '--after %j is no place, and the usage is shown',
  async (place) => {
    const { code, problems } = await drift({ aws: { url: 'http://127.0.0.1:9' } } as World, '--after', place);
    expect(code).toBe(2);
    expect(problems).toContain('--after takes the place that an earlier look named');
  },
);
