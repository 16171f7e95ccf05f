/** A template that is resolved with the parameters of a scenario, and its parts. */
import { type Resolved, resolve, type World } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import { type JsonObject, readTemplate } from '../../scripts/build/templates/template.ts';

/** A template with its least parameters, and those that a test changes. */
export const stack = (file: string, change: Record<string, string> = {}, world: World = {}): Resolved =>
  resolve(readTemplate(file), { ...scenarios[file]?.base, ...change }, world);

/** The changes of a named scenario. */
export const variation = (file: string, name: string): Record<string, string> =>
  scenarios[file]?.variations[name] ?? {};

export const properties = ({ Resources }: Resolved, id: string): JsonObject =>
  Resources[id]?.Properties ?? {};

export const ofType = ({ Resources }: Resolved, type: string) =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);
