/** Everything that the texts of a new type's files are made of. */
import { findRoute } from '../../../local/genesys-cloud/router.ts';
import { lazyApis } from '../../../provider/genesys/apis.ts';
import { constantOf, type Names } from './names.ts';
import { Refused } from './refused.ts';
import { type Call, type CollectionCalls, callsOf, type Fields, fieldsOf } from './sdk.ts';

/** API classes that every session has; the others are loaded by name. */
const ALWAYS_THERE: Record<string, string> = {
  IntegrationsApi: 'integrations',
  OrganizationApi: 'organizations',
  RecordingApi: 'recording',
};

/**
 * Fields that Genesys Cloud itself sets, though models of bodies have them. Genesys' Terraform provider sends
 * none of them (routing_wrapupcode: buildWrapupCodeFromResourceData).
 */
const OF_GENESYS_CLOUD =
  /^(id|selfUri|version|(created|modified)(By|ByApp|Date)|date(Created|Modified)|\w*Count)$/i;

export interface Plan {
  names: Names;
  calls: CollectionCalls;
  /** Models of the answers, and of the bodies of POST and of PUT or PATCH. */
  models: { answer: string; make: string; change: string };
  /** The API class as a session has it: `oauth`. */
  api: { name: string; isLazy: boolean; isKnown: boolean };
  hasDescription: boolean;
  /** A write names the version that it replaces. */
  isVersioned: boolean;
  /** Fields of an answer that a write can send back as they are. */
  kept: string[];
  /** Fields of an answer that a write takes in another form, as `division (WritableDivision)`. */
  otherwise: string[];
  /** Fields that the model of a POST, or of a change, requires and no property gives yet. */
  missing: { make: string[]; change: string[] };
  /** Fields of a POST that no property gives yet, those first that are required. */
  unused: string[];
  permissions: string[];
  /** Calls that the local Genesys Cloud does not serve, as `DELETE /api/v2/…`. */
  unserved: string[];
  /** The type has properties that replace. */
  replaces: boolean;
}

/** @throws Refused where Genesys' SDK has no such collection, or its objects cannot be renamed */
export function planOf(names: Names, path: string | undefined, replaces: boolean): Plan {
  const calls = callsOf(names.short, path);
  const models = {
    answer: calls.read.answer ?? '',
    make: calls.make.body ?? '',
    change: calls.change.body ?? '',
  };
  const fields = {
    answer: fieldsOf(models.answer),
    make: fieldsOf(models.make),
    change: fieldsOf(models.change),
  };
  for (const [model, known] of Object.entries(fields))
    if (!known.has('name'))
      throw new Refused(
        `${models[model as keyof typeof models] || 'A body'} of ${calls.make.path} has no name in Genesys' SDK, and a collection makes each object under a name of its own, which it changes last. Implement ResourceType yourself, as provider/resources/recording-key/ does.`,
      );
  const hasDescription = Object.values(fields).every((known) => known.has('description'));
  const given = ['name', ...(hasDescription ? ['description'] : []), 'version'];
  const settable = (from: Fields) =>
    [...from].filter(([name, { required }]) => required || !OF_GENESYS_CLOUD.test(name));
  const shared = settable(fields.change).filter(([name]) => name !== 'version' && fields.answer.has(name));
  const kept = shared.flatMap(([name]) => (isKept(name, fields.answer, fields.change) ? [name] : []));
  const served = Object.values(calls).map((call) => ({ call, route: routeOf(call) }));
  return {
    names,
    calls,
    models,
    api: apiOf(calls.make.apiClass),
    hasDescription,
    isVersioned: fields.change.has('version'),
    kept,
    otherwise: shared
      .filter(([name, { required }]) => !kept.includes(name) && !required)
      .map(([name, { type }]) => `${name} (${type.replaceAll('Models.', '')})`),
    missing: {
      make: requiredOf(fields.make, given),
      change: calls.change.method === 'PUT' ? requiredOf(fields.change, [...given, ...kept]) : [],
    },
    unused: settable(fields.make)
      .filter(([name]) => !given.includes(name))
      .sort(([, one], [, other]) => Number(other.required) - Number(one.required))
      .map(([name, { required }]) => (required ? `${name} (required)` : name)),
    permissions: [...new Set(served.flatMap(({ route }) => route?.permissions[0] ?? []))],
    unserved: served.flatMap(({ call, route }) =>
      route === undefined ? [`${call.method} ${call.path}`] : [],
    ),
    replaces,
  };
}

const routeOf = ({ method, path }: Call) => findRoute(method, path.replaceAll(/\{\w+\}/g, 'x')).route;

const requiredOf = (fields: Fields, given: string[]): string[] =>
  [...fields].flatMap(([name, { required }]) => (required && !given.includes(name) ? [name] : []));

/** Whether the model of a write takes a field as the model of an answer has it. */
function isKept(name: string, answer: Fields, change: Fields): boolean {
  const [answered, taken] = [answer.get(name), change.get(name)];
  if (answered === undefined || taken === undefined || !fits(answered.type, taken.type)) return false;
  // Every object has a name, though models of answers may call it optional.
  return name === 'name' || answered.required || !taken.required;
}

/** Genesys has models of the same fields under two names, such as Division and WritableDivision. */
function fits(answered: string, taken: string): boolean {
  if (answered === taken) return true;
  const [from, to] = [answered, taken].map((type) => fieldsOf(type.replace('Models.', '')));
  if (from === undefined || to === undefined || from.size === 0 || from.size !== to.size) return false;
  return [...to].every(([name, { type, required }]) => {
    const given = from.get(name);
    return given?.type === type && (given.required || !required);
  });
}

function apiOf(apiClass: string): Plan['api'] {
  const always = ALWAYS_THERE[apiClass];
  if (always !== undefined) return { name: always, isLazy: false, isKnown: true };
  const name = constantOf(apiClass.replace('Api', ''));
  return { name, isLazy: true, isKnown: Object.hasOwn(lazyApis, name) };
}
