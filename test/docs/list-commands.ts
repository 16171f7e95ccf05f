/** Prints every block of commands on the pages, and how the tests run it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allBlocks, allCommands, nameOf } from './blocks.ts';
import { waysOf } from './ways.ts';

const folder = await mkdtemp(join(tmpdir(), 'commands-'));
try {
  const blocks = await allBlocks();
  const ways = await waysOf(blocks, await allCommands(blocks, folder));
  console.log('| block | first line | how it is run |\n|---|---|---|');
  for (const { block, how, without } of ways) {
    const [first = ''] = block.text.split('\n').filter((line) => !line.startsWith('#'));
    const cell = first.replaceAll('|', '\\|').slice(0, 100);
    const all = without.length > 0 && block.notRun === undefined ? ['NO WAY', ...how] : how;
    console.log(`| ${nameOf(block)} | \`${cell}\` | ${all.join('; ')} |`);
  }
  const marked = blocks.filter(({ notRun }) => notRun !== undefined);
  console.log(`\n${blocks.length} blocks, of which ${marked.length} are marked as not run.`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
