/** A parameter whose change replaces something that others know says so. */
import { readFileSync } from 'node:fs';
import {
  isRefused,
  matters,
  replacementPage,
  replacements,
  replacementTable,
  warningOf,
} from '../../scripts/build/replacement.ts';
import { between } from '../../scripts/build/template-docs.ts';
import { templateFiles } from '../../scripts/build/templates/template.ts';

const all = templateFiles().flatMap(replacements);

test('every parameter that replaces a name, data or an output says what a change does', () => {
  const silent = all
    .filter(matters)
    .flatMap(({ template, parameters }) => parameters.map((name) => [template, name] as const))
    .filter(([template, name]) => warningOf(template, name) === '');
  expect(silent).toEqual([]);
});

test('a parameter whose change CloudFormation would refuse, because the name is taken, says never', () => {
  const clashing = all
    .filter(isRefused)
    .flatMap(({ template, parameters }) => parameters.map((name) => [template, name] as const));
  expect(clashing).toEqual([['stacksets/provider.yaml', 'PermissionModel']]);
  for (const [template, name] of clashing) expect(warningOf(template, name)).toMatch(/Never change it/);
});

test('data and keys stay when their resource is replaced, but for queues and examples', () => {
  const lost = all.filter(({ holdsData, keepsOld }) => holdsData && !keepsOld);
  expect(lost.map(({ template, id, property }) => `${template} ${id} ${property}`)).toEqual([
    'examples/private-endpoint.yaml EndpointSecret Name',
    'examples/web-services-endpoint.yaml EndpointSecret Name',
    'provider.yaml FailureQueue QueueName',
  ]);
});

test('the page has the table (else: node scripts/build/template-docs.ts)', () => {
  const page = readFileSync(replacementPage, 'utf8');
  expect(page).toBe(between(page, 'replacements', replacementTable(templateFiles())));
});
