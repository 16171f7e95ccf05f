/** Runs `drift` against a local world, through the command's own door. */
import { run } from '../../../cli/main.ts';
import type { World } from '../../../local/provider/world.ts';

export interface Ended {
  code: number;
  out: string;
  problems: string;
}

/** The environment of a person with a profile of the provider's account. */
export const personOf = ({ aws }: Pick<World, 'aws'>): Record<string, string> => ({
  AWS_ENDPOINT_URL: aws.url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: '123456789012',
  AWS_SECRET_ACCESS_KEY: 'test',
});

/** Runs the command with the person's environment. */
export const drift = (world: Pick<World, 'aws'>, ...args: string[]): Promise<Ended> =>
  driftAs(personOf(world), ...args);

/** @param variables the person's environment */
export async function driftAs(variables: Record<string, string>, ...args: string[]): Promise<Ended> {
  Object.assign(process.env, variables);
  const texts = { out: '', problems: '' };
  const into = (name: keyof typeof texts) => ({
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const code = await run(['drift', ...args], { out: into('out'), problems: into('problems') });
  return { code, ...texts };
}

/** The findings as JSON has them. */
export async function findings(world: Pick<World, 'aws'>, ...args: string[]): Promise<ShownFinding[]> {
  const { out, problems } = await drift(world, '--format', 'json', ...args);
  if (problems !== '') throw new Error(problems);
  return (JSON.parse(out) as { findings: ShownFinding[] }).findings;
}

export interface ShownFinding {
  cause: string;
  stack: string;
  logicalId: string;
  type: string;
  id?: string;
  detail: string;
  fields?: { path: string; applied?: unknown; now?: unknown }[];
}
