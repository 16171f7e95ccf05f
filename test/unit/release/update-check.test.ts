import { scenarios } from '../../../scripts/build/templates/scenarios.ts';
import {
  parseTemplate,
  readTemplate,
  templateFiles,
  templateText,
} from '../../../scripts/build/templates/template.ts';
import { compare, forbidden, lastRelease, schemas } from '../../../scripts/release/update-check.ts';
import { releasedTemplate as before } from '../../support/released-template.ts';

const createOnly = schemas();

const findings = (change: (text: string) => string) => {
  const after = change(before);
  if (after === before) throw new Error('the change changed nothing');
  return compare('a.yaml', parseTemplate(before), parseTemplate(after), createOnly).map(
    ({ level, what }) => `${level}: ${what}`,
  );
};
const replaced = (from: string, to: string) => findings((text) => text.replace(from, to));

describe('an update from the last release', () => {
  test('that is the same template, or only grows, has no findings', () => {
    expect(compare('a.yaml', parseTemplate(before), parseTemplate(before), createOnly)).toEqual([]);
    expect(replaced('  Size:', '  More: { Type: String, Default: b }\n  Size:')).toEqual([]);
    expect(replaced('MemorySize: 512', 'MemorySize: 1024')).toEqual([]);
    expect(replaced('[small, large]', '[small, large, huge]')).toEqual([]);
    expect(replaced("!Sub '${Name}-ledger'", "{ Fn::Sub: '${Name}-ledger' }")).toEqual([]);
  });

  test.each([
    [
      "'${Name}-ledger'",
      "'${Name}-table'",
      'never: Ledger (AWS::DynamoDB::Table) is replaced: TableName changed',
    ],
    [
      "'${Name}-provider'",
      "'${Name}-function'",
      'never: Provider (AWS::Lambda::Function) is replaced: FunctionName changed',
    ],
    ['  Ledger:', '  Table:', 'never: Ledger (AWS::DynamoDB::Table) is gone or of another type'],
    [
      "[!Ref Name, '']",
      "[!Ref Name, 'b']",
      'never: Ledger (AWS::DynamoDB::Table) exists under another condition',
    ],
    ['    DeletionPolicy: Retain\n', '', 'never: Ledger lost DeletionPolicy: Retain'],
    [
      'UpdateReplacePolicy: Retain',
      'UpdateReplacePolicy: Delete',
      'never: Ledger lost UpdateReplacePolicy: Retain',
    ],
    ['Path: /a/', 'Path: /b/', 'major: Role (AWS::IAM::Role) is replaced: Path changed'],
    ['  Size: {', '  Extent: {', 'major: parameter Size is gone'],
    ['Name: { Type: String', 'Name: { Type: Number', 'major: parameter Name is of another type'],
    [', Default: a }', ' }', 'major: parameter Name lost its default'],
    ['[small, large]', '[small]', 'major: parameter Size no longer takes large'],
    ['Default: a }', 'Default: a, AllowedValues: [a] }', 'major: parameter Name no longer takes anything'],
    ['  Size:', '  More: { Type: String }\n  Size:', 'major: parameter More is new and has no default'],
    ['  Token:', '  ServiceToken:', 'major: output Token is gone'],
    ['-ServiceToken', '-Token', 'major: output Token is exported otherwise'],
  ])('%j → %j is found', (from, to, expected) => {
    expect(replaced(from, to)).toEqual([expected]);
  });

  test('may take RetainExceptOnCreate for Retain, and lose neither', () => {
    expect(replaced('DeletionPolicy: Retain\n', 'DeletionPolicy: RetainExceptOnCreate\n')).toEqual([]);
    const except = before.replace('DeletionPolicy: Retain\n', 'DeletionPolicy: RetainExceptOnCreate\n');
    const without = before.replace('    DeletionPolicy: Retain\n', '');
    expect(
      compare('a.yaml', parseTemplate(except), parseTemplate(without), createOnly).map(({ what }) => what),
    ).toEqual(['Ledger lost DeletionPolicy: RetainExceptOnCreate']);
  });

  describe('of templates that are resolved', () => {
    const stacks = { base: { Size: 'small' }, variations: { 'without a name': { Name: '' } } };
    const resolved = (from: string, to: string) => {
      const after = before.replace(from, to);
      if (after === before) throw new Error('the change changed nothing');
      return compare('a.yaml', parseTemplate(before), parseTemplate(after), createOnly, stacks).map(
        ({ level, what }) => `${level}: ${what}`,
      );
    };

    test.each([
      ["!Sub '${Name}-ledger'", "!Join ['-', [!Ref Name, ledger]]"],
      ["[!Ref Name, '']", "['', !Ref Name]"],
      // A stack keeps the value that it has.
      ['Default: a }', 'Default: other }'],
      [
        "Export: { Name: !Sub '${Name}-ServiceToken' }",
        "Export: { Name: !Join ['', [!Ref Name, -ServiceToken]] }",
      ],
      ['  Size:', "  More: { Type: String, Default: '' }\n  Size:"],
    ])('%j → %j comes to the same', (from, to) => {
      expect(resolved(from, to)).toEqual([]);
    });

    test.each([
      [
        "'${Name}-ledger'",
        "'${Name}-${AWS::Region}'",
        'never: Ledger (AWS::DynamoDB::Table) is replaced: TableName changed',
      ],
      [
        "[!Ref Name, '']",
        '[!Ref Name, b]',
        'never: Ledger (AWS::DynamoDB::Table) exists under another condition',
      ],
      ['-ServiceToken', '-Token', 'major: output Token is exported otherwise'],
      [
        'Resources:',
        "Rules: { Named: { Assertions: [{ Assert: !Not [!Equals [!Ref Name, '']], AssertDescription: needs a name }] } }\nResources:",
        'major: a stack that was accepted is refused: needs a name',
      ],
    ])('%j → %j is found', (from, to, expected) => {
      expect(resolved(from, to)).toEqual([expected]);
    });
  });

  test('may break what works in a major version, before 1.0.0 in a minor one, and never lose data', () => {
    const major = { level: 'major' as const, template: 'a.yaml', what: 'breaks' };
    const never = { level: 'never' as const, template: 'a.yaml', what: 'loses' };
    expect(forbidden([major, never], '1.2.3', '1.3.0')).toEqual([major, never]);
    expect(forbidden([major, never], '1.2.3', '2.0.0')).toEqual([never]);
    expect(forbidden([major, never], '0.2.3', '0.3.0')).toEqual([never]);
    expect(forbidden([major, never], '0.2.3', '0.2.4')).toEqual([major, never]);
  });

  test('is from the highest version before this one, by numbers', () => {
    expect(lastRelease(['v0.9.0', 'v0.10.0', 'v1.0.0', 'stable', 'v2.0.0-rc.1'], '1.0.0')).toBe('0.10.0');
    expect(lastRelease([''], '0.1.0')).toBeUndefined();
  });
});

test('every template of this checkout can be compared, and is no change to itself', () => {
  for (const file of templateFiles()) {
    const template = parseTemplate(templateText(file));
    expect([file, compare(file, template, template, createOnly)]).toEqual([file, []]);
    expect(Object.keys(scenarios)).toContain(file);
    expect([file, compare(file, template, template, createOnly, scenarios[file])]).toEqual([file, []]);
    expect(Object.keys(template.Resources)).toEqual(Object.keys(readTemplate(file).Resources));
  }
});
