/** The words of Genesys Cloud about a failed run of a data action. */
import { isPlainObject } from '../../../common/objects.ts';

const DEEPEST = 6;
const MOST_REASONS = 3;

export interface RunFailure {
  /** Why, for people; undefined where the body says nothing. */
  reason: string | undefined;
  /** Every text of every level, to recognise the failure by. */
  texts: string[];
  /** Some level has the status 403. */
  isForbidden: boolean;
  /** The number of levels below the top that say something. */
  depth: number;
}

/**
 * Reads an ErrorBody. Genesys Cloud puts only the name of the status at the top, the kind of failure into
 * `details` and the reason into `errors` (community.genesys.com, "Passing HTTP return codes from Genesys
 * Cloud Function", December 2025; help page "Data action fails during testing", which has `userMessage` in
 * place of `message`). So the deepest texts are the reason.
 */
export function runFailure(body: unknown): RunFailure {
  const said = textsOf(body, 0);
  const depth = Math.max(0, ...said.filter(({ isKind }) => !isKind).map((text) => text.depth));
  const kinds = said.filter(({ isKind }) => isKind);
  const deepest = said.filter((text) => !text.isKind && text.depth === depth).slice(0, MOST_REASONS);
  const shown = [...kinds, ...deepest].map(({ text }) => text);
  return {
    reason: [...new Set(shown)].join(': ') || undefined,
    texts: said.map(({ text }) => text),
    isForbidden: isForbidden(body, 0),
    depth,
  };
}

interface Said {
  text: string;
  depth: number;
  /** A kind of failure, such as `ACTION.REMOTE_ENDPOINT`. */
  isKind: boolean;
}

function textsOf(body: unknown, depth: number): Said[] {
  if (!isPlainObject(body) || depth > DEEPEST) return [];
  const text = [body['message'], body['userMessage'], body['code'], body['errorCode']].find(isText);
  return [
    ...(text === undefined ? [] : [{ text, depth, isKind: false }]),
    ...listOf(body['details'])
      .map((detail) => (isPlainObject(detail) ? detail['errorCode'] : undefined))
      .filter(isText)
      .map((kind) => ({ text: kind, depth, isKind: true })),
    ...listOf(body['errors']).flatMap((error) => textsOf(error, depth + 1)),
  ];
}

function isForbidden(body: unknown, depth: number): boolean {
  if (!isPlainObject(body) || depth > DEEPEST) return false;
  return body['status'] === 403 || listOf(body['errors']).some((error) => isForbidden(error, depth + 1));
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
