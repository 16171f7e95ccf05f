import type { Clock } from '../../common/clock.ts';
import type { Abortable } from '../../common/deadline.ts';
import { scopes } from './addresses.ts';
import { tryConnection } from './connection.ts';
import { type Finding, findingsOf, type HostFacts, list, sentence } from './findings.ts';
import { askResolvers, type Lookup, type Resolution, resolveName, systemLookup } from './names.ts';
import type { CheckPlan, Host } from './plan.ts';

/** The result of a check. Times are in milliseconds. */
export interface Report {
  /** There is no failure; there may be warnings. */
  ok: boolean;
  /** One line for a person: the ways that work, or the first finding and its remedy. */
  summary: string;
  failures: number;
  warnings: number;
  /** Failures first, each kind in the order of hosts and steps. */
  findings: Finding[];
  hosts: HostFacts[];
  ms: number;
}

/** The check ends with its signal; a step that is not done by then counts as timed out. */
export interface CheckOptions extends Abortable {
  clock: Clock;
  /** How the callers resolve names. Default: as the operating system does. */
  lookup?: Lookup;
  /** Certificates (PEM) trusted beside the public authorities. */
  extraCa?: readonly string[];
}

/** Addresses of one host that are tried. An endpoint has one in each zone. */
const MAX_ADDRESSES = 8;

/** Looks at every host of the plan at once. It never rejects, because a failure is a finding. */
export async function check(plan: CheckPlan, options: CheckOptions): Promise<Report> {
  const began = options.clock.now();
  const hosts = await Promise.all(plan.hosts.map((host) => checkHost(host, plan, options)));
  const found = hosts.flatMap((facts) => findingsOf(facts, plan));
  const failures = found.filter(({ severity }) => severity === 'failure');
  const warnings = found.filter(({ severity }) => severity === 'warning');
  return {
    ok: failures.length === 0,
    summary: summaryOf(hosts, failures, warnings),
    failures: failures.length,
    warnings: warnings.length,
    findings: [...failures, ...warnings],
    hosts,
    ms: options.clock.now() - began,
  };
}

async function checkHost(host: Host, plan: CheckPlan, options: CheckOptions): Promise<HostFacts> {
  const { lookup = systemLookup, extraCa, clock, signal } = options;
  const limits = { clock, signal, stepMs: plan.stepMs };
  const scopeOf = scopes(plan.privateRanges);
  const [resolution, vpcResolver] = await Promise.all([
    resolveName(host.name, lookup, scopeOf, limits),
    askResolvers(host.name, plan.resolvers, scopeOf, limits),
  ]);
  const connections = await Promise.all(
    targets(plan, resolution, vpcResolver).map((address) => tryConnection(host, address, limits, extraCa)),
  );
  return { host, resolution, ...(vpcResolver === undefined ? {} : { vpcResolver }), connections };
}

/**
 * The addresses to connect to. Where private ones are expected, a public one is not tried, because a way over
 * the internet says nothing about the private way. Where the callers get no address that is tried, those of
 * the VPC's resolver are tried: they show whether only the resolution of the name is wrong.
 */
function targets(plan: CheckPlan, resolution: Resolution, vpcResolver: Resolution | undefined): string[] {
  const wanted = (answer: Resolution | undefined) =>
    (answer?.addresses ?? [])
      .filter(({ scope }) => !plan.expectPrivate || scope === 'private')
      .map(({ address }) => address);
  const own = wanted(resolution);
  return [...new Set(own.length > 0 ? own : wanted(vpcResolver))].slice(0, MAX_ADDRESSES);
}

function summaryOf(hosts: HostFacts[], failures: Finding[], warnings: Finding[]): string {
  const [first] = failures;
  if (first !== undefined) {
    const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
    return `${sentence(first)}${more}`;
  }
  const ways = hosts.map(({ host, connections }) => {
    const versions = [...new Set(connections.flatMap(({ tls }) => tls?.version ?? []))];
    return `${host.name}:${host.port} by ${list(connections.map(({ address }) => address))} with ${versions.join(', ')}`;
  });
  const warned = warnings[0] === undefined ? '' : ` Warning: ${sentence(warnings[0])}`;
  return `Reached ${ways.join('; ')}.${warned}`;
}
