/** One run of each strict tool over all templates. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { templateFiles } from '../../build/templates/template.ts';
import { packs, stackOf } from './cdk-app.ts';
import {
  cdkNagVersion,
  checkovVersion,
  controlTowerRules,
  guardProgram,
  output,
  pythonTools,
} from './tools.ts';

const templates = resolve(import.meta.dirname, '../../../templates');

export interface Finding {
  rule: string;
  /** Template, and logical id where the tool names one. */
  where: string;
  /** Reason of a suppression in the template. */
  reason?: string;
}

export interface Run {
  tool: string;
  version: string;
  /** Which rules were run. */
  rules: string;
  findings: Finding[];
}

const paths = () => templateFiles().map((file) => join(templates, file));
const relative = (path: string) => path.split('templates/').at(-1) ?? path;

export function cfnLint(): Run {
  const found = JSON.parse(output('cfn-lint', ['-f', 'json', '-c', 'I', '-e', '--', ...paths()])) as {
    Filename: string;
    Rule: { Id: string };
  }[];
  return {
    tool: 'cfn-lint',
    version: output('cfn-lint', ['--version']).replace('cfn-lint', '').trim(),
    rules: 'every rule, informational and experimental ones too',
    findings: found.map(({ Rule, Filename }) => ({ rule: Rule.Id, where: relative(Filename) })),
  };
}

interface CheckovRecord {
  check_id: string;
  file_path: string;
  resource: string;
  check_result: { suppress_comment?: string };
}

export function checkov(): Run {
  const args = ['-d', templates, '--framework', 'cloudformation', '--compact', '-o', 'json'];
  const text = output('python3', ['-m', 'checkov.main', ...args, '--skip-download'], {
    PYTHONPATH: pythonTools,
  });
  const { results } = JSON.parse(text) as {
    results: { failed_checks: CheckovRecord[]; skipped_checks: CheckovRecord[] };
  };
  const finding = ({ check_id, file_path, resource, check_result }: CheckovRecord): Finding => ({
    rule: check_id,
    where: `${file_path.slice(1)} ${resource.split('.').at(-1)}`,
    ...(check_result.suppress_comment === undefined ? {} : { reason: check_result.suppress_comment }),
  });
  return {
    tool: 'checkov',
    version: checkovVersion,
    rules: 'every check of the framework cloudformation',
    findings: [...results.failed_checks, ...results.skipped_checks].map(finding),
  };
}

/** cdk-nag judges a CDK app, so each template becomes one of its stacks, in a process of its own. */
export function cdkNag(): Run {
  const outdir = mkdtempSync(join(tmpdir(), 'genesys-cloud-cfn-nag-'));
  const files = new Map(templateFiles().map((file) => [stackOf(file), file]));
  output(process.execPath, [join(import.meta.dirname, 'cdk-app.ts'), outdir]);
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as {
    pluginReports: {
      pluginName: string;
      violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[];
    }[];
  };
  rmSync(outdir, { recursive: true });
  return {
    tool: 'cdk-nag',
    version: cdkNagVersion,
    rules: packs.join(', '),
    findings: report.pluginReports
      // CDK's own validator reads templates of CDK; AWS's validator judges these in the tests.
      .filter(({ pluginName }) => pluginName !== 'CloudFormation Validate')
      .flatMap(({ violations }) =>
        violations.flatMap(({ ruleName, violatingConstructs }) =>
          violatingConstructs.map(({ constructPath }) => {
            const [stack = '', , id = ''] = constructPath.split('/');
            // Packs share rules: `NIST.800.53.R5-LambdaDLQ` and `Serverless-LambdaDLQ` are one.
            const rule = ruleName.replace(/\[.*/, '').replace(/^[A-Za-z0-9.]+-/, '');
            return { rule, where: `${files.get(stack)} ${id}` };
          }),
        ),
      ),
  };
}

/** cfn-guard with a folder of rules. Rules that a template suppresses are not among its findings. */
export function guard(rules: string, folder = controlTowerRules): Run {
  const program = guardProgram();
  const args = ['--rules', folder, '--show-summary', 'none', '--output-format', 'json', '--structured'];
  const reports = JSON.parse(output(program, ['validate', '--data', templates, ...args])) as {
    name: string;
    not_compliant: { Rule: { name: string } }[];
  }[];
  return {
    tool: 'cfn-guard',
    version: output(program, ['--version']).replace('cfn-guard', '').trim(),
    rules,
    findings: reports.flatMap(({ name, not_compliant }) =>
      not_compliant.map(({ Rule }) => ({ rule: Rule.name, where: relative(name) })),
    ),
  };
}
