/** The properties of a data action, and what they are once its definition was read. */
import * as z from 'zod/mini';
import { isPlainObject } from '../../../common/objects.ts';
import { registerSecretOfRequest } from '../../../common/redaction.ts';
import { secretsInHeaders } from '../../genesys/index.ts';
import { adoptionProperties, eitherOfBoth } from '../../lifecycle/adoption.ts';
import { commonProperties, type Reading } from '../../lifecycle/resource-type.ts';
import {
  choice,
  flag,
  freeForm,
  jsonSchema,
  missingIssue,
  referencesFor,
  text,
  textMap,
  wholeNumber,
} from '../../properties/index.ts';
import {
  complete,
  type Described,
  definition,
  inlineDefinition,
  isInline,
  missing,
  type Partly,
  REQUEST_TYPES,
  readDefinition,
} from './definition.ts';

const properties = z.strictObject({
  ...commonProperties,
  IntegrationId: text({ max: 256 }),
  /** Values for all properties that are not written beside it. */
  Definition: z.optional(definition()),
  Name: z.optional(text({ max: 256 })),
  Category: z.optional(text({ max: 256 })),
  Secure: z.optional(flag()),
  /** Seconds (1 to 60; Genesys Cloud's default is 60). */
  TimeoutSeconds: z.optional(wholeNumber(1, 60)),
  Contract: z.optional(z.strictObject({ Input: z.optional(jsonSchema()), Output: z.optional(jsonSchema()) })),
  Request: z.optional(
    z.strictObject({
      UrlTemplate: z.optional(text()),
      Type: z.optional(choice(...REQUEST_TYPES)),
      Template: z.optional(text({ min: 0 })),
      Headers: z.optional(textMap()),
    }),
  ),
  Response: z.optional(
    z.strictObject({
      TranslationMap: z.optional(textMap()),
      TranslationMapDefaults: z.optional(textMap()),
      SuccessTemplate: z.optional(text({ min: 0 })),
    }),
  ),
  ...adoptionProperties,
  SmokeTest: z.optional(z.strictObject({ Input: freeForm(), ExpectOutput: z.optional(freeForm()) })),
  DeletionGuard: z.optional(choice('All', 'Replacement', 'None')),
});

/** Without a definition everything that an action needs has to be written. */
export const schema = properties.check(
  z.check<z.infer<typeof properties>>(
    (context) => {
      if (!isPlainObject(context.value) || context.value['Definition'] !== undefined) return;
      for (const path of missing(context.value)) context.issues.push(missingIssue(path, context.value));
    },
    { when: () => true },
  ),
  eitherOfBoth(),
);

/** As the template has them. */
export type WrittenProperties = z.infer<typeof schema>;

/** Completed by the definition. */
export type DataActionProperties = Omit<WrittenProperties, 'Definition' | keyof Described> &
  Described & {
    Secure: boolean;
    /** The content of a definition outside of the template. */
    outside?: Partly;
  };

export async function resolve(
  { Definition, ...written }: WrittenProperties,
  reading: Reading,
): Promise<DataActionProperties> {
  const properties = await completed(Definition, written, reading);
  // Authors write tokens into headers, and Genesys Cloud's refusals may quote them.
  for (const secret of secretsInHeaders(properties.Request.Headers)) registerSecretOfRequest(secret);
  return properties;
}

async function completed(
  source: WrittenProperties['Definition'],
  written: Omit<WrittenProperties, 'Definition'>,
  reading: Reading,
): Promise<DataActionProperties> {
  if (source === undefined) return complete(written, {});
  if (isInline(source))
    return complete(written, inlineDefinition(source, referencesFor(reading)), 'Definition');
  const { from, described } = await readDefinition(source, reading);
  return { ...complete(written, described, from), outside: described };
}
