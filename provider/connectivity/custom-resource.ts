import { fingerprint } from '../../common/canonical-json.ts';
import type { Abortable } from '../../common/deadline.ts';
import { RefusedError } from '../../common/errors.ts';
import { cutToBytes } from '../../common/text.ts';
import {
  type Application,
  type CustomResourceRequest,
  type Invocation,
  readPhysicalId,
} from '../protocol/index.ts';
import type { Report } from './check.ts';
import { sentence } from './findings.ts';
import { type CheckPlan, readCheckPlan } from './plan.ts';

/** The check found a failure, and the plan says that a failure fails the stack. */
export class ConnectivityError extends RefusedError {}

/**
 * `Custom::GenesysConnectivityCheck`: Create and Update run the check, Delete has nothing to do.
 *
 * The physical id holds the last two runs. An Update to one of them is a rollback, so it reports its findings
 * and never fails: else a broken network would hold the stack in UPDATE_ROLLBACK_FAILED.
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
      const isRollback = known.includes(current);
      const plan = readCheckPlan(options.environment, request.properties);
      const report = await options.run(plan, deadline);
      if (!report.ok && plan.failStack && !isRollback)
        throw new ConnectivityError(`Connectivity check failed: ${report.summary}`);
      return {
        status: 'SUCCESS',
        physicalId: idOf(request, known[0] === current ? known : [current, ...known]),
        data: attributes(report),
      };
    },
    // A check leaves nothing behind, so there is nothing to recall, to undo or to close.
    recall: async () => undefined,
    leftSomething: async () => false,
    async answered() {},
  };
}

/** The fingerprint of a run: of every property but the two that steer the protocol. */
function runOf({ ServiceToken: _, ServiceTimeout: __, ...properties }: Record<string, unknown>): string {
  return fingerprint(properties).slice(0, 16);
}

const ID = /^connectivity-check\/[A-Za-z0-9]+\/([0-9a-f]{16})(?:\.([0-9a-f]{16}))?$/;

function idOf({ logicalId }: CustomResourceRequest, runs: string[]): string {
  return `connectivity-check/${logicalId}/${runs.slice(0, 2).join('.')}`;
}

/** The last run and the one before it, as far as there are such. */
function checkedBefore({ physicalId, stackId, logicalId }: CustomResourceRequest): string[] {
  const names = readPhysicalId(physicalId, stackId, logicalId);
  if (names.kind !== 'object') return [];
  return (ID.exec(names.id)?.slice(1) ?? []).filter((run) => run !== undefined);
}

const SUMMARY_BYTES = 1_000;
const FINDINGS_BYTES = 1_800;

/**
 * The attributes for Fn::GetAtt, cut because an answer has at most 4,096 bytes. The log has the full report.
 */
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
