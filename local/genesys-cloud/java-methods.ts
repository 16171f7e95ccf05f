/**
 * Methods that templates call on values, as Java has them: Velocity hands the values of a template to Java.
 * `velocityjs` calls JavaScript's methods of the same name instead, and passes over those that JavaScript
 * lacks. So `$text.equals("x")` would be no value at all, and `replace` would replace once.
 */
const text = String;

/** Methods of java.lang.String that JavaScript lacks, or has with another meaning. */
const ofText: Record<string, (value: string, ...args: unknown[]) => unknown> = {
  contains: (value, part) => value.includes(text(part)),
  equalsIgnoreCase: (value, other) => value.toLowerCase() === text(other).toLowerCase(),
  isEmpty: (value) => value === '',
  length: (value) => value.length,
  matches: (value, pattern) => new RegExp(`^(?:${text(pattern)})$`, 's').test(value),
  replace: (value, part, other) => value.replaceAll(text(part), () => text(other)),
  replaceAll: (value, pattern, other) => value.replace(new RegExp(text(pattern), 'g'), text(other)),
  replaceFirst: (value, pattern, other) => value.replace(new RegExp(text(pattern)), text(other)),
  split: (value, pattern) => withoutEmptyEnd(value.split(new RegExp(text(pattern)))),
};

/** Of java.util.List. */
const ofList: Record<string, (value: unknown[], ...args: unknown[]) => unknown> = {
  contains: (value, item) => value.includes(item),
  isEmpty: (value) => value.length === 0,
};

/** Java's `split` leaves out empty texts at the end. */
function withoutEmptyEnd(parts: string[]): string[] {
  const end = parts.findLastIndex((part) => part !== '') + 1;
  return end === 0 ? parts.slice(0, 1) : parts.slice(0, end);
}

interface MethodCall {
  property: string;
  context: unknown;
  params: unknown[];
}

/** The method that Java has for the call; undefined where JavaScript's does the same, or there is none. */
function methodFor({ property, context, params }: MethodCall): (() => unknown) | undefined {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof context);
  if (property === 'equals' && isPlain) return () => context === params[0];
  if (typeof context === 'string' && Object.hasOwn(ofText, property))
    return () => ofText[property]?.(context, ...params);
  if (Array.isArray(context) && Object.hasOwn(ofList, property))
    return () => ofList[property]?.(context, ...params);
  return undefined;
}

/** For `velocityjs`: asked before its own methods. */
export const javaMethods = {
  uid: 'methods of Java',
  match: (call: MethodCall): boolean => methodFor(call) !== undefined,
  resolve: (call: MethodCall): unknown => methodFor(call)?.(),
};
