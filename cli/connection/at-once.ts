/** Objects that are read one by one at the same time, because their lists say too little. */
const AT_ONCE = 8;

/** Runs a few at the same time. The rate limit is the session's own matter. */
export async function eachAtOnce<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const queue = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of queue) await run(one);
    }),
  );
}
