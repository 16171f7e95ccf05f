import { createRequire } from 'node:module';
import { SettingsError } from '../../../common/errors.ts';
import { regionOf, regions, resolveEnvironment } from '../../../provider/genesys/index.ts';

test("the regions are those of the SDK's own list", async () => {
  const require = createRequire(import.meta.url);
  const file = require.resolve(
    'purecloud-platform-client-v2/src/purecloud-platform-client-v2/PureCloudRegionHosts.js',
  );
  const { default: hosts } = (await import(file)) as { default: Record<string, string> };
  const names = Object.fromEntries(
    Object.entries(hosts).map(([name, domain]) => [name.replaceAll('_', '-'), domain]),
  );
  expect(Object.fromEntries(regions.map(({ awsRegion, domain }) => [awsRegion, domain]))).toEqual(names);
});

test.each(regions.map((region) => [region.domain, region.awsRegion]))(
  '%s and %s are one region',
  (domain, name) => {
    expect(resolveEnvironment(domain)).toEqual({ domain, awsRegion: name });
    expect(resolveEnvironment(` ${name.toUpperCase()} `)).toEqual({ domain, awsRegion: name });
    expect(regionOf(domain)).toBe(name);
  },
);

test.each([
  ['mypurecloud.co', 'mypurecloud.com'],
  ['https://api.mypurecloud.ie', 'mypurecloud.ie'],
  ['login.euw2.pure.cloud', 'euw2.pure.cloud'],
  ['eu-west-3', 'eu-west-1'],
  ['usw2.pure.clod', 'usw2.pure.cloud'],
])('%s is refused and %s offered', (text, near) => {
  expect(() => resolveEnvironment(text)).toThrow(SettingsError);
  expect(() => resolveEnvironment(text)).toThrow(near);
});

test.each(['', 'x'.repeat(100_000)])('nonsense is refused with a short message', (text) => {
  expect(() => resolveEnvironment(text, 'SETTING')).toThrow(/^SETTING is .{1,300}$/);
});

test('an unknown domain has no region', () => {
  expect(regionOf('example.com')).toBeUndefined();
});
