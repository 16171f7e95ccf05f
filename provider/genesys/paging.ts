/** A page of a list in Genesys Cloud. */
export interface Page<T> {
  entities?: T[];
  pageCount?: number;
}

export const PAGE_SIZE = 100;

/**
 * Every entity of a paged list, page after page.
 * @param read reads one page; the first is 1
 */
export async function* entitiesOf<T>(
  read: (page: { pageSize: number; pageNumber: number }) => Promise<Page<T>>,
): AsyncGenerator<T> {
  for (let pageNumber = 1; ; pageNumber += 1) {
    const { entities = [], pageCount = 1 } = await read({ pageSize: PAGE_SIZE, pageNumber });
    yield* entities;
    if (pageNumber >= pageCount || entities.length === 0) return;
  }
}

/** All elements of an asynchronous list. */
export async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}
