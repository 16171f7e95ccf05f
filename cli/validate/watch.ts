import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { filesOf } from '../templates/inputs.ts';

/** Editors write a file in several steps; one check answers all of them. */
const QUIET_MILLISECONDS = 100;

/** Runs a check now and after every change of the files, until the process is interrupted: exit code 0. */
export async function watchFiles(
  named: string[],
  check: () => Promise<number>,
  say: (text: string) => void,
): Promise<number> {
  await check();
  const files = (await Promise.all(named.map((name) => filesOf(name).catch(() => [])))).flat();
  // Editors replace files, and a watch of the file itself would stay with the old one.
  const folders = new Set(files.map(({ file }) => dirname(file)));
  let timer: NodeJS.Timeout | undefined;
  let isChecking = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isChecking = isChecking.then(async () => {
        say('\n');
        await check();
      });
    }, QUIET_MILLISECONDS);
  };
  const watchers: FSWatcher[] = [...folders].map((folder) => watch(folder, changed));
  say('Watching. Ctrl-C ends it.\n');
  await new Promise<void>((stop) => {
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
  for (const watcher of watchers) watcher.close();
  clearTimeout(timer);
  await isChecking;
  return 0;
}
