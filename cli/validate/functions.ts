/** Functions of the template that CloudFormation does not have, and functions that lack a part. */
import { nearest } from '../../common/text.ts';
import { everyValue, member, textOf } from '../templates/template.ts';
import type { Context, Resource } from './context.ts';

/** CloudFormation Template Reference, "Intrinsic function reference" and "Condition functions". */
const FUNCTIONS = [
  'Ref',
  'Condition',
  ...['Base64', 'Cidr', 'FindInMap', 'GetAtt', 'GetAZs', 'GetStackOutput', 'ImportValue', 'Join', 'Length'],
  ...['Select', 'Split', 'Sub', 'ToJsonString', 'Transform', 'And', 'Equals', 'If', 'Not', 'Or'],
].map((name) => (name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`));
const MISSPELT_LETTERS = 2;

export function checkFunctions({ logicalId, properties }: Resource, { template, report }: Context): void {
  // A macro may have functions of its own.
  const processed = member(template, 'Transform') !== undefined;
  for (const value of everyValue(properties)) {
    if (value.kind !== 'call') continue;
    const { name, argument, at } = value;
    if (!FUNCTIONS.includes(name)) {
      const short = name.replace(/^Fn::/, '');
      const near = nearest(
        short,
        FUNCTIONS.map((known) => known.replace(/^Fn::/, '')),
        MISSPELT_LETTERS,
      );
      if (processed && near === undefined) continue;
      report(
        'function',
        at,
        logicalId,
        `CloudFormation has no function ${short}`,
        near === undefined ? 'Name one of its intrinsic functions.' : `Write ${near}.`,
      );
    } else if (name === 'Fn::GetAtt' && textOf(argument)?.includes('.') === false) {
      report(
        'function',
        at,
        logicalId,
        `GetAtt of ${textOf(argument)} names no attribute`,
        'Write the attribute behind a point, or use Ref.',
      );
    } else if (name === 'Fn::If' && argument.kind === 'list' && argument.items.length !== 3) {
      report(
        'function',
        at,
        logicalId,
        'If takes a condition and two values',
        'Write !Ref AWS::NoValue where there is no other value.',
      );
    }
  }
}
