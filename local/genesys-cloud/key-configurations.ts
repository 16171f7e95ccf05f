import { randomUUID } from 'node:crypto';
import { badRequest, notFound } from './errors.ts';
import { type Call, ok, param, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import type { Organization } from './store.ts';
import type { ModelName } from './validation.ts';

/** The differences between the keys for recordings and those for conversations. */
interface Kind<Configuration extends { id: string }> {
  base: string;
  /** The name of the id in the paths, as in the SDK. */
  idName: string;
  permissions: { view: string[]; edit: string[] };
  body: ModelName;
  present(organization: Organization): Map<string, Configuration>;
  /** The configuration that the body describes. */
  wanted(call: Call, id: string): Configuration;
  /** Why the configuration cannot be used, in words; undefined if it can. */
  problemWith(call: Call, configuration: Configuration): Promise<string | undefined>;
  save(call: Call, id: string): Promise<JsonObject>;
  entity(configuration: Configuration): JsonObject;
}

/** The routes of key configurations. The API has no DELETE for them. */
export function keyConfigurationRoutes<Configuration extends { id: string }>({
  base,
  idName,
  permissions: { view, edit },
  body,
  present,
  wanted,
  problemWith,
  save,
  entity,
}: Kind<Configuration>): Route[] {
  function configurationOf(call: Call): Configuration {
    const id = param(call, idName);
    const configuration = present(call.organization).get(id);
    if (configuration === undefined) throw notFound('key configuration', id);
    return configuration;
  }
  return [
    {
      method: 'GET',
      template: base,
      permissions: view,
      handle({ organization }) {
        const entities = [...present(organization).values()].map(entity);
        return ok({ total: entities.length, entities, selfUri: base });
      },
    },
    {
      method: 'POST',
      template: base,
      permissions: edit,
      body,
      async handle(call) {
        const [first] = present(call.organization).keys();
        const replaces = call.settings.behaviour.secondKeyConfiguration === 'replace';
        return ok(await save(call, replaces && first !== undefined ? first : randomUUID()));
      },
    },
    {
      method: 'POST',
      template: `${base}/validate`,
      permissions: edit,
      body,
      async handle(call) {
        const configuration = wanted(call, randomUUID());
        const problem = await problemWith(call, configuration);
        if (problem !== undefined) throw badRequest(problem, 'invalid.key.configuration');
        return ok(entity(configuration));
      },
    },
    {
      method: 'GET',
      template: `${base}/{${idName}}`,
      permissions: view,
      handle: (call) => ok(entity(configurationOf(call))),
    },
    {
      method: 'PUT',
      template: `${base}/{${idName}}`,
      permissions: edit,
      body,
      handle: async (call) => ok(await save(call, configurationOf(call).id)),
    },
  ];
}
