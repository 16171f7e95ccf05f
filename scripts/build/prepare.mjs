/**
 * The script `prepare` of package.json: builds the command in a clone, where npm installs from git or GitHub
 * runs the action. It is plain JavaScript, because an older Node has to read it to be told.
 */
import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? 'scripts/build', '../..');
const run = (command) => execSync(command, { cwd: root, stdio: 'inherit' });

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Node ${process.versions.node} is too old: genesys-cloud-cfn is built by Node 22.18 or newer.`,
  );
  process.exit(2);
}
// npm leaves the packages for development out where the installation is global. It also runs this twice.
// The scripts of packages stay off, as .npmrc has it in a checkout.
if (!existsSync(join(root, 'node_modules/esbuild'))) run('npm ci --no-global --ignore-scripts');
run('node scripts/build/package.ts --command');
