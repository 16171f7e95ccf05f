import { matchesGlob } from '../../common/glob.ts';

/** A stack that asks for something, beside the account of the provider that it asks. */
export interface AskingStack {
  stackId: string;
  /**
   * Undefined where the ServiceToken is no ARN with an account: then no stack counts as the provider's
   * neighbour.
   */
  ownAccount: string | undefined;
}

/** The stack of a request, and the account that the request's ServiceToken names. */
export const askingStack = (request: {
  stackId: string;
  properties: Readonly<Record<string, unknown>>;
}): AskingStack => ({
  stackId: request.stackId,
  ownAccount: accountOf(String(request.properties['ServiceToken'])),
});

/** The account of an ARN; undefined where it names none. */
export function accountOf(arn: string): string | undefined {
  const [prefix, , , , account = ''] = arn.split(':');
  return prefix === 'arn' && ACCOUNT.test(account) ? account : undefined;
}

/** The Region and account of an ARN, such as `eu-west-1:123456789012`. */
export const placeOf = (arn: string): string => arn.split(':').slice(3, 5).join(':');

const ACCOUNT = /^\d{12}$/;
const ACCOUNT_AND_NAME = /^(\d{12})\/(.+)$/;

export const stackNameOf = (stackId: string): string => stackId.split('/')[1] ?? '';

/**
 * The form of an entry that admits stacks of others: it must not admit every stack of an account without
 * naming the account. So a name that is nothing but `*` and `?` needs an account of 12 digits before it.
 */
export const STACK_ENTRY =
  /^(?:\d{12}\/[A-Za-z0-9*?-]+|(?=[*?-]*[A-Za-z0-9])[A-Za-z0-9*?-]+|arn:[a-z*?-]+:cloudformation:[a-z0-9*?-]+:(?:\d{12}:stack\/[A-Za-z0-9*?-]+|[\d*?]+:stack\/(?=[*?-]*[A-Za-z0-9])[A-Za-z0-9*?-]+)(?:\/[A-Za-z0-9*?-]+)?)$/;

/**
 * Whether an entry of a list admits a stack: a glob over names, a glob over ids, or `<account>/<glob over
 * names>`. The author of a stack chooses its name. So a name alone, or an id whose account is a glob, admits
 * stacks of the provider's own account only.
 */
export function admitsStack(entry: string, { stackId, ownAccount }: AskingStack): boolean {
  const account = accountOf(stackId);
  if (account === undefined) return false;
  const [, namedAccount, nameInAccount] = ACCOUNT_AND_NAME.exec(entry) ?? [];
  if (namedAccount !== undefined && nameInAccount !== undefined)
    return namedAccount === account && matchesGlob(nameInAccount, stackNameOf(stackId));
  const isOfOwnAccount = account === ownAccount;
  if (!entry.startsWith('arn:')) return isOfOwnAccount && matchesGlob(entry, stackNameOf(stackId));
  return (isOfOwnAccount || accountOf(entry) === account) && matchesGlob(entry, stackId);
}
