/** The strict tools of `make lint-templates`, from npm and PyPI, in a folder of their own below .tools/. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, '.tools/lint');

/** Exact versions. aws-cdk-lib reads the templates for cdk-nag; cfn-guard comes with its validator. */
const npmPackages = {
  'aws-cdk-lib': '2.276.0',
  constructs: '10.8.1',
  'cdk-nag': '3.0.2',
  '@cdklabs/cdk-validator-cfnguard': '0.0.62',
};
export const checkovVersion = '3.3.30';
export const cdkNagVersion = npmPackages['cdk-nag'];

/** Runs a program and returns its output, whatever its exit code. @throws Error when it cannot be started */
export function output(command: string, args: string[], env: NodeJS.ProcessEnv = {}): string {
  const { stdout, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  return stdout;
}

/**
 * The PATH without the folders of this checkout. npm looks for its global configuration beside Node, so it
 * has to run by the machine's own Node: the configuration may name a registry and a certificate.
 */
export const pathOfTheMachine = (path: string) =>
  path
    .split(':')
    .filter((one) => !one.startsWith(`${root}/`))
    .join(':');

/** Installs exact versions, unless the note in the folder says that they are there. */
function install(wanted: string[], installer: string, command: string, args: string[]): void {
  const note = join(folder, `${installer}.txt`);
  const versions = wanted.join('\n');
  if (existsSync(note) && readFileSync(note, 'utf8') === versions) return;
  console.log(`installing ${wanted.join(', ')} into .tools/lint`);
  const PATH = pathOfTheMachine(process.env['PATH'] ?? '');
  const { status } = spawnSync(command, [...args, ...wanted], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH },
  });
  if (status !== 0) throw new Error(`${installer} could not install ${wanted.join(', ')}`);
  writeFileSync(note, versions);
}

/**
 * Brings the tools, and again when a version above changes.
 * @throws Error without network, npm or pip
 */
export function setUp(): void {
  const npm = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts'];
  const packages = Object.entries(npmPackages).map(([name, version]) => `${name}@${version}`);
  install(packages, 'npm', 'npm', npm);
  const pip = ['-m', 'pip', 'install', '--quiet', '--upgrade', '--target', join(folder, 'python')];
  install([`checkov==${checkovVersion}`], 'pip', 'python3', pip);
}

/** Where the Node packages are, for createRequire. */
export const nodeTools = join(folder, 'package.json');
export const pythonTools = join(folder, 'python');

const guardPackage = join(folder, 'node_modules/@cdklabs/cdk-validator-cfnguard');
export const controlTowerRules = join(guardPackage, 'rules/control-tower/cfn-guard');

/** The program cfn-guard for this machine. */
export function guardProgram(): string {
  const system = process.platform === 'darwin' ? 'macos' : 'ubuntu';
  const processor = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const program = join(guardPackage, 'bin', system, processor, 'cfn-guard');
  chmodSync(program, 0o755);
  return program;
}
