/** Entry of the function behind the ServiceToken; wires the parts once per container. */
export async function handler(): Promise<void> {
  throw new Error('not wired yet');
}
