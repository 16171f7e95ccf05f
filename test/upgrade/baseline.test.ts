/** The package of the baseline comes from git history, or the error says how to get it. */
import { baseline, baselineFolder } from '../../scripts/checks/baseline.ts';

test('the note names a full commit, which no tag or branch can move', () => {
  expect(baseline.commit).toMatch(/^[0-9a-f]{40}$/);
});

test('a clone without the commit is told how to complete itself', async () => {
  const missing = { version: '9.9.9', commit: '0'.repeat(40) };
  await expect(baselineFolder(missing)).rejects.toThrow(
    /^Commit 0{40} of version 9\.9\.9 is not in this clone\. .* by: git fetch --unshallow$/,
  );
});
