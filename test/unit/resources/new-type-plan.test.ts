/** The fields that the generator of resource types lets a PUT send back. */
import { namesOf } from '../../../scripts/build/new-type/names.ts';
import { planOf } from '../../../scripts/build/new-type/plan.ts';

function planned(name: string, path?: string) {
  const names = namesOf(name);
  if (names === undefined) throw new Error(name);
  return planOf(names, path, false);
}

test('a field is kept where Genesys has its model under two names, as divisions', () => {
  expect(planned('GenesysWrapupCode')).toMatchObject({
    kept: ['name', 'division', 'description'],
    otherwise: [],
  });
});

test('fields that Genesys Cloud itself sets are neither sent back nor properties', () => {
  const { kept, unused } = planned('GenesysQueue');
  expect([...kept, ...unused]).toEqual(expect.arrayContaining(['division', 'mediaSettings']));
  expect([...kept, ...unused].join(' ')).not.toMatch(/\b(id|selfUri|dateModified|createdBy|memberCount)\b/);
});

test('a field that a write takes in another form is named, so that nobody loses it', () => {
  const { kept, otherwise } = planned('GenesysLocationDefinition', '/api/v2/locations');
  expect(otherwise).toEqual(['contactUser (string)']);
  expect(kept).not.toContain('contactUser');
});
