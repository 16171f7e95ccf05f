/**
 * Gives AWS's runtime client our transport, on machines that could not build its native module. The rest of
 * the client (loading the handler, context, errors, patched console) stays AWS's.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === './rapid-client.node'
      ? { url: new URL('./runtime-client.ts', import.meta.url).href, shortCircuit: true }
      : nextResolve(specifier, context),
});
