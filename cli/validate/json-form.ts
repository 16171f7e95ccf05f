import { withoutReferences } from '../../provider/resources/data-action/json-balance.ts';

/**
 * Whether a template with balanced braces is no JSON all the same: a comma too much, a name without quotes.
 *
 * A reference may bring whole members, so only a template is judged whose references are texts in quotes or
 * values of their own; directives and escapes of Velocity may do anything.
 */
export function isMalformed(template: string): boolean {
  const text = template.trim();
  if (/^\{\s*'/.test(text)) return true;
  if (!/^[{[]/.test(text) || /(?:^|[^\\])#\{?[a-z*#]|\\[$#]|\$\{!/i.test(text)) return false;
  const filled = withoutReferences(text, '\0');
  if (filled === undefined) return false;
  const outside = filled.replace(/"(?:\\.|[^"\\])*"/gs, '""');
  const references = outside.match(/\0/g)?.length ?? 0;
  const values = outside.match(/(?<=[:[]\s*)\0(?=\s*[,}\]])/g)?.length ?? 0;
  if (references !== values) return false;
  try {
    JSON.parse(filled.replaceAll('\0', '0'));
    return false;
  } catch {
    return true;
  }
}
