/** The objects that Genesys Cloud holds, of any kind. A new kind needs no line here. */
import type { GenesysCloudServer } from '../genesys-cloud/index.ts';

/** Objects by `kind id`, such as `actions custom_-_…`, with their fields. */
export type Remote = Map<string, Record<string, unknown>>;

/** No resource type makes these: flows are made in Architect, recording keys by Genesys Cloud itself. */
const NOT_MADE = ['flows', 'recordingKeys'];

/** Every object of every organization that a resource may have made. */
export function remoteObjects(genesys: GenesysCloudServer): Remote {
  const remote: Remote = new Map();
  for (const organization of genesys.state().organizations) {
    for (const [kind, objects] of Object.entries(organization)) {
      if (!Array.isArray(objects) || NOT_MADE.includes(kind)) continue;
      for (const object of objects as unknown as { id: string }[])
        remote.set(`${kind} ${object.id}`, { ...object });
    }
  }
  return remote;
}

/** A key configuration has no DELETE. One that is under no key of ours counts as gone. */
export const isThere = ([key, object]: [string, Record<string, unknown>]): boolean =>
  !key.startsWith('keyConfigurations') || object['keyConfigurationType'] !== 'Native';
