/** The commands that deploy a template, for its page: with the least parameters, and with most of them. */
import { scenarios } from './templates/scenarios.ts';
import { readTemplate } from './templates/template.ts';

/** Whether CloudFormation asks for CAPABILITY_IAM: for roles and policies, those of nested stacks too. */
export const needsCapability = (file: string): boolean =>
  Object.values(readTemplate(file).Resources).some(({ Type }) =>
    /^AWS::(IAM::|CloudFormation::Stack$)/.test(Type),
  );

const quoted = (value: string) =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;

function command(file: string, parameters: Record<string, string>): string {
  const name = file.split('/').at(-1)?.replace('.yaml', '') ?? '';
  const lines = [
    `aws cloudformation deploy --stack-name genesys-${name.replace(/^genesys-/, '')}`,
    `  --template-file templates/${file}`,
    ...(needsCapability(file) ? ['  --capabilities CAPABILITY_IAM'] : []),
  ];
  const given = Object.entries(parameters).map(([key, value]) => `    ${key}=${quoted(value)}`);
  if (given.length > 0) lines.push('  --parameter-overrides', ...given);
  return ['```sh', lines.join(' \\\n'), '```'].join('\n');
}

/** The section of the page. The values are examples. */
export function deployCommands(file: string): string {
  const { base = {}, variations = {} } = scenarios[file] ?? {};
  const least = command(file, base);
  const [largest] = Object.values(variations).sort((a, b) => Object.keys(b).length - Object.keys(a).length);
  if (largest === undefined) return `With example values:\n\n${least}`;
  const most = command(file, { ...base, ...largest });
  return `With the least parameters, in example values:\n\n${least}\n\nWith more of them:\n\n${most}`;
}
