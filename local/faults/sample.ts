/** Evenly spaced entries, so that a sample covers the whole list. */
export function sample<T>(all: readonly T[], size: number): T[] {
  const step = Math.max(1, all.length / size);
  const picked: T[] = [];
  for (let at = 0; at < all.length; at += step) picked.push(all[Math.floor(at)] as T);
  return picked;
}

/** Runs a job for each entry, so many at a time. */
export async function eachOf<T, R>(
  entries: readonly T[],
  atOnce: number,
  job: (entry: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...entries];
  const worker = async () => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift())
      results.push(await job(entry));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
