import { PropertyError } from '../../provider/properties/index.ts';
import {
  checkTogether,
  LAMBDA_TYPE,
  WEB_SERVICES_TYPE,
} from '../../provider/resources/aws-integration/schema.ts';
import { dataOf, member, referencesOf, textOf } from '../templates/template.ts';
import type { Context, Resource } from './context.ts';
import { hasMisspelt, namesOf } from './properties.ts';
import { policiesOf, roleOf } from './roles.ts';

/** Rules between the properties of an integration, and what has to be there before it. */
export function checkIntegration(resource: Resource, context: Context): void {
  const { logicalId, typeName, properties, at } = resource;
  const data = dataOf(properties) as Record<string, unknown>;
  if (isOfKnownType(resource, data['IntegrationType']) && !properties.entries.has('Fn::Transform')) {
    try {
      // It asks what is there, not what it is.
      checkTogether(data as never);
    } catch (error) {
      if (!(error instanceof PropertyError)) throw error;
      for (const { path, fault, problem } of error.problems) {
        const name = `${logicalId}.${path}`;
        const place = member(properties, path)?.at ?? at;
        if (hasMisspelt(properties, path, namesOf(typeName))) continue;
        if (fault === 'missing') context.report('required', at, name, problem, `Add ${path}.`);
        else
          context.report('combination', place, name, problem, 'Keep the properties of one IntegrationType.');
      }
    }
  }
  checkPolicies(resource, context);
}

/** Whether the type of integration is one of the provider's; a wrong one is a fault of its own. */
function isOfKnownType({ typeName, properties }: Resource, written: unknown): boolean {
  if (written === undefined) return !hasMisspelt(properties, 'IntegrationType', namesOf(typeName));
  return written === LAMBDA_TYPE || written === WEB_SERVICES_TYPE;
}

/** Genesys Cloud looks at the role as soon as the integration is there: its policies must be made before. */
function checkPolicies(resource: Resource, context: Context): void {
  const { logicalId, at } = resource;
  const role = roleOf(resource, context);
  if (role === undefined) return;
  const before = comesBefore(logicalId, context);
  for (const [policy] of policiesOf(role, context)) {
    // A policy that itself needs the integration cannot come before it.
    if (before.has(policy) || comesBefore(policy, context).has(logicalId)) continue;
    context.report(
      'depends-on',
      at,
      logicalId,
      `${policy} gives ${role} its permissions, but nothing makes CloudFormation create it first`,
      `Add DependsOn: ${policy}.`,
    );
  }
}

/** Everything that CloudFormation makes before a resource; itself too, where it is part of a circle. */
export function comesBefore(logicalId: string, context: Context): Set<string> {
  const found = new Set<string>();
  const waiting = [logicalId];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const name of neededBy(next, context)) {
      if (found.has(name)) continue;
      found.add(name);
      waiting.push(name);
    }
  }
  return found;
}

/** Names that a declaration refers to or waits for. They are asked for many times. */
const needs = new WeakMap<Context, Map<string, string[]>>();

function neededBy(logicalId: string, context: Context): string[] {
  const known = needs.get(context) ?? new Map<string, string[]>();
  needs.set(context, known);
  const before = known.get(logicalId);
  if (before !== undefined) return before;
  const declaration = context.declarations.get(logicalId);
  const dependsOn = member(declaration, 'DependsOn');
  const named = (dependsOn?.kind === 'list' ? dependsOn.items : [dependsOn]).map(textOf);
  const referred = declaration === undefined ? [] : [...referencesOf(declaration)].map(({ name }) => name);
  const names = [...new Set([...named, ...referred])].filter(
    (name): name is string => name !== undefined && context.declarations.has(name),
  );
  known.set(logicalId, names);
  return names;
}
