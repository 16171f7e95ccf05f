/** Reads comments and prose, and finds sentences whose subject is a clause where a noun belongs. */

/** A comment that stands on lines of its own; or, with `trailing`, behind code. */
export interface Comment {
  /** Number of its first line. */
  line: number;
  /** Its source lines, as they stand in the file. */
  lines: string[];
  /** Its text, line by line, without the signs that make it a comment. */
  text: string[];
  trailing: boolean;
}

const hash = /^\s*#(?!!) ?(.*)$/;
const slashes = /^\s*\/\/ ?(.*)$/;

/**
 * The comments of a source file. Works line by line, as the formatter writes comments.
 * @param marker how a line comment begins: `//` for TypeScript, `#` for shell and Python
 */
export function commentsOf(source: string, marker: '//' | '#' = '//'): Comment[] {
  const lineComment = marker === '#' ? hash : slashes;
  const found: Comment[] = [];
  let inBlock = false;
  let goesOn = false;
  source.split('\n').forEach((line, at) => {
    const opens = marker === '//' && !inBlock && /^\s*\/\*/.test(line);
    const text = inBlock || opens ? blockText(line) : lineComment.exec(line)?.[1];
    if (text === undefined) {
      const behind = marker === '//' ? /[;,{}()[\]]\s+\/\/ ([^'"`]*)$/.exec(line)?.[1] : undefined;
      if (behind !== undefined) found.push({ line: at + 1, lines: [line], text: [behind], trailing: true });
    } else if (goesOn && !opens) {
      found.at(-1)?.lines.push(line);
      found.at(-1)?.text.push(text);
    } else {
      found.push({ line: at + 1, lines: [line], text: [text], trailing: false });
    }
    const isBlockLine = inBlock || opens;
    inBlock = isBlockLine && !line.includes('*/');
    goesOn = text !== undefined && (inBlock || !isBlockLine);
  });
  return found;
}

const blockText = (line: string) =>
  line
    .replace(/^\s*(?:\/\*\*?|\*(?!\/))?\s?/, '')
    .replace(/\s*\*\/.*$/, '')
    .trimEnd();

/** Sentences of a text; a new paragraph, list item or tag such as `@throws` begins one. */
export function sentencesOf(lines: readonly string[]): string[] {
  return lines
    .join('\n')
    .replace(/```.*?```/gs, '\n\n')
    .replace(/@example.*/s, '')
    .split(/\n\s*\n|\n\s*(?:[-*|]|\d+\.)\s|\n\s*(?=@)/)
    .flatMap((paragraph) =>
      paragraph
        .replace(/\s+/g, ' ')
        .trim()
        .replace(/^@(?:param \w+|\w+) /, '')
        .split(/(?<=[^.\s]{2}[.!?]['")*]*) (?=[A-Z`'"(*])/),
    )
    .filter((sentence) => sentence !== '');
}

/**
 * Beginnings of a sentence whose subject is a clause: "That it is gone …", "Whoever asks …", "Should it fail,
 * …".
 */
const clauseAsSubject = /^[('"*]*(?:That|What|Whatever|Who|Whoever|Whichever|Should)\b/;

/**
 * Whether a clause stands where the sentence needs a noun as its subject. A question may begin with such a
 * word.
 */
export const lacksNoun = (sentence: string) => clauseAsSubject.test(sentence) && !sentence.endsWith('?');
