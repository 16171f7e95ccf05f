/** Documented ends of a cell whose surroundings were hostile: they are no findings. */
import { INTEGRATION } from '../provider/stacks.ts';
import type { World } from '../provider/world.ts';
import type { AxisCell } from './axes-plan.ts';
import type { Finding } from './verdicts.ts';
import type { Watch } from './watch.ts';

/** A cell at work. */
export interface Surroundings {
  world: World;
  cell: AxisCell;
  watch: Watch;
}

/** Whether an answer says that the ledger cannot be used. */
const saysLedger = (body: string) => body.includes('"FAILED"') && /provider's ledger/.test(body);

/**
 * The findings without documented remains. A restored ledger has records of objects that were deleted after
 * the backup. A clean-up without the ledger deletes nothing, so the replaced object keeps its record. If the
 * ledger is emptied and a Delete dies after deleting the integration, the credential stays.
 */
export function exceptDocumented(findings: Finding[], surroundings: Surroundings): Finding[] {
  const { world, cell } = surroundings;
  const left = remains(surroundings);
  return findings.filter(({ kind, what }) => {
    const id = /^the ledger keeps OBJECT#[^#]*#(.*)$/.exec(what)?.[1];
    if (cell.value === 'restored' && id !== undefined && world.remote(id) === undefined) return false;
    if (hasForgottenCredential(cell) && what.startsWith('credentials ')) return false;
    const isRemain = kind === 'orphans' || kind === 'duplicates';
    return !(isRemain && left.some((one) => what.includes(one)));
  });
}

function hasForgottenCredential({ type, operation, value, death }: AxisCell): boolean {
  return type === INTEGRATION && operation === 'delete' && value === 'emptied' && death !== undefined;
}

/**
 * Whether the process died right after its answer, and one delivery could not use the ledger. The deliveries
 * do not know each other's answers. The repeat fails too, or it does the work and its objects stay in the
 * ledger; CloudFormation has read the first answer only.
 */
export function isAnswerUnknown({ world, cell, watch }: Surroundings): boolean {
  const { event } = watch;
  const { axis, killClass } = cell;
  const watched = world.requests().find((one) => one.event.ResponseURL === event?.ResponseURL);
  const isHit = watch.hit && axis === 'ledgers' && killClass === 'answering';
  return isHit && watched?.uploads.some(({ body }) => saysLedger(String(body))) === true;
}

/** Objects whose clean-up failed because of the ledger, with their credentials, as the ledger has them. */
function remains(surroundings: Surroundings): string[] {
  const { world, cell } = surroundings;
  if (!cell.value.startsWith('throttled')) return [];
  const records = [...world.ledger('OBJECT#').values()];
  const refused = world.requests('Thing').flatMap(({ event, uploads }) => {
    const isRefused = uploads.some(({ body }) => saysLedger(String(body)));
    return event.RequestType === 'Delete' && isRefused ? [event.PhysicalResourceId ?? ''] : [];
  });
  const ids = isAnswerUnknown(surroundings) ? records.map(({ id }) => String(id)) : refused;
  return ids.flatMap((id) => {
    const record = records.find((one) => one['id'] === id);
    if (record === undefined) return [];
    const { credentialId } = record['details'] as { credentialId?: string };
    return [id, ...(credentialId ? [credentialId] : [])];
  });
}
