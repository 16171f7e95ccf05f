/** docs/getting-started.md names exactly the templates that the local AWS cannot deploy as they are. */

import { readTemplate, templateFiles } from '../../scripts/build/templates/template.ts';
import { notEmulated } from '../templates/not-emulated.ts';
import { readPage, section } from './markdown.ts';

const files = templateFiles();

/** Templates that a template nests, by the ends of their addresses. */
const nestedIn = (file: string): string[] =>
  Object.values(readTemplate(file).Resources)
    .filter(({ Type }) => Type === 'AWS::CloudFormation::Stack')
    .map(({ Properties }) => JSON.stringify(Properties?.['TemplateURL'] ?? ''))
    .flatMap((address) => files.filter((other) => address.includes(`}/${other}"`)));

/** Whether a resource of the template, or of one that it nests, has a type that MiniStack refuses. */
function needsAccount(file: string): boolean {
  const { Resources } = readTemplate(file);
  return (
    Object.values(Resources).some(({ Type }) => Type in notEmulated) || nestedIn(file).some(needsAccount)
  );
}

test('the templates that need a real account are listed, and no others', async () => {
  const text = section(await readPage('docs/getting-started.md'), '## On your own machine');
  const listed = [...text.matchAll(/^- `(.+)`$/gm)].map(([, file]) => file);
  expect(listed).toEqual(files.filter(needsAccount));
});
