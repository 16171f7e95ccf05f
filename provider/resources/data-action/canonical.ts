import { canonicalFreeForm, type FreeForm, typedBy } from '../../properties/index.ts';
import { complete, inlineDefinition, isInline } from './definition.ts';
import { configOf } from './mapping.ts';
import type { WrittenProperties } from './schema.ts';

/**
 * Properties of equal actions are equal here: a definition that stands in the template counts as the
 * properties that it stands for, and a default as written out.
 */
export function canonical({ Definition, ...written }: WrittenProperties): unknown {
  const { SmokeTest } = written;
  if (Definition !== undefined && !isInline(Definition)) {
    return {
      ...written,
      Definition,
      ...(SmokeTest && { SmokeTest: mapForms(SmokeTest, canonicalFreeForm) }),
    };
  }
  const whole = complete(written, Definition === undefined ? {} : inlineDefinition(Definition, 'accepted'));
  const {
    Name,
    Category,
    Secure,
    Contract,
    Request: _,
    Response: __,
    TimeoutSeconds: ___,
    ...others
  } = whole;
  return {
    ...others,
    ...{ Name, Category, Secure, Contract },
    config: configOf(whole),
    ...(SmokeTest && {
      SmokeTest: mapForms(SmokeTest, (form, part) => ({
        typed: typedBy(form, part === 'Input' ? Contract.Input : Contract.Output),
      })),
    }),
  };
}

type SmokeTest = NonNullable<WrittenProperties['SmokeTest']>;

const mapForms = (
  { Input, ExpectOutput }: SmokeTest,
  change: (form: FreeForm, part: keyof SmokeTest) => FreeForm,
): SmokeTest => ({
  Input: change(Input, 'Input'),
  ...(ExpectOutput && { ExpectOutput: change(ExpectOutput, 'ExpectOutput') }),
});
