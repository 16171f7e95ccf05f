import { explainedMessages, messagesOf, providerMessages } from '../../scripts/build/messages.ts';

/** Reasons of an abort, which the code that aborts takes back itself. */
const SEEN_BY_NOBODY = [
  'no time is left',
  'nobody waits for this any more',
  'no time left',
  'over',
  // Part of another message.
  'KMS gave no data key',
  'DynamoDB did not answer within … s.',
  // An entry of a log.
  'template judged',
  // Of the command `plan`, which turns them into its own words.
  "The ledger's … is not as it was read.",
  'a request of a preview was …',
  'time limit',
  // Met and tried again within a look ahead, or a fault of the command itself.
  "The ledger's … is not as it was read.",
  'a request of a preview was …',
];

const all = (await providerMessages()).map(({ text }) => text);
const explained = await explainedMessages();

test('every message of the provider and of the functions beside it has an entry in docs/troubleshooting.md (else: node scripts/build/messages.ts)', () => {
  const without = all.filter((text) => !explained.includes(text) && !SEEN_BY_NOBODY.includes(text));
  expect([...new Set(without)]).toEqual([]);
});

test('every entry is about a message that there is, and each stands once', () => {
  expect(explained.filter((text) => !all.includes(text))).toEqual([]);
  expect(explained.filter((text, index) => explained.indexOf(text) !== index)).toEqual([]);
});

test.each<[string, string, string[]]>([
  ['a literal', "throw new RefusedError('This is so.');", ['This is so.']],
  [
    'a template, with … for what is filled in',
    'throw new AwsError(`Part ${a}${b}: ${c.d}.`);',
    ['Part …: ….'],
  ],
  ['both branches', "new PropertyError(a ? 'This one.' : `That ${b}.`);", ['This one.', 'That ….']],
  ['parts that are added', "new LoginError('This and ' + 'that', call);", ['This and that']],
  ['a constant', "const what = 'That was so'; throw new ServerError(what, call);", ['That was so']],
  [
    'what a class hands up',
    'class AError extends Error { constructor(a) { super(`This ${a} is so`); } }',
    ['This … is so'],
  ],
  ['the hint of a property', "text({ pattern: /a/, hint: 'must be so' });", ['must be so']],
  ['nothing of what is no message', "log.info('This is so.'); const a = 'b'; throw new GoneError();", []],
])('the messages are read out of the source: %s', async (_what, source, expected) => {
  expect(await messagesOf(source)).toEqual(expected);
});
