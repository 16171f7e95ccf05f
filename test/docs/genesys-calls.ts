/** Calls of Genesys Cloud that a curl on a page makes, beside those that the API has. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './markdown.ts';

const LOGIN = 'POST /oauth/token';

/** Method and path of every operation, as in `GET /api/v2/integrations/{}`, by the SDK's classes. */
export function operationsOfTheApi(): readonly string[] {
  const folder = join(root, 'node_modules/purecloud-platform-client-v2/src/purecloud-platform-client-v2/api');
  const operations = readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/'(\/api\/v2\/[^']*)',\s*'([A-Z]+)'/g)].map(
      ([, path = '', method]) => `${method} ${withoutNames(path)}`,
    ),
  );
  return [...operations, LOGIN];
}

/** Whether a call is an operation. A text in the call may stand for a parameter of the path. */
export function isOperation(call: string, operation: string): boolean {
  const [ours, theirs] = [call.split('/'), operation.split('/')];
  return ours.length === theirs.length && theirs.every((part, at) => part === '{}' || part === ours[at]);
}

/** `{}` for each parameter. On the pages a parameter is a variable or a placeholder. */
const withoutNames = (path: string) => path.replaceAll(/\{[^}]*\}/g, '{}');

/** Method and path of a curl's words; ids in the path become `{}`. */
export function methodAndPath(words: readonly string[]): string {
  const after = (option: string) => words[words.indexOf(option) + 1];
  const given = words.includes('-X') ? after('-X') : undefined;
  const method = given ?? (words.includes('-d') ? 'POST' : 'GET');
  const address = words.find((word) => /\/api\/v2\/|\/oauth\/token$/.test(word)) ?? '';
  const [path = ''] = address.replace(/^.*?(?=\/api\/v2\/|\/oauth\/token$)/, '').split('?');
  return `${method} ${path.split('/').map(segment).join('/')}`;
}

/** Variables without a value have their own name in capitals; of placeholders a word is left. */
const segment = (text: string) => (/^[A-Z_]{2,}$|^placeholder$/.test(text) ? '{}' : text);
