/** The templates that the arguments of the command name: files, folders, globs, and `-` for the input. */
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';

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
/** CloudFormation takes 1 MB (User Guide, "CloudFormation quotas"); blanks and comments may be more. */
const MOST_BYTES = 4_000_000;

/**
 * The files that an argument names. A folder stands for the templates in it, which are marked as found.
 * @throws InputProblem
 */
export async function filesOf(argument: string): Promise<{ file: string; isFound: boolean }[]> {
  if (argument === '-') return [{ file: '-', isFound: false }];
  const found = await fs.stat(argument).catch((error: Error) => ({ error }));
  if ('error' in found) {
    if (!/[*?[{]/.test(argument)) throw unreadable(argument, found.error);
    return (await filesThatFit(argument)).map((file) => ({ file, isFound: false }));
  }
  if (!found.isDirectory()) return [{ file: argument, isFound: false }];
  return (await templatesIn(argument)).map((file) => ({ file, isFound: true }));
}

async function filesThatFit(glob: string): Promise<string[]> {
  // Node has globs from version 22 on.
  if (!('glob' in fs)) throw new InputProblem(glob, 'is a glob, which needs Node 22 or newer');
  const files: string[] = [];
  for await (const file of fs.glob(glob)) {
    // `**` fits folders as well.
    const isFolder = await fs.stat(file).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) files.push(file);
  }
  if (files.length === 0) throw new InputProblem(glob, 'fits no file');
  return files.sort();
}

async function templatesIn(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw unreadable(folder, error);
  });
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

/** The template in a file, or in the standard input. @throws InputProblem */
export async function read(file: string, input: NodeJS.ReadableStream): Promise<Input> {
  if (file === '-') return { file: '<stdin>', text: textIn(await bytesOf('<stdin>', input), '<stdin>') };
  return { file, text: textIn(await bytesOfFile(file), file) };
}

/**
 * The template in a file that was found in a folder; undefined where it names no custom resource, and where
 * it is too large for any template.
 * @throws InputProblem
 */
export async function readFound(file: string): Promise<Input | undefined> {
  const { size } = await fs.stat(file).catch((error: Error) => {
    throw unreadable(file, error);
  });
  if (size > MOST_BYTES) return undefined;
  const bytes = await bytesOfFile(file);
  // Without its zeros a text in UTF-16 can be searched as well.
  if (!isOurs(bytes.toString('latin1').replaceAll('\0', ''))) return undefined;
  return { file, text: textIn(bytes, file) };
}

/** The `Type` of a custom resource, or nearly one of the provider's. Events have a `ResourceType`. */
const CUSTOM_TYPE = /\bType["']?\s*:\s*["']?(?:Custom::|AWS::CloudFormation::CustomResource|[\w:]*Genesys)/i;
export const isOurs = (content: string) => CUSTOM_TYPE.test(content);

const bytesOfFile = (file: string) => bytesOf(file, createReadStream(file));

/** At most as many bytes as are taken, since a device or a pipe may never end. @throws InputProblem */
async function bytesOf(name: string, stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > MOST_BYTES) break;
    }
  } catch (error) {
    throw unreadable(name, error as Error);
  }
  if (size > MOST_BYTES)
    throw new InputProblem(name, 'is larger than 4 MB, and CloudFormation takes templates of 1 MB');
  return Buffer.concat(chunks);
}

/** @throws InputProblem */
function textIn(bytes: Buffer, name: string): string {
  if (bytes.length === 0) throw new InputProblem(name, 'is empty');
  const start = bytes.subarray(0, 2).toString('hex');
  if (start === 'fffe' || start === 'feff')
    throw new InputProblem(name, 'is text in UTF-16, and CloudFormation reads UTF-8');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // The message below says more than the decoder's.
  }
  throw new InputProblem(name, 'is no text in UTF-8');
}

const unreadable = (argument: string, { message }: Error) =>
  new InputProblem(argument, `cannot be read: ${message}`);
