/**
 * Works through a graph as CloudFormation does. A node begins when all its predecessors have succeeded, at
 * most `limit` nodes at a time. `work` resolves to whether the node succeeded. After a failure its successors
 * do not begin; with `stopAtFailure` no other node begins either. Resolves to whether all nodes succeeded.
 */
export async function walk(
  nodes: readonly string[],
  predecessors: (node: string) => readonly string[],
  work: (node: string) => Promise<boolean>,
  { limit, stopAtFailure }: { limit: number; stopAtFailure: boolean },
): Promise<boolean> {
  const waiting = new Set(nodes);
  const succeeded = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let failed = false;

  const ready = (node: string) =>
    predecessors(node).every((other) => succeeded.has(other) || !nodes.includes(other));

  for (;;) {
    if (!(failed && stopAtFailure)) {
      for (const node of waiting) {
        if (running.size >= limit) break;
        if (!ready(node)) continue;
        waiting.delete(node);
        const task = work(node).then((ok) => {
          running.delete(node);
          if (ok) succeeded.add(node);
          else failed = true;
        });
        running.set(node, task);
      }
    }
    if (running.size === 0) return succeeded.size === nodes.length;
    await Promise.race(running.values());
  }
}
