import { ProviderError } from '../../common/errors.ts';
import { cut } from '../../common/text.ts';

/**
 * `unknown`: nothing has this name. `missing`: it has to be there. `value`: its value is none of its kind.
 * `rule`: it does not agree with another property, or with the world outside.
 */
export type Fault = 'unknown' | 'missing' | 'value' | 'rule';

/** One thing that is wrong with what an author wrote. */
export interface PropertyProblem {
  /** Dotted from the resource's properties, or from the top of the file that holds them; '' for all of it. */
  readonly path: string;
  readonly fault: Fault;
  /** Continues the sentence that begins with the path: `must not be empty`. */
  readonly problem: string;
  /** The probable meaning: a whole path for an unknown name, else a value. */
  readonly nearest?: string | undefined;
}

/** A problem; what is said without a fault is a `rule`. */
export function problemAt(
  path: string,
  problem: string,
  { fault = 'rule', nearest }: Partial<Pick<PropertyProblem, 'fault' | 'nearest'>> = {},
): PropertyProblem {
  return { path, fault, problem, nearest };
}

/** A property of the resource is missing, unknown, mistyped or out of range. */
export class PropertyError extends ProviderError {
  readonly problems: readonly PropertyProblem[];

  /** @param of what the paths lead into: the `properties`, or a `definition in s3://…` */
  constructor(problems: readonly PropertyProblem[], of = 'properties') {
    super(`Invalid ${of}: ${sentencesOf(problems, of === 'properties' ? 'the properties' : 'it')}`);
    this.problems = problems;
  }
}

/** The error about a single property. */
export const invalidProperty = (...of: Parameters<typeof problemAt>) => new PropertyError([problemAt(...of)]);

/** Problems that a person sees at once; more are counted. */
const MAX_PROBLEMS = 5;
const LONGEST_PATH = 120;

function sentencesOf(problems: readonly PropertyProblem[], whole: string): string {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ path, problem, nearest }) => {
    const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
    return `${path === '' ? whole : cut(path, LONGEST_PATH)} ${problem}${hint}`;
  });
  const more = problems.length > MAX_PROBLEMS ? [`and ${problems.length - MAX_PROBLEMS} more`] : [];
  const text = [...shown, ...more].join('; ');
  return text.endsWith('?') ? text : `${text}.`;
}
