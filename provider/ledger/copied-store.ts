import {
  type AtLeastOne,
  type CallEnd,
  type Change,
  LedgerConflictError,
  Store,
  type Versioned,
} from './store.ts';

/**
 * A ledger for a look ahead: it reads the items of the table, and keeps every write in memory. So the
 * provider's own rules can note what they would do, and later looks see it, while the table stays as it is.
 */
export class CopiedStore extends Store {
  /** By key; undefined for an item that was removed. */
  readonly #written = new Map<string, Versioned<unknown> | undefined>();

  override async read<T>(key: string, deadline?: CallEnd): Promise<Versioned<T> | undefined> {
    if (!this.#written.has(key)) return super.read<T>(key, deadline);
    // A reader may change what it gets.
    return structuredClone(this.#written.get(key)) as Versioned<T> | undefined;
  }

  override async commit(
    changes: AtLeastOne<Change>,
    deadline?: CallEnd,
  ): Promise<AtLeastOne<Versioned<unknown>>> {
    const there = await Promise.all(changes.map(({ key }) => this.read(key, deadline)));
    changes.forEach(({ key, read }, index) => {
      if (there[index]?.revision !== read?.revision)
        throw new LedgerConflictError(`The ledger's ${key} is not as it was read.`);
    });
    const written = changes.map(({ key, body, read }) => {
      const item = { key, body: structuredClone(body), revision: (read?.revision ?? 0) + 1 };
      this.#written.set(key, body === undefined ? undefined : item);
      return item;
    });
    return written as unknown as AtLeastOne<Versioned<unknown>>;
  }
}
