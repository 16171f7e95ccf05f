/**
 * A CDK app whose stacks are the templates, judged by the rule packs of cdk-nag. `node cdk-app.ts <folder>`
 * writes validation-report.json into the folder.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { templateFiles } from '../../build/templates/template.ts';
import { nodeTools } from './tools.ts';

const templates = resolve(import.meta.dirname, '../../../templates');

export const packs = ['AwsSolutions', 'NIST80053R5', 'HIPAASecurity', 'PCIDSS321', 'Serverless'];

/** The name of the stack that a template becomes. */
export const stackOf = (file: string) => file.replace(/[/.]/g, '-');

/** Synthesizes the templates into a folder, with the rules of cdk-nag. */
export function run([outdir = '']: string[]): void {
  const load = createRequire(nodeTools);
  const { App, Stack, Validations } = load('aws-cdk-lib');
  const { CfnInclude } = load('aws-cdk-lib/cloudformation-include');
  const nag = load('cdk-nag');
  const app = new App({ outdir, analyticsReporting: false });
  for (const file of templateFiles()) {
    const stack = new Stack(app, stackOf(file));
    new CfnInclude(stack, 'T', { templateFile: join(templates, file) });
  }
  Validations.of(app).addPlugins(...packs.map((pack) => new nag[`${pack}Checks`](app)));
  try {
    app.synth();
  } catch {
    // A finding fails the synthesis; the report has it.
  }
}

if (import.meta.main) run(process.argv.slice(2));
