/**
 * Preloaded before AWS's runtime client where its native module was not built: hands it our transport instead. All the
 * rest of the client (loading the handler, context, errors, patched console) is AWS's.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === './rapid-client.node'
      ? { url: new URL('./runtime-client.ts', import.meta.url).href, shortCircuit: true }
      : nextResolve(specifier, context),
});
