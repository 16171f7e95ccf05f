/**
 * Judges policy documents as far as their text alone shows: who may assume a role, and which functions it may
 * invoke. A statement with a condition that the text does not settle counts as `perhaps`.
 */
import { matchesGlob } from '../../common/glob.ts';
import { isPlainObject } from '../../common/objects.ts';

export interface Statement {
  allows: boolean;
  actions: string[];
  notActions: string[];
  resources: string[];
  notResources: string[];
  /** Of `AWS`; `*` where it is everybody. */
  accounts: string[];
  /** Values by operator and key. */
  condition: Record<string, Record<string, unknown>>;
}

/** The statements of a document, which may be URL-encoded, as IAM answers it. */
export function statementsOf(document: string): Statement[] {
  const text = document.trimStart().startsWith('{') ? document : decodeURIComponent(document);
  const parsed: unknown = JSON.parse(text);
  if (!isPlainObject(parsed)) return [];
  return listOf(parsed['Statement']).filter(isPlainObject).map(statementOf);
}

function statementOf(statement: Record<string, unknown>): Statement {
  const principal = statement['Principal'];
  return {
    allows: statement['Effect'] === 'Allow',
    actions: textsOf(statement['Action']),
    notActions: textsOf(statement['NotAction']),
    resources: textsOf(statement['Resource']),
    notResources: textsOf(statement['NotResource']),
    accounts: isPlainObject(principal) ? textsOf(principal['AWS']) : textsOf(principal),
    condition: isPlainObject(statement['Condition'])
      ? (statement['Condition'] as Statement['condition'])
      : {},
  };
}

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
const textsOf = (value: unknown): string[] => listOf(value).map(String);

/** IAM compares actions without regard to case. */
const covers = (patterns: readonly string[], action: string) =>
  patterns.some((pattern) => matchesGlob(pattern.toLowerCase(), action.toLowerCase()));

/** Whether a statement is about an action on a resource. */
export function isAbout(statement: Statement, action: string, resource: string): boolean {
  const { actions, notActions, resources, notResources } = statement;
  const ofAction = notActions.length > 0 ? !covers(notActions, action) : covers(actions, action);
  const fits = (globs: readonly string[]) => globs.some((glob) => matchesGlob(glob, resource));
  return ofAction && (notResources.length > 0 ? !fits(notResources) : fits(resources));
}

/** Whether policies let their role do something. Every refusal counts, and one allowance is enough. */
export function mayDo(
  statements: readonly Statement[],
  action: string,
  resource: string,
): 'yes' | 'no' | 'perhaps' {
  const about = statements.filter((statement) => isAbout(statement, action, resource));
  const isPlain = ({ condition }: Statement) => Object.keys(condition).length === 0;
  if (about.some((statement) => !statement.allows && isPlain(statement))) return 'no';
  const allowing = about.filter(({ allows }) => allows);
  if (allowing.length === 0) return 'no';
  return about.every(isPlain) || (allowing.some(isPlain) && about.every(({ allows }) => allows))
    ? 'yes'
    : 'perhaps';
}

/** The account of an entry of `Principal.AWS`: a number, an ARN, or `*`. */
const accountIn = (principal: string) => /^arn:[^:]+:iam::(\d{12}):/.exec(principal)?.[1] ?? principal;

/** A comparison of a condition key with texts. */
interface Comparison {
  values: string[];
  /** Whether `*` and `?` of a value stand for any text. */
  hasPatterns: boolean;
}

/** The comparisons of a key. All of them have to hold. */
function comparisonsOf({ condition }: Statement, wanted: string): Comparison[] {
  return Object.entries(condition)
    .filter(([operator]) => /^(ForAnyValue:)?String(Equals|Like)$/i.test(operator))
    .flatMap(([operator, keys]) =>
      Object.entries(keys)
        .filter(([key]) => key.toLowerCase() === wanted)
        .map(([, values]) => ({ values: textsOf(values), hasPatterns: /like$/i.test(operator) })),
    );
}

const admits = ({ values, hasPatterns }: Comparison, id: string) =>
  values.some((value) => (hasPatterns ? matchesGlob(value, id) : value === id));
const admitsOnly = ({ values }: Comparison, id: string) => values.every((value) => value === id);

export interface Trusted {
  /** Accounts that may assume the role with the external id, and with no other. */
  withId: string[];
  /** Accounts that may assume it with the external id, and with others. */
  withOthers: string[];
  /** Accounts that may assume it without any. */
  withoutId: string[];
  /** External ids that the statements ask for. */
  ids: string[];
}

/** The accounts that may assume a role, by its trust policy. */
export function trustOf(document: string, externalId: string): Trusted {
  const statements = statementsOf(document).filter(
    ({ allows, actions, notActions }) =>
      allows && notActions.length === 0 && covers(actions, 'sts:AssumeRole'),
  );
  const trusted: Trusted = { withId: [], withOthers: [], withoutId: [], ids: [] };
  for (const statement of statements) {
    const accounts = statement.accounts.map(accountIn);
    const comparisons = comparisonsOf(statement, 'sts:externalid');
    trusted.ids.push(...comparisons.flatMap(({ values }) => values));
    if (comparisons.length === 0) trusted.withoutId.push(...accounts);
    else if (comparisons.every((one) => admits(one, externalId))) {
      const isAlone = comparisons.some((one) => admitsOnly(one, externalId));
      trusted[isAlone ? 'withId' : 'withOthers'].push(...accounts);
    }
  }
  return trusted;
}
