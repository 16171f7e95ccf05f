/** docs/getting-started.md names exactly the templates that the local AWS cannot deploy as they are. */
import { templateFiles } from '../../scripts/build/templates/template.ts';
import { needsAccount } from '../templates/not-emulated.ts';
import { readPage, section } from './markdown.ts';

test('the templates that need a real account are listed, and no others', async () => {
  const text = section(await readPage('docs/getting-started.md'), '## On your own machine');
  const listed = [...text.matchAll(/^- `(.+)`$/gm)].map(([, file]) => file);
  expect(listed).toEqual(templateFiles().filter(needsAccount));
});
