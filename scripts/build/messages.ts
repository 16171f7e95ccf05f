/**
 * Reads the messages that the provider, and the functions beside it, can show to a person out of their
 * source: thrown errors, hints of the property schemas, and explanations of a refused key.
 * docs/troubleshooting.md has an entry for each, and a test compares both.
 * `node scripts/build/messages.ts` prints the messages without an entry.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from '@swc/core';

const root = resolve(import.meta.dirname, '../..');

export interface Message {
  /** The message, with `…` in place of each inserted value. */
  text: string;
  file: string;
}

/** A node of the syntax tree. */
type Syntax = { type?: string; [member: string]: unknown };

/** Values of members with these names become messages. */
const MEMBERS = ['hint', 'message', 'what'];
/** Functions whose second argument says what is wrong with the property of the first. */
const PROBLEMS = ['problemAt', 'invalidProperty', 'fail'];

export async function providerMessages(): Promise<Message[]> {
  const messages: Message[] = [];
  for (const folder of ['provider', 'operations']) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((one) => one.endsWith('.ts')).sort()) {
      const file = join(folder, name);
      const texts = await messagesOf(await readFile(join(root, file), 'utf8'));
      messages.push(...texts.map((text) => ({ text, file })));
    }
  }
  return messages;
}

/** The messages of a TypeScript source, each once. */
export async function messagesOf(source: string): Promise<string[]> {
  const tree = await parse(source, { syntax: 'typescript', target: 'es2024' });
  return [...new Set(messagesIn(tree as unknown as Syntax))];
}

function messagesIn(tree: Syntax): string[] {
  const constants = new Map<string, string[]>();
  for (const node of everyNode(tree)) {
    if (node.type !== 'VariableDeclarator') continue;
    const name = (node['id'] as Syntax)['value'] as string;
    constants.set(name, [...(constants.get(name) ?? []), ...texts(node['init'] as Syntax, new Map())]);
  }
  const found: string[] = [];
  for (const node of everyNode(tree)) {
    if (node.type === 'NewExpression') {
      if (/Error$/.test(nameOf(node['callee']))) found.push(...texts(argument(node, 0), constants));
    } else if (node.type === 'CallExpression') {
      const { type } = node['callee'] as Syntax;
      if (type === 'Super') found.push(...texts(argument(node, 0), constants));
      if (PROBLEMS.includes(nameOf(node['callee']))) found.push(...texts(argument(node, 1), constants));
    } else if (node.type === 'KeyValueProperty') {
      if (MEMBERS.includes(nameOf(node['key']))) found.push(...texts(node['value'] as Syntax, constants));
    } else if (node.type === 'FunctionDeclaration' && /problem/i.test(nameOf(node['identifier']))) {
      for (const inner of everyNode(node)) {
        if (inner.type === 'ReturnStatement') found.push(...texts(inner['argument'] as Syntax, constants));
      }
    }
  }
  // A message that consists of inserted values has no text to look for.
  return found.filter((text) => /[a-z]{3}/i.test(text));
}

/** The texts that an expression may have; none for an expression that is no literal. */
function texts(node: Syntax | undefined, constants: Map<string, string[]>): string[] {
  switch (node?.type) {
    case 'StringLiteral':
      return [node['value'] as string];
    case 'TemplateLiteral': {
      const parts = (node['quasis'] as { cooked: string }[]).map(({ cooked }) => cooked);
      return [parts.join('…').replace(/…(\s*…)+/g, '…')];
    }
    case 'ParenthesisExpression':
      return texts(node['expression'] as Syntax, constants);
    case 'ConditionalExpression':
      return [
        ...texts(node['consequent'] as Syntax, constants),
        ...texts(node['alternate'] as Syntax, constants),
      ];
    case 'BinaryExpression': {
      const [left, right] = [node['left'], node['right']].map((side) => texts(side as Syntax, constants));
      if (node['operator'] === '+') return (left ?? []).flatMap((a) => (right ?? []).map((b) => a + b));
      return [...(left ?? []), ...(right ?? [])];
    }
    case 'ArrayExpression':
      return (node['elements'] as { expression: Syntax }[]).flatMap(({ expression }) =>
        texts(expression, constants),
      );
    case 'Identifier':
      return constants.get(node['value'] as string) ?? [];
    default:
      return [];
  }
}

const argument = (call: Syntax, index: number): Syntax | undefined =>
  (call['arguments'] as { expression: Syntax }[] | undefined)?.[index]?.expression;

const nameOf = (node: unknown): string => {
  const { type, value } = (node ?? {}) as Syntax;
  return type === 'Identifier' && typeof value === 'string' ? value : '';
};

function* everyNode(node: unknown): Generator<Syntax> {
  if (node === null || typeof node !== 'object') return;
  if (!Array.isArray(node)) yield node as Syntax;
  for (const part of Object.values(node)) yield* everyNode(part);
}

/** The messages that have an entry in docs/troubleshooting.md: its lines `> ‹message›`, in code quotes. */
export async function explainedMessages(): Promise<string[]> {
  const page = await readFile(join(root, 'docs/troubleshooting.md'), 'utf8');
  return [...page.matchAll(/^> `(.+)`$/gm)].map(([, message = '']) => message);
}

/** Prints the messages without an entry in docs/troubleshooting.md. */
export async function run(): Promise<void> {
  const explained = await explainedMessages();
  for (const { text, file } of await providerMessages())
    if (!explained.includes(text)) console.log(`${file}: ${text}`);
}

if (import.meta.main) await run();
