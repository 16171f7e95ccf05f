/**
 * The first imbalance of a JSON template, in words; undefined where there is none, or where the template
 * cannot be judged.
 *
 * Genesys Cloud fills the template in by Velocity first, so it is no JSON yet. Directives may write brackets
 * in one branch and not in the other, so a template with directives is not judged.
 */
export function imbalance(template: string): string | undefined {
  const text = template.trim();
  if (!/^[{[]/.test(text) || /(?:^|[^\\])#\{?[a-z*#]/i.test(text)) return undefined;
  const open: string[] = [];
  let isInText = false;
  for (const [part = ''] of withoutPlaceholders(text).matchAll(/\\.|["{}[\]]/gs)) {
    if (part === '"') isInText = !isInText;
    else if (isInText || part.startsWith('\\')) continue;
    else if (part === '{' || part === '[') open.push(part === '{' ? '}' : ']');
    else if (open.pop() !== part) return `${part} closes nothing that is open`;
  }
  if (isInText) return 'a text in quotes is not closed';
  return open.length === 0 ? undefined : `${open.at(-1)} is missing at the end`;
}

/** Braces and quotes of Velocity's references are none of JSON's. A method's arguments may hold texts. */
const NAME = String.raw`[A-Za-z_][\w-]*`;
const TEXT = `"[^"]*"|'[^']*'`;
const ARGUMENTS = String.raw`\((?:[^()"']|${TEXT}|\((?:[^()"']|${TEXT})*\))*\)`;
const PATH = String.raw`${NAME}(?:\.${NAME}|\[[^\]]*\]|${ARGUMENTS})*`;
export const REFERENCE = new RegExp(String.raw`\$!?(?:\{${PATH}\}|${PATH})`, 'g');

const withoutPlaceholders = (text: string) => text.replaceAll('\0', '0').replace(REFERENCE, '0');
