/**
 * Time limits of a call to AWS, in ms: a call in the middle of a phone call has no minute to wait. Clients are made
 * when first needed and kept for the container.
 */
export const connectionTimeout = 1000;
export const requestTimeout = 2000;

export function once<T>(create: () => T): () => T {
  let created: T | undefined;
  return () => {
    created ??= create();
    return created;
  };
}
