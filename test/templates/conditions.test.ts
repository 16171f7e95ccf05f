/** Each template with each of its conditions true and false. AWS's own validator judges every outcome. */
import { CelEngine } from '@aws/cloudformation-validate';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { china, scenarios, sovereignCloud } from '../../scripts/build/templates/scenarios.ts';
import { type Json, readTemplate, templateFiles } from '../../scripts/build/templates/template.ts';

const world = {
  imports: {
    'genesys-cloud-ServiceToken': 'arn:aws:lambda:eu-west-1:111122223333:function:genesys-cloud-provider',
  },
};

/**
 * Resolved documents by the name of their scenario, the smallest first. A template that distinguishes
 * partitions is resolved in other partitions too.
 */
function documents(file: string) {
  const { base, variations } = scenarios[file] ?? { base: {}, variations: {} };
  const template = readTemplate(file);
  const all = [['least', {}] as const, ...Object.entries(variations)].map(
    ([name, change]) => [name, resolve(template, { ...base, ...change }, world)] as const,
  );
  return JSON.stringify(template.Conditions ?? {}).includes('AWS::Partition')
    ? [
        ...all,
        ['in China', resolve(template, base, { ...world, ...china })] as const,
        [
          'in the European Sovereign Cloud',
          resolve(template, base, { ...world, ...sovereignCloud }),
        ] as const,
      ]
    : all;
}

test('every template has scenarios', () => {
  expect(Object.keys(scenarios).sort()).toEqual(templateFiles());
});

describe.each(templateFiles())('%s', (file) => {
  test('is seen with every condition both ways', () => {
    const all = documents(file);
    const names = Object.keys(readTemplate(file).Conditions ?? {});
    const seen = names.map(
      (name) => [name, ...new Set(all.map(([, document]) => document.Conditions[name]))].length,
    );
    expect(names.filter((_, i) => seen[i] !== 3)).toEqual([]);
  });

  test.each(documents(file))('refers to nothing that is not there (%s)', (_name, document) => {
    const dangling: string[] = [];
    const visit = (json: Json | undefined) => {
      if (typeof json !== 'object' || json === null) return;
      if (!Array.isArray(json)) {
        const name = json['Ref'] ?? [json['Fn::GetAtt']].flat()[0];
        if (typeof name === 'string' && !(name in document.Resources)) dangling.push(name);
        const pattern = [json['Fn::Sub']].flat()[0];
        const variables = typeof pattern === 'string' ? pattern.matchAll(/\$\{([A-Za-z0-9]+)/g) : [];
        const local = Array.isArray(json['Fn::Sub']) ? (json['Fn::Sub'][1] as object) : {};
        for (const [, variable = ''] of variables) {
          if (!(variable in document.Resources) && !(variable in local)) dangling.push(variable);
        }
      }
      for (const child of Object.values(json)) visit(child);
    };
    visit(document as unknown as Json);
    const needed = Object.values(document.Resources).flatMap(({ DependsOn }) => DependsOn ?? []);
    expect([...dangling, ...needed.filter((id) => !(id in document.Resources))]).toEqual([]);
  });
});

describe('what AWS CloudFormation Validate says of', () => {
  const engine = new CelEngine({});
  afterAll(() => engine.free());

  const harmless = new Set([
    // This rule lists every property whose change replaces the resource. This is no fault.
    'I9001',
    // A resolved document holds the values of parameters as literals. lint.test.ts judges the template
    // itself.
    'W9002',
    'W9013',
    'I3042',
    'W3010',
    // The value of a parameter of type Number is text in every place.
    'W9003',
  ]);

  test.each(
    templateFiles().flatMap((file) =>
      documents(file).map(([name, document]) => [file, name, document] as const),
    ),
  )('%s (%s): nothing', (_file, _name, { Resources, Outputs }) => {
    const text = JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources, Outputs });
    const { diagnostics } = engine.validateStandard({
      path: 'document.json',
      readBytes: () => Buffer.from(text),
    });
    expect(
      diagnostics
        .filter(({ ruleId }) => !harmless.has(ruleId))
        .map(({ ruleId, message }) => `${ruleId} ${message}`),
    ).toEqual([]);
  });
});
