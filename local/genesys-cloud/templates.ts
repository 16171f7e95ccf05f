import velocity from 'velocityjs';
import { javaMethods } from './java-methods.ts';
import { macros } from './macros.ts';

/**
 * Renders a Velocity template with the macros of data actions. A reference to an unknown name stays in the
 * text, as in Velocity.
 * @throws Error when the template is malformed
 */
export function render(template: string, context: Record<string, unknown>): string {
  // velocityjs adds a method to the objects that it is given.
  const libraries = Object.fromEntries(
    Object.entries(macros).map(([name, library]) => [name, { ...library }]),
  );
  return velocity.render(
    template,
    { ...libraries, ...context } as never,
    {},
    { customMethodHandlers: [javaMethods] },
  );
}
