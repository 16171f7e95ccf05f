/**
 * Finds dynamic references (`{{resolve:…}}`) in values whose functions are resolved already. CloudFormation
 * looks for them last, so a function may put one together out of pieces.
 */
import { SECURE_REFERENCE } from '../../provider/properties/index.ts';
import { type Evaluated, isMap, joined, type Source, Unknown } from './values.ts';

interface Members {
  [name: string]: Evaluated;
}

/**
 * The value with an unknown one in place of each reference: what CloudFormation finds there may be secret.
 * @param isCustom the value is of a custom resource
 */
export function withReferences(value: Members, isCustom: boolean): Members;
export function withReferences(value: Evaluated, isCustom: boolean): Evaluated;
export function withReferences(value: Evaluated, isCustom: boolean): Evaluated {
  if (typeof value === 'string') return inText([value], isCustom);
  if (value instanceof Unknown) return inText(value.parts, isCustom);
  if (Array.isArray(value)) return value.map((item) => withReferences(item, isCustom));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withReferences(part, isCustom)]),
  );
}

function inText(parts: Unknown['parts'], isCustom: boolean): string | Unknown {
  const whole: (string | Unknown)[] = [];
  let reference: (string | Source)[] | undefined;
  for (const piece of parts.flatMap(piecesOf)) {
    if (piece === BEGIN) {
      // A reference has no braces in it, so an earlier beginning was none.
      if (reference) whole.push(BEGIN, ...reference.map(asValue));
      reference = [];
    } else if (reference === undefined) whole.push(asValue(piece));
    else if (piece === END) {
      whole.push(...resolved(reference, isCustom));
      reference = undefined;
    } else reference.push(piece);
  }
  if (reference) whole.push(BEGIN, ...reference.map(asValue));
  return joined(whole);
}

const BEGIN = '{{resolve:';
const END = '}}';

/** A text with every beginning and end of a reference as a piece of its own. */
const piecesOf = (part: string | Source): (string | Source)[] =>
  typeof part === 'string' ? part.split(/(\{\{resolve:|\}\})/).filter((piece) => piece !== '') : [part];

const asValue = (piece: string | Source): string | Unknown =>
  typeof piece === 'string' ? piece : new Unknown(piece);

function resolved(name: readonly (string | Source)[], isCustom: boolean): (string | Unknown)[] {
  const [first = ''] = name;
  if (isCustom && typeof first === 'string' && SECURE_REFERENCE.test(BEGIN + first))
    return [BEGIN, ...name.map(asValue), END];
  const sources = name.filter((piece) => typeof piece !== 'string');
  const shown = name.map((piece) => (typeof piece === 'string' ? piece : '…')).join('');
  const by = sources.length === 0 ? '' : ` by ${sources.map(({ why }) => why).join(', ')}`;
  const key = name.map((piece) => (typeof piece === 'string' ? piece : `\0${piece.key}\0`)).join('');
  return [
    new Unknown({ key: `reference ${key}`, why: `the dynamic reference ${shown}${by}`, isSecret: true }),
  ];
}
