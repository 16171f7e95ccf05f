import type { Clock } from '../../common/clock.ts';

/** Genesys Cloud's index shows new names this late (its Terraform provider looks for 15 s). */
export const INDEX_LAG_MILLISECONDS = 15_000;

/** Ids of the objects of a kind, as a list showed them at one moment. */
interface Listing {
  /** Milliseconds since the epoch. */
  at: number;
  ids: ReadonlySet<string>;
}

/** The absence of an object from a list may be trusted for this long: an id is never given twice. */
const TRUSTED_MILLISECONDS = 5 * 60_000;

/**
 * The newest list of each kind that this container has read. The removals of a stack come one after the
 * other, and where its objects are missing each of them has to look at the list: they share one look.
 */
export class Listings {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #newest = new Map<string, Listing>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /**
   * Whether an object is listed. An older list counts only if it does not show the object and was read when
   * the index must have known the object.
   * @param kind organization and kind of the list
   * @param madeAt milliseconds since the epoch at which the object was known; undefined where nobody can tell
   * @param read the ids of the whole list
   */
  async shows(
    kind: string,
    id: string,
    madeAt: number | undefined,
    read: () => Promise<Iterable<string>>,
  ): Promise<boolean> {
    const known = this.#newest.get(kind);
    const now = this.#clock.now();
    const isOld = known === undefined || now - known.at > TRUSTED_MILLISECONDS;
    const mustHaveShown =
      madeAt !== undefined && known !== undefined && known.at - madeAt > INDEX_LAG_MILLISECONDS;
    if (!isOld && mustHaveShown && !known.ids.has(id)) return false;
    const listing: Listing = { at: now, ids: new Set(await read()) };
    this.#newest.set(kind, listing);
    return listing.ids.has(id);
  }
}
