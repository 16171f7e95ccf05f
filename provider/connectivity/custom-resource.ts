import {
  type Application,
  type CustomResourceRequest,
  type Invocation,
  readPhysicalId,
} from '../protocol/index.ts';
import { fingerprint } from '../runtime/canonical.ts';
import type { Abortable } from '../runtime/deadline.ts';
import { RefusedError } from '../runtime/errors.ts';
import { cutToBytes } from '../runtime/text.ts';
import type { Report } from './check.ts';
import { sentence } from './findings.ts';
import { type CheckPlan, readCheckPlan } from './plan.ts';

/** A failure that fails the stack, because it was asked to. */
export class ConnectivityError extends RefusedError {}

/**
 * `Custom::GenesysConnectivityCheck`: Create and Update run the check, Delete has nothing to do.
 *
 * The physical id holds what was checked last and before that. An Update back to one of the two is how a rollback
 * looks; it reports what it finds and never fails, else a network that broke would hold the stack in
 * UPDATE_ROLLBACK_FAILED.
 */
export function connectivityResource(options: {
  environment: NodeJS.ProcessEnv;
  run: (plan: CheckPlan, deadline: Abortable) => Promise<Report>;
}): Application {
  return {
    async handle(request, { deadline }: Invocation) {
      if (request.type === 'Delete') return { status: 'SUCCESS', physicalId: request.physicalId ?? 'none' };
      const known = checkedBefore(request);
      const current = runOf(request.properties);
      const returns = known.includes(current);
      const plan = readCheckPlan(options.environment, request.properties);
      const report = await options.run(plan, deadline);
      if (!report.ok && plan.failStack && !returns)
        throw new ConnectivityError(`Connectivity check failed: ${report.summary}`);
      return {
        status: 'SUCCESS',
        physicalId: idOf(request, known[0] === current ? known : [current, ...known]),
        data: attributes(report),
      };
    },
    // A check leaves nothing behind that a late repeat could contradict, or a Delete would have to undo.
    recall: async () => undefined,
    leftSomething: async () => false,
    async answered() {},
  };
}

/** What tells one run from another: every property but those that are about the call. */
function runOf({ ServiceToken: _, ServiceTimeout: __, ...properties }: Record<string, unknown>): string {
  return fingerprint(properties).slice(0, 16);
}

const ID = /^connectivity-check\/[A-Za-z0-9]+\/([0-9a-f]{16})(?:\.([0-9a-f]{16}))?$/;

function idOf({ logicalId }: CustomResourceRequest, runs: string[]): string {
  return `connectivity-check/${logicalId}/${runs.slice(0, 2).join('.')}`;
}

/** The last run and the one before it, as far as there are. */
function checkedBefore({ physicalId, stackId, logicalId }: CustomResourceRequest): string[] {
  const names = readPhysicalId(physicalId, stackId, logicalId);
  if (names.kind !== 'object') return [];
  return (ID.exec(names.id)?.slice(1) ?? []).filter((run) => run !== undefined);
}

const SUMMARY_BYTES = 1_000;
const FINDINGS_BYTES = 1_800;

/** What Fn::GetAtt gives. The whole answer of the resource has 4,096 bytes; function and log have the full report. */
export function attributes(report: Report): Record<string, string> {
  return {
    Ok: String(report.ok),
    Summary: cutToBytes(report.summary, SUMMARY_BYTES),
    Failures: String(report.failures),
    Warnings: String(report.warnings),
    Findings: cutToBytes(report.findings.map(sentence).join('\n'), FINDINGS_BYTES),
    Milliseconds: String(report.ms),
  };
}
