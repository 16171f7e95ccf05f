import { badRequest } from './errors.ts';
import type { JsonObject } from './json.ts';

/** A whole number from 1 to `max` in the query. @throws ApiError 400 */
export function integer(query: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw badRequest(
      `${name} must be a whole number from 1 to ${max}, not ${text}`,
      'invalid.query.parameter',
    );
  return value;
}

/** The values of a parameter, which may be repeated or separated by commas. */
export function list(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .concat(query.getAll(`${name}[]`))
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
}

/** One page of `items`, in the shape of the SDK's entity listings. */
export function page(path: string, query: URLSearchParams, items: unknown[], maxPageSize = 100): JsonObject {
  const pageSize = integer(query, 'pageSize', 25, maxPageSize);
  const pageNumber = integer(query, 'pageNumber', 1, Number.MAX_SAFE_INTEGER);
  const pageCount = Math.max(1, Math.ceil(items.length / pageSize));
  const uri = (number: number) => {
    const parameters = new URLSearchParams(query);
    parameters.set('pageSize', String(pageSize));
    parameters.set('pageNumber', String(number));
    return `${path}?${parameters}`;
  };
  return {
    entities: items.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
    pageSize,
    pageNumber,
    total: items.length,
    pageCount,
    selfUri: uri(pageNumber),
    firstUri: uri(1),
    lastUri: uri(pageCount),
    ...(pageNumber < pageCount ? { nextUri: uri(pageNumber + 1) } : {}),
    ...(pageNumber > 1 ? { previousUri: uri(pageNumber - 1) } : {}),
  };
}

/** Sorts by `sortBy` (`name` or `id`) and `sortOrder`. Other fields keep the order. */
export function sorted<T extends { name: string; id: string }>(query: URLSearchParams, items: T[]): T[] {
  const by = query.get('sortBy');
  if (by !== 'name' && by !== 'id') return items;
  const direction = query.get('sortOrder')?.toLowerCase() === 'desc' ? -1 : 1;
  return items.toSorted((one, other) => direction * (one[by] < other[by] ? -1 : one[by] > other[by] ? 1 : 0));
}
