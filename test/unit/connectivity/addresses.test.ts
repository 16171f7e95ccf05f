import { parseRange, scopes } from '../../../provider/connectivity/addresses.ts';
import { parseHost, readCheckPlan } from '../../../provider/connectivity/plan.ts';

test.each([
  ['10.0.0.1', 'private'],
  ['10.255.255.255', 'private'],
  ['11.0.0.0', 'public'],
  ['172.15.255.255', 'public'],
  ['172.16.0.0', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', 'public'],
  ['192.168.1.1', 'private'],
  ['192.169.0.1', 'public'],
  ['100.63.255.255', 'public'],
  ['100.64.0.1', 'private'],
  ['100.128.0.0', 'public'],
  ['169.254.1.1', 'private'],
  ['127.0.0.1', 'private'],
  ['198.19.0.1', 'private'],
  ['52.1.2.3', 'public'],
  ['fc00::1', 'private'],
  ['fd12:3456::1', 'private'],
  ['fe80::1', 'private'],
  ['fec0::1', 'public'],
  ['::1', 'private'],
  ['2600:1f18::1', 'public'],
  ['64:ff9b::a00:1', 'public'],
  ['::ffff:10.0.0.1', 'private'],
  ['::ffff:52.1.2.3', 'public'],
])('%s is %s', (address, scope) => {
  expect(scopes()(address)).toBe(scope);
});

test('further ranges are private where they are named', () => {
  const ranges = ['52.1.0.0/16', '2600:1f18::/32'].map(parseRange).filter((range) => range !== undefined);
  expect(['52.1.2.3', '52.2.0.0', '2600:1f18::1', '2600:1f19::1'].map(scopes(ranges))).toEqual([
    'private',
    'public',
    'private',
    'public',
  ]);
});

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', 'fc00::/129', 'all'])('"%s" is no range', (text) => {
  expect(parseRange(text)).toBeUndefined();
});

test.each([
  ['api.mypurecloud.ie', { name: 'api.mypurecloud.ie', port: 443 }],
  [' API.mypurecloud.ie. ', { name: 'api.mypurecloud.ie', port: 443 }],
  ['orders.example.com:8443', { name: 'orders.example.com', port: 8443 }],
  ['10.0.0.1:443', { name: '10.0.0.1', port: 443 }],
  ['https://api.mypurecloud.ie', undefined],
  ['api.mypurecloud.ie:0', undefined],
  ['api.mypurecloud.ie:65536', undefined],
  ['-api.mypurecloud.ie', undefined],
  ['api..ie', undefined],
  ['', undefined],
])('the host "%s" is read as %j', (text, host) => {
  expect(parseHost(text)).toEqual(host);
});

test("a plan has the VPC's resolver at its fixed addresses, private addresses and a failing stack unless told otherwise", () => {
  expect(readCheckPlan({ CONNECTIVITY_HOSTS: 'api.mypurecloud.ie, login.mypurecloud.ie' })).toEqual({
    hosts: [
      { name: 'api.mypurecloud.ie', port: 443 },
      { name: 'login.mypurecloud.ie', port: 443 },
    ],
    expectPrivate: true,
    failStack: true,
    privateRanges: [],
    resolvers: ['169.254.169.253', 'fd00:ec2::253'],
    stepMs: 5000,
  });
});

test('properties of the custom resource win over the environment', () => {
  const environment = { CONNECTIVITY_HOSTS: 'a.test', CONNECTIVITY_FAIL_STACK: 'true' };
  const properties = {
    Hosts: ['b.test:8443'],
    ExpectPrivateAddresses: 'false',
    FailStack: 'false',
    RunId: '7',
  };
  expect(readCheckPlan(environment, properties)).toMatchObject({
    hosts: [{ name: 'b.test', port: 8443 }],
    expectPrivate: false,
    failStack: false,
  });
});

test('more than twenty hosts are refused', () => {
  const hosts = Array.from({ length: 21 }, (_, index) => `h${index}.test`).join(',');
  expect(() => readCheckPlan({ CONNECTIVITY_HOSTS: hosts })).toThrow(/at most 20 hosts, not 21/);
});
