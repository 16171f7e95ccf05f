/** The calls and models of a collection, as Genesys' JavaScript SDK has them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Refused } from './refused.ts';

const sdk = resolve(import.meta.dirname, '../../../node_modules/purecloud-platform-client-v2');
const apiFolder = join(sdk, 'src/purecloud-platform-client-v2/api');

/** One call of the SDK. */
export interface Call {
  /** `OAuthApi` */
  apiClass: string;
  /** `putOauthClient` */
  name: string;
  method: string;
  /** `/api/v2/oauth/clients/{clientId}` */
  path: string;
  /** The model of its body, without `Models.`; undefined where it has none. */
  body: string | undefined;
  /** The body is a member of the options. */
  bodyInOptions: boolean;
  /** The model of its answer, without `Models.`. */
  answer: string | undefined;
  isPaged: boolean;
}

/** The calls by which objects of a collection are made, read, changed and deleted. */
export interface CollectionCalls {
  list: Call;
  make: Call;
  read: Call;
  change: Call;
  remove: Call;
}

/** Fields of a model by name, with their type and whether they have to be there. */
export type Fields = Map<string, { type: string; required: boolean }>;

const OPERATION =
  /\n\t(?!constructor)(\w+)\([^)]*\) \{(?:(?!\n\t\}\n)[\s\S])*?callApi\(\s*'([^']+)',\s*'([A-Z]+)'/g;

const declarations = () => readFileSync(join(sdk, 'index.d.ts'), 'utf8');

function everyCall(): Call[] {
  const types = declarations();
  return readdirSync(apiFolder).flatMap((file) => {
    const apiClass = file.replace('.js', '');
    const methods = between(types, `\ndeclare class ${apiClass} {`, '\n}');
    const options = between(types, `\ndeclare namespace ${apiClass} {`, '\n}');
    return [...readFileSync(join(apiFolder, file), 'utf8').matchAll(OPERATION)].map(
      ([, name = '', path = '', method = '']) => {
        const [, given = '', answer] =
          new RegExp(`\\b${name}\\((.*)\\): Promise<(?:Models\\.)?(\\w+)>;`).exec(methods) ?? [];
        const option = between(options, `interface ${name}Options {`, '}');
        return {
          apiClass,
          name,
          method,
          path,
          body: /"?\bbody"?\??: Models\.(\w+)/.exec(`${given}\n${option}`)?.[1],
          bodyInOptions: option.includes('"body"'),
          answer,
          isPaged: option.includes('"pageNumber"'),
        };
      },
    );
  });
}

const between = (text: string, start: string, end: string): string => {
  const at = text.indexOf(start);
  return at < 0 ? '' : text.slice(at, text.indexOf(end, at + start.length));
};

/** The fields of a model of the SDK; none where it has no such model. */
export function fieldsOf(model: string): Fields {
  const body = between(declarations(), `\texport interface ${model} { `, '\n\t}');
  return new Map(
    [...body.matchAll(/^\t\t"(\w+)"(\?)?: (.*);$/gm)].map(([, name = '', optional, type = '']) => [
      name,
      { type, required: optional === undefined },
    ]),
  );
}

/**
 * The calls of the collection at a path; without a path, of the one whose objects have the type's name.
 * @throws Refused where the SDK has no such collection
 */
export function callsOf(short: string, path: string | undefined): CollectionCalls {
  const all = everyCall();
  const at = path ?? pathOf(short, all);
  const one = new RegExp(`^${at.replaceAll(/[{}]/g, '\\$&')}/\\{\\w+\\}$`);
  const find = (methods: string[], isPath: (candidate: string) => boolean, what: string): Call => {
    const [found] = methods.flatMap((method) =>
      all.filter((call) => call.method === method && isPath(call.path)),
    );
    if (found !== undefined) return found;
    throw new Refused(
      `Genesys' SDK has no ${methods.join(' or ')} ${what}, so its objects are no collection. Name another path by --path. For a setting of the organization begin with the files of provider/resources/recording-key/.`,
    );
  };
  return {
    list: find(['GET'], (candidate) => candidate === at, at),
    make: find(['POST'], (candidate) => candidate === at, at),
    read: find(['GET'], (candidate) => one.test(candidate), `${at}/{id}`),
    change: find(['PATCH', 'PUT'], (candidate) => one.test(candidate), `${at}/{id}`),
    remove: find(['DELETE'], (candidate) => one.test(candidate), `${at}/{id}`),
  };
}

function pathOf(short: string, all: Call[]): string {
  const paths = all
    .filter(({ method, path, answer }) => method === 'POST' && !path.endsWith('}') && answer === short)
    .map(({ path }) => path)
    .filter((path) => all.some((call) => call.method === 'DELETE' && call.path.startsWith(`${path}/{`)));
  const [path, ...others] = paths;
  if (path !== undefined && others.length === 0) return path;
  const known = paths.length === 0 ? 'none' : paths.join(', ');
  throw new Refused(
    `The collection of ${short} is not clear: Genesys' SDK makes objects of this name at ${known}. Name its path, such as --path /api/v2/oauth/clients.`,
  );
}
