/** The lines that a new type adds to files which are there. */
import { MARK } from './open-points.ts';
import type { Plan } from './plan.ts';

/** Each file with the change of its text. @throws Error where the place of the line is not there */
export const entriesOf = (plan: Plan): Record<string, (text: string) => string> => ({
  'provider/resources/types.ts': (text) =>
    `${text}export { ${plan.names.constant} } from './${plan.names.kebab}/index.ts';\n`,
  'test/protocol/adoption/adoptable.ts': (text) => adoptable(text, plan),
  ...(plan.api.isKnown ? {} : { 'provider/genesys/apis.ts': (text: string) => lazyApi(text, plan) }),
});

function adoptable(text: string, { names, calls }: Plan): string {
  return insertedBefore(
    text,
    /^\];$/m,
    `  {
    type: '${names.typeName}',
    what: '${names.noun}',
    template: ofFirstInputs('${names.typeName}'),
    // ${MARK}: make one as a person would: world.genesys.seed, of ${calls.make.path}.
    byHand: () => '',
  },
`,
  );
}

function lazyApi(text: string, { api, calls }: Plan): string {
  const { apiClass } = calls.make;
  return insertedBefore(
    text,
    /^\};$/m,
    `  ${api.name}: (): Loading<platformClient.${apiClass}> =>
    import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/${apiClass}.js'),
`,
  );
}

function insertedBefore(text: string, place: RegExp, lines: string): string {
  const at = text.search(place);
  if (at < 0) throw new Error(`There is no line ${place}`);
  return text.slice(0, at) + lines + text.slice(at);
}
