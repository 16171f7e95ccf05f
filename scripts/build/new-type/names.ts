/** The names of a resource type, derived from the one that a template has. */
export interface Names {
  /** `Custom::GenesysOAuthClient` */
  typeName: string;
  /** `OAuthClient` */
  short: string;
  /** `oauth-client`: folder, page, and kind in the ledger. */
  kebab: string;
  /** `oauthClient` */
  constant: string;
  /** `OAuth client`, as a person calls one of them. */
  noun: string;
  /** `an OAuth client` */
  one: string;
}

/**
 * Answers undefined for a name that is no PascalCase behind `Genesys`.
 * @param said what a person calls one of them, where the words of the name are not it
 */
export function namesOf(name: string, said?: string): Names | undefined {
  const short = /^Genesys((?:[A-Z]+[a-z0-9]+)+)$/.exec(name)?.[1];
  if (short === undefined) return undefined;
  const words = wordsOf(short);
  // A word with a second capital, such as OAuth, keeps its capitals.
  const derived = words.map((word) => (/[A-Z].*[A-Z]/.test(word) ? word : word.toLowerCase())).join(' ');
  const noun = said ?? derived;
  return {
    typeName: `Custom::${name}`,
    short,
    kebab: words.join('-').toLowerCase(),
    constant: constantOf(short),
    noun,
    one: `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`,
  };
}

/** The name of a constant: `OAuthClient` gives `oauthClient`. */
export function constantOf(short: string): string {
  const [first = '', ...others] = wordsOf(short);
  return [first.toLowerCase(), ...others].join('');
}

const wordsOf = (short: string): string[] => short.split(/(?<=[a-z0-9])(?=[A-Z])/);
