/** A mistake that a person makes, and the words by which the answer has to help. */
import type { Attempt } from './world.ts';

export interface Mistake {
  /** The mistake in words, which name its test. */
  what: string;
  /** Makes it, and answers the words that the person reads. */
  make: Attempt;
  /** Parts of the answer that name the wrong thing. */
  names: readonly (string | RegExp)[];
  /** Part of the answer that says what to do. */
  advice: string;
  /** Whether the provider or Genesys Cloud waits for most of the time, so that others need not. */
  waits?: true;
}

/** Characters that a person reads in a stack's event without losing the thread. */
const LONGEST = 600;

/** Words that only people of the inside understand, or that nobody may see. */
const UNFIT = [/\n\s+at /, /\bundefined\b/, /\[object Object\]/, /unexpectedly/, /Bearer /];

/** An instruction, or a rule in the form "must …", which is one. */
const INSTRUCTION =
  /\b(?:must|needs?|is required|is missing|is not closed|comes|did you mean|add|ask|check|choose|continue|copy|change|delete|deploy|enable|export|find|give|grant|has to|have|leave|let|store|make|mend|name|put|remove|require|run|say|set|specify|switch|takes?|try|upload|use|wait|write)\b/i;

/** Everything that is wrong with an answer; empty for one that helps. */
export function faultsOf(answer: string, { names, advice }: Mistake, secrets: readonly string[]): string[] {
  const holds = (part: string | RegExp) =>
    typeof part === 'string' ? answer.includes(part) : part.test(answer);
  const faults: string[] = [];
  for (const name of names) if (!holds(name)) faults.push(`does not name ${name}`);
  if (!answer.includes(advice)) faults.push(`does not say ${advice}`);
  if (!INSTRUCTION.test(advice)) faults.push(`"${advice}" tells nobody what to do`);
  if (answer.length > LONGEST) faults.push(`has ${answer.length} characters`);
  for (const pattern of UNFIT) if (pattern.test(answer)) faults.push(`holds ${pattern}`);
  for (const secret of secrets) if (answer.includes(secret)) faults.push('shows a secret');
  return faults;
}
