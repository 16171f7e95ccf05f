/** Which texts of a data action may hold a secret. They are written nowhere. */
import { REFERENCE, TELLING } from './headers.ts';

/** Texts by the properties that hold them. */
export const TEXTS = ['Request.UrlTemplate', 'Request.Template', 'Response.SuccessTemplate'] as const;
export type TextPath = (typeof TEXTS)[number];

/** A text that is nothing but a reference says nothing. */
const ONLY_REFERENCE = /^\$\{[^{}]*\}$/;

/** Those of a definition in a secret, by the provider's rule for its messages. */
export const textsOfSecret = (texts: Record<TextPath, string | undefined>): TextPath[] =>
  TEXTS.filter(
    (path) => texts[path] !== undefined && texts[path] !== '' && !ONLY_REFERENCE.test(texts[path]),
  );

/** Names of the query whose values may be secret, as in `?api_key=…`. A value that names fields is none. */
export function tellingNames(url: string): string[] {
  const query = /\?(.*)$/s.exec(url)?.[1] ?? '';
  const names = query.split(/[&;]/).flatMap((pair) => {
    const [name = '', ...value] = pair.split('=');
    return TELLING.test(name) && withoutReferences(value.join('=')) !== '' ? [name] : [];
  });
  return [...new Set(names)];
}

/** A reference may stand in a call: `$esc.url($!{input.key})`, `${esc.url($input.key)}`. */
function withoutReferences(text: string): string {
  const shorter = text.replaceAll(REFERENCE, '').replaceAll(/\$!?esc\.\w+\(\s*\)/g, '');
  return shorter === text ? text.trim() : withoutReferences(shorter);
}
