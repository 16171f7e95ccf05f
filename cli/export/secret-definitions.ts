/** Which data actions have their definition in a secret. The template of their stack says it. */
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { Connection } from '../connection/connect.ts';
import { everyValue, member, parseTemplate, SyntaxProblem, type Value } from '../templates/template.ts';
import type { Inventory } from './inventory.ts';

/** Answers for one data action after the other, and reads the template of a stack once. */
export function secretDefinitions(
  { ownerOf, isFromOutside }: Inventory,
  { cloudFormation }: Pick<Connection, 'cloudFormation'>,
): (id: string) => Promise<boolean> {
  const templates = new Map<string, Promise<Value | undefined>>();
  return async (id) => {
    const owner = ownerOf('action', id);
    if (owner === undefined) return false;
    const { stackId, logicalId } = owner;
    const reading = templates.get(stackId) ?? templateOf(stackId, cloudFormation);
    templates.set(stackId, reading);
    const resource = member(member(await reading, 'Resources'), logicalId);
    const definition = member(member(resource, 'Properties'), 'Definition');
    if (definition !== undefined && namesSecret(definition)) return true;
    // Without a word of the template, what is outside of it may be in a secret.
    return isFromOutside(id) && !isInS3(definition);
  };
}

/** Undefined where this caller cannot see it: a stack of another account or Region, or no permission. */
async function templateOf(stackId: string, client: Connection['cloudFormation']): Promise<Value | undefined> {
  try {
    const command = new GetTemplateCommand({ StackName: stackId, TemplateStage: 'Processed' });
    const { TemplateBody = '' } = await client.send(command);
    return parseTemplate(TemplateBody).template;
  } catch (error) {
    const isHidden = error instanceof Error && /^(?:AccessDenied|ValidationError)/.test(error.name);
    if (isHidden || error instanceof SyntaxProblem) return undefined;
    throw error;
  }
}

/** Conditions and other functions may lead to it. */
function namesSecret(definition: Value): boolean {
  for (const value of everyValue(definition)) if (member(value, 'SecretArn') !== undefined) return true;
  return false;
}

const isInS3 = (definition: Value | undefined): boolean =>
  definition?.kind === 'map' && [...definition.entries.keys()].join() === 'S3';
