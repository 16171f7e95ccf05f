/** Every template in the other partitions of AWS: names of services, principals, ARNs and accounts. */
import { Refused, resolve } from '../../scripts/build/templates/resolve.ts';
import {
  china,
  genesysAccount,
  govCloud,
  scenarios,
  sovereignCloud,
} from '../../scripts/build/templates/scenarios.ts';
import { readTemplate, templateFiles } from '../../scripts/build/templates/template.ts';

const partitions = [
  { ...china, vpce: 'cn.com.amazonaws' },
  { ...govCloud, vpce: 'com.amazonaws' },
  { ...sovereignCloud, vpce: 'eu.amazonaws' },
];
type Partition = (typeof partitions)[number];

/** A parameter as it is in the partition. */
const there = (value: string, { partition, region, urlSuffix, vpce }: Partition) =>
  value
    .replaceAll('arn:aws:', `arn:${partition}:`)
    .replaceAll('com.amazonaws.vpce', `${vpce}.vpce`)
    .replaceAll(/\b(eu|us)-(west|east)-\d\b/g, region)
    .replaceAll('amazonaws.com', urlSuffix);

/** Genesys Cloud regions stay what they are; only ARNs and addresses of AWS move. */
function parameters(file: string, change: Record<string, string>, where: Partition) {
  const { Parameters = {} } = readTemplate(file);
  const given = { ...scenarios[file]?.base, ...change };
  const moved = Object.entries(given).map(([name, value]) => [
    name,
    name.endsWith('GenesysEnvironment') ? value : there(value, where),
  ]);
  const account = Parameters['GenesysAccountId'] === undefined ? {} : { GenesysAccountId: '123456789012' };
  return { ...Object.fromEntries(moved), ...account };
}

const cases = templateFiles().flatMap((file) =>
  [{}, ...Object.values(scenarios[file]?.variations ?? {})].flatMap((change, i) =>
    partitions.map((where) => [file, where.partition, i, change, where] as const),
  ),
);

test.each(cases)('%s in %s (%i) names everything as it is there', (file, _partition, _i, change, where) => {
  const { partition, region, urlSuffix } = where;
  const { Resources, Outputs } = resolve(readTemplate(file), parameters(file, change, where), {
    partition,
    region,
    urlSuffix,
  });
  const text = JSON.stringify([Resources, Outputs]);
  expect([...text.matchAll(/arn:aws[a-z-]*:/g)].filter(([one]) => one !== `arn:${partition}:`)).toEqual([]);
  // Principals of services and sources of events end with amazonaws.com in every partition. Names of endpoint
  // services are written backwards, and have tests of their own.
  const isPrincipal = (one: string) => /^([a-z-]+\.)+amazonaws\.com$/.test(one);
  const isEndpointService = (one: string) => /^(cn\.)?(com|eu)\.amazonaws\./.test(one);
  const hosts = [...text.matchAll(/[A-Za-z0-9.*-]*\.amazonaws\.[a-z.]*[a-z]/g)]
    .map(([host]) => host)
    .filter((host) => !host.endsWith(`.${urlSuffix}`) && !isPrincipal(host) && !isEndpointService(host));
  expect(hosts).toEqual([]);
  expect(text).not.toMatch(/\beu-west-1\b/);
});

const trusting = templateFiles().filter(
  (file) => readTemplate(file).Parameters?.['GenesysAccountId'] !== undefined,
);

test.each(trusting.flatMap((file) => partitions.map((where) => [file, where.partition, where] as const)))(
  "%s in %s refuses the account that Genesys Cloud has in AWS's commercial Regions",
  (file, _partition, where) => {
    const { partition, region, urlSuffix } = where;
    const attempt = () =>
      resolve(
        readTemplate(file),
        { ...parameters(file, {}, where), GenesysAccountId: genesysAccount },
        { partition, region, urlSuffix },
      );
    expect(attempt).toThrow(Refused);
    expect(attempt).toThrow(/ask Genesys for its account in this partition/);
  },
);
