/** Looks into a property schema (zod): what is optional, what it wraps, which members it has. */

interface Definition {
  type: string;
  innerType?: unknown;
  shape?: Record<string, unknown>;
  catchall?: unknown;
}

const definitionOf = (schema: unknown) => (schema as { _zod: { def: Definition } })._zod.def;

export const isOptional = (schema: unknown): boolean =>
  definitionOf(schema).type === 'optional' || definitionOf(schema).type === 'nullable';

/** The schema without what makes it optional. */
export function innerOf(schema: unknown): unknown {
  const { type, innerType } = definitionOf(schema);
  return (type === 'optional' || type === 'nullable') && innerType !== undefined
    ? innerOf(innerType)
    : schema;
}

/** The members of an object's schema, by name; undefined for anything else. */
export const shapeOf = (schema: unknown): Record<string, unknown> | undefined =>
  definitionOf(innerOf(schema)).shape;

/** Whether an object takes members that its schema does not name. */
export const isOpen = (schema: unknown): boolean => definitionOf(innerOf(schema)).catchall === undefined;
