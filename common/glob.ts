/**
 * Whether a glob matches the whole value: `*` stands for any characters, `?` for one. Case counts.
 *
 * Globs come from tags and parameters, so a hostile one must not block the process, as a regular expression
 * could. The latest `*` takes one more character whenever the rest does not fit, and earlier ones keep what
 * they have: each character of the value is compared at most once with each of the glob.
 */
export function matchesGlob(glob: ArrayLike<string>, value: ArrayLike<string>): boolean {
  let at = 0;
  let star: { at: number; takenUpTo: number } | undefined;
  for (let position = 0; position < value.length; ) {
    const wanted = glob[at];
    if (wanted === '*') {
      star = { at, takenUpTo: position };
      at += 1;
    } else if (wanted !== undefined && (wanted === '?' || wanted === value[position])) {
      at += 1;
      position += 1;
    } else if (star) {
      star.takenUpTo += 1;
      position = star.takenUpTo;
      at = star.at + 1;
    } else {
      return false;
    }
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}
