/** The findings of a look for drift, as events of EventBridge. Nothing in them is secret. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { DriftReport } from '../../cli/drift/findings.ts';
import { shownFinding } from '../../cli/drift/report.ts';
import { ProviderError } from '../../common/errors.ts';
import { redact } from '../../common/redaction.ts';
import { brief } from '../../common/text.ts';

/** Numbers of a look. */
export interface Counts {
  objects: number;
  findings: number;
  notCompared: number;
}

export interface DriftEvent {
  detailType: string;
  detail: object;
}

const SOURCE = 'genesys-cloud-cfn';
export const FOUND = 'Genesys Cloud Drift Found';
export const COMPLETED = 'Genesys Cloud Drift Check Completed';

/** A call takes ten entries of 256 KB together (EventBridge API reference, PutEvents). */
const ENTRIES_OF_A_CALL = 10;
const MOST_BYTES = 20_000;
const MOST_CHARACTERS = 2_000;

/** An event for each finding. */
export const eventsOf = ({ organization, ledger, findings }: DriftReport): DriftEvent[] =>
  findings.map((finding) => {
    const detail = {
      organization,
      ledger,
      ...shownFinding(finding),
      detail: redact(brief(finding.detail, MOST_CHARACTERS)),
    };
    return { detailType: FOUND, detail: fitting(detail) };
  });

/** The last event of a look: its counts. */
export const completed = ({ organization, ledger }: DriftReport, counts: Counts): DriftEvent => ({
  detailType: COMPLETED,
  detail: { organization, ledger, ...counts },
});

/** Without the values of the fields where they are too long: the command shows them. */
function fitting(detail: { fields?: { path: string }[] }): object {
  if (Buffer.byteLength(JSON.stringify(detail)) <= MOST_BYTES) return detail;
  return { ...detail, fields: detail.fields?.slice(0, 100).map(({ path }) => ({ path: brief(path, 150) })) };
}

/** Puts events on the default bus. @throws ProviderError where EventBridge does not take an event */
export async function publishTo(client: EventBridgeClient, events: readonly DriftEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += ENTRIES_OF_A_CALL) {
    const Entries = events.slice(from, from + ENTRIES_OF_A_CALL).map(({ detailType, detail }) => ({
      Source: SOURCE,
      DetailType: detailType,
      Detail: JSON.stringify(detail),
    }));
    const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries }));
    const refused = results.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (refused !== undefined) {
      throw new ProviderError(
        `EventBridge does not take an event: ${refused.ErrorCode}: ${refused.ErrorMessage ?? ''}`,
      );
    }
  }
}
