/** Spells of Genesys Cloud: for some seconds every call of a kind fails, over any number of requests. */
import type { FaultAction, FaultMatch } from '../genesys-cloud/index.ts';
import type { World } from '../provider/world.ts';

type WithGenesys = Pick<World, 'genesys'>;

const SECOND = 1_000;

/** From the first matching call on. */
export const spell = (
  world: WithGenesys,
  seconds: number,
  match: Omit<FaultMatch, 'forMs'> = {},
  action: FaultAction = { status: 404 },
) => world.genesys.faults({ match: { ...match, forMs: seconds * SECOND }, action });

/** Every call on one object, by whatever verb; lists go on showing it. */
export const callsOn = (id: string): FaultMatch => ({ pattern: `/${id}(/|\\?|$)` });

/** The lists of actions and of integrations show nothing. */
export const emptyLists = (world: WithGenesys, seconds: number) =>
  spell(
    world,
    seconds,
    { method: 'GET', pattern: '^/api/v2/integrations(/actions)?(\\?|$)' },
    { status: 200, body: { entities: [], pageCount: 1, pageNumber: 1, total: 0 } },
  );

/** Writes that were sent, without logins and looks. */
export const writes = (world: WithGenesys): string[] =>
  world.genesys
    .calls()
    .filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token')
    .map(({ method, path }) => `${method} ${path}`);
