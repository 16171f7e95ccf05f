import { isIP } from 'node:net';
import * as z from 'zod/mini';
import { SettingsError } from '../../common/errors.ts';
import { isPlainObject } from '../../common/objects.ts';
import { flag, invalidProperty, parseProperties, text } from '../properties/index.ts';
import { parseRange, type Range } from './addresses.ts';

/** A name (or address) and a port that callers connect to. */
export interface Host {
  name: string;
  port: number;
}

/** The hosts to check, and the rules for a failure. */
export interface CheckPlan {
  hosts: Host[];
  /** Whether a public address is a failure. */
  expectPrivate: boolean;
  /** Further ranges that count as private, because a VPC may use public addresses as its own. */
  privateRanges: Range[];
  /**
   * Addresses of the VPC's resolver, asked in this order until one answers; a port is written as in
   * 127.0.0.1:5353.
   */
  resolvers: string[];
  /** Time for one name, connection or handshake, in milliseconds. */
  stepMs: number;
  /** Whether a failure fails the custom resource, and with it the stack. */
  failStack: boolean;
}

/**
 * The VPC's resolver at its fixed addresses, in every VPC and Region (VPC User Guide, "Understanding Amazon
 * DNS"). The second one answers to instances and functions with IPv6.
 */
const VPC_RESOLVERS = ['169.254.169.253', 'fd00:ec2::253'];
const STEP_SECONDS = 5;
const MAX_HOSTS = 20;

const LONGEST_NAME = 253;
/** A label of a host name; `_` is no letter of one, but names of services have it. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;
const NAME_AND_PORT = /^([^:]+?)\.?(?::(\d{1,5}))?$/;

/** `api.mypurecloud.ie`, `orders.example.com:8443` or an IPv4 address; undefined for anything else. */
export function parseHost(input: string): Host | undefined {
  const [, name = '', port = '443'] = NAME_AND_PORT.exec(input.trim().toLowerCase()) ?? [];
  if (name.length > LONGEST_NAME || !name.split('.').every((label) => LABEL.test(label))) return undefined;
  if (Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { name, port: Number(port) };
}

/**
 * The parts of a list (CloudFormation sends one), or of text with commas (an environment variable holds it).
 */
const parts = (input: unknown): string[] =>
  (Array.isArray(input) ? input.map(String) : String(input ?? '').split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '');

const schema = z.strictObject({
  ServiceToken: z.optional(z.unknown()),
  ServiceTimeout: z.optional(z.unknown()),
  Hosts: z.optional(z.unknown()),
  ExpectPrivateAddresses: z.optional(flag()),
  FailStack: z.optional(flag()),
  RunId: z.optional(text({ min: 0, max: 1024 })),
});

/**
 * The plan of the function's environment; a custom resource's properties win over it.
 * @throws SettingsError, PropertyError that name the variable or property
 */
export function readCheckPlan(
  environment: NodeJS.ProcessEnv,
  properties: Record<string, unknown> = {},
): CheckPlan {
  const own = parseProperties(schema, properties);
  return {
    hosts:
      own.Hosts === undefined
        ? hostsOf(parts(environment['CONNECTIVITY_HOSTS']), (problem) => {
            throw new SettingsError(`The function's environment variable CONNECTIVITY_HOSTS ${problem}.`);
          })
        : hostsOf(parts(isPlainObject(own.Hosts) ? '' : own.Hosts), (problem) => {
            throw invalidProperty('Hosts', problem, { fault: 'value' });
          }),
    expectPrivate: own.ExpectPrivateAddresses ?? flagOf(environment, 'CONNECTIVITY_EXPECT_PRIVATE', true),
    failStack: own.FailStack ?? flagOf(environment, 'CONNECTIVITY_FAIL_STACK', true),
    privateRanges: parts(environment['CONNECTIVITY_PRIVATE_RANGES']).map((part) => {
      const range = parseRange(part);
      if (range === undefined) malformed('CONNECTIVITY_PRIVATE_RANGES', 'must hold CIDR ranges');
      return range;
    }),
    resolvers: resolversOf(environment),
    stepMs: secondsOf(environment) * 1000,
  };
}

function hostsOf(list: string[], fail: (problem: string) => never): Host[] {
  if (list.length === 0) fail('must hold at least one host, such as api.mypurecloud.ie');
  if (list.length > MAX_HOSTS) fail(`must hold at most ${MAX_HOSTS} hosts, not ${list.length}`);
  return list.map((part) => {
    const host = parseHost(part);
    if (host === undefined)
      fail(
        `holds ${JSON.stringify(part.slice(0, 100))}, which is no host name with an optional port, such as api.mypurecloud.ie:443`,
      );
    return host;
  });
}

function flagOf(environment: NodeJS.ProcessEnv, name: string, otherwise: boolean): boolean {
  const value = environment[name]?.trim() ?? '';
  if (value === '') return otherwise;
  if (value !== 'true' && value !== 'false') malformed(name, 'must be true or false');
  return value === 'true';
}

function resolversOf(environment: NodeJS.ProcessEnv): string[] {
  const name = 'CONNECTIVITY_VPC_RESOLVERS';
  const list = parts(environment[name]);
  for (const part of list) {
    const [, address = part] = /^\[?([0-9a-fA-F.:]+?)\]?:\d{1,5}$/.exec(isIP(part) ? '' : part) ?? [];
    if (isIP(address) === 0) malformed(name, 'must hold IP addresses');
  }
  return list.length === 0 ? VPC_RESOLVERS : list;
}

function secondsOf(environment: NodeJS.ProcessEnv): number {
  const name = 'CONNECTIVITY_STEP_SECONDS';
  const value = environment[name]?.trim() ?? '';
  if (value === '') return STEP_SECONDS;
  const seconds = Number(value);
  if (!(seconds > 0 && seconds <= 10)) malformed(name, 'must be a number of seconds up to 10');
  return seconds;
}

function malformed(name: string, problem: string): never {
  throw new SettingsError(`The function's environment variable ${name} ${problem}.`);
}
