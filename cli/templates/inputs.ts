/** The templates that the arguments of the command name: files, folders, globs, and `-` for the input. */
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A template to judge. */
export interface Input {
  /** Its path, or `<stdin>`. */
  file: string;
  text: string;
}

/** A file, folder or glob that gives nothing to judge. */
export class InputProblem extends Error {
  readonly argument: string;
  constructor(argument: string, message: string) {
    super(message);
    this.argument = argument;
  }
}

const TEMPLATE_NAMES = /\.(ya?ml|json|template)$/i;
/** Folders that hold other people's files. */
const SKIPPED = ['node_modules', '.git', '.aws-sam'];

/**
 * The files that an argument names. A folder stands for the templates in it, which are marked as found.
 * @throws InputProblem
 */
export async function filesOf(argument: string): Promise<{ file: string; isFound: boolean }[]> {
  if (argument === '-') return [{ file: '-', isFound: false }];
  const found = await fs.stat(argument).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    if (!/[*?[{]/.test(argument)) throw new InputProblem(argument, `cannot be read: ${found.message}`);
    const files: string[] = [];
    // Node has globs from version 22 on.
    if (!('glob' in fs)) throw new InputProblem(argument, 'is a glob, which needs Node 22 or newer');
    for await (const file of fs.glob(argument)) files.push(file);
    if (files.length === 0) throw new InputProblem(argument, 'fits no file');
    return files.sort().map((file) => ({ file, isFound: false }));
  }
  if (!found.isDirectory()) return [{ file: argument, isFound: false }];
  return (await templatesIn(argument)).map((file) => ({ file, isFound: true }));
}

async function templatesIn(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const lists = await Promise.all(
    entries
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return SKIPPED.includes(entry.name) ? [] : templatesIn(path);
        return entry.isFile() && TEMPLATE_NAMES.test(entry.name) ? [path] : [];
      }),
  );
  return lists.flat();
}

/** The content of a file, or of the standard input. @throws InputProblem */
export async function read(file: string, input: NodeJS.ReadableStream): Promise<Input> {
  try {
    if (file === '-') return { file: '<stdin>', text: await text(input) };
    return { file, text: await fs.readFile(file, 'utf8') };
  } catch (error) {
    throw new InputProblem(file, `cannot be read: ${(error as Error).message}`);
  }
}

/** A file that was found in a folder is judged only where it names a custom resource. */
export const isOurs = (content: string) => /Custom::|AWS::CloudFormation::CustomResource/.test(content);
