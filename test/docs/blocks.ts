/** Blocks of shell on the pages, and the commands in them as a shell hands them on. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pages, readPage, root } from './markdown.ts';

export interface Block {
  page: string;
  /** Line of its first command. */
  line: number;
  text: string;
  /** The reason of `<!-- not run: … -->` above the block. */
  notRun?: string;
}

/** A command after quotes and variables. */
export interface Command {
  block: Block;
  words: string[];
}

const FENCED =
  /(?:^ *<!-- not run: (?<reason>.*?) -->\n+)?^(?<indent> *)```(?:sh|bash|console)\n(?<text>.*?)^ *```$/gms;

/** The blocks of a page. */
export async function blocksOf(page: string): Promise<Block[]> {
  const whole = await readPage(page);
  return [...whole.matchAll(FENCED)].map(({ index, 0: all, groups = {} }) => {
    const { reason, indent = '', text = '' } = groups;
    const before = whole.slice(0, index + all.indexOf('```'));
    return {
      page,
      line: before.split('\n').length + 1,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      ...(reason === undefined ? {} : { notRun: reason }),
    };
  });
}

/** The blocks of every page that a person reads. */
export async function allBlocks(): Promise<Block[]> {
  const read = (await pages()).filter((page) => !page.startsWith('.'));
  return (await Promise.all(read.map(blocksOf))).flat();
}

/** The text with a word of no meaning for each `<placeholder>`. */
export const filled = ({ text }: Pick<Block, 'text'>) =>
  text.replaceAll(/<[A-Za-z][^<>\n]*>/g, 'placeholder');

export const nameOf = ({ page, line }: Block) => `${page}:${line}`;

export const said = ({ block, words }: Command) => `${nameOf(block)}: ${words.join(' ')}`;

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A program, run to its end. */
export function run(
  command: string,
  args: readonly string[],
  { input = '', ...options }: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      command,
      args,
      { cwd: root, timeout: 110_000, maxBuffer: 16 * 1024 * 1024, ...options },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
    // A program may end without having read it.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Answers of commands on which the shell's own work depends: values, and the ends of loops. */
const ANSWERS = `
  case "$1" in
    aws) echo arn:aws:iam::111122223333:role/value;;
    find) echo templates/provider.yaml;;
    seq) echo 1;;
    curl) case " $* " in *" -f "*) return 22;; esac;;
  esac`;

/**
 * Every command of a page's blocks, which share their variables as in one session. Nothing is run but what
 * bash does itself: no command is on the PATH, and for what is not found bash asks us. A variable that no
 * block sets has its name as its value. The ends of a pipeline write at the same time, and bash writes line
 * by line: each process has a file of its own.
 * @throws Error where bash does not understand the page
 */
export async function commandsOf(ofPage: readonly Block[], folder: string): Promise<Command[]> {
  const records = await mkdtemp(join(folder, 'commands-'));
  const variables = new Set(
    ofPage.flatMap(({ text }) => [...text.matchAll(/\$\{?([A-Z_]{2,})/g)].map(([, name = '']) => name)),
  );
  const script = [
    `command_not_found_handle() { printf '%s\\0' "$block" "$@" $'\\n' >> '${records}'/$BASHPID; ${ANSWERS}; }`,
    'PATH=/nowhere',
    ...[...variables].map((name) => `: "\${${name}:=${name}}"`),
    ...ofPage.map((block, at) => `block=${at}\n${filled(block)}`),
  ].join('\n');
  const { code, stderr } = await run('/bin/bash', ['--norc', '-c', script], {
    cwd: folder,
    env: { LANG: 'C.UTF-8' },
  });
  const [{ page } = { page: '' }] = ofPage;
  if (code > 125 || /syntax error|unexpected/.test(stderr)) throw new Error(`${page}: ${stderr}`);
  const written = await Promise.all(
    (await readdir(records)).map((process) => readFile(join(records, process), 'utf8')),
  );
  return written
    .flatMap((text) => text.split('\n\0').slice(0, -1))
    .flatMap((line): Command[] => {
      const [at, ...words] = line.split('\0').slice(0, -1);
      const block = ofPage[Number(at)];
      return block === undefined ? [] : [{ block, words: afterXargs(words) }];
    });
}

/** The command that xargs runs, in place of its own. */
function afterXargs(words: string[]): string[] {
  const at = words[0] === 'xargs' ? words.indexOf('curl') : -1;
  return at < 0 ? words : words.slice(at);
}

/** The commands of all blocks. In the folder are the files that a reader has beside the checkout. */
export async function allCommands(blocks: readonly Block[], folder: string): Promise<Command[]> {
  for (const name of ['credentials', 'credential', 'client', 'fields', 'action', 'payload'])
    await writeFile(join(folder, `${name}.json`), '{}');
  const found: Command[] = [];
  for (const page of new Set(blocks.map((block) => block.page))) {
    found.push(
      ...(await commandsOf(
        blocks.filter((block) => block.page === page),
        folder,
      )),
    );
  }
  return found;
}
