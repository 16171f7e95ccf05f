import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

type Event = CloudFormationCustomResourceEvent;

/** Fields of an answer that a handler gives; the rest is copied from the request. */
export interface Answer {
  Status?: string;
  Reason?: string;
  PhysicalResourceId?: string;
  Data?: Record<string, unknown>;
}

/** Sends raw bytes to a ResponseURL; resolves to the HTTP status, rejects when there is none. */
export function upload(
  url: string,
  body: string | Buffer,
  { method = 'PUT', headers = {} as Record<string, string | number> } = {},
): Promise<number> {
  const all = { 'content-type': '', 'content-length': Buffer.byteLength(body), ...headers };
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: all }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The text of a correct answer to an event; `answer` adds to it or spoils it. */
export function answerTo(event: Event, answer: Answer | Record<string, unknown> = {}): string {
  return JSON.stringify({
    Status: 'SUCCESS',
    PhysicalResourceId: 'PhysicalResourceId' in event ? event.PhysicalResourceId : 'object-1',
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    ...answer,
  });
}

/**
 * A well-behaved provider of things that live in memory, for tests of the caller's side. Properties say what
 * to do: `Kind` is create-only, `Fail` ('Create', 'Update', 'Delete', 'Update after replacing') ends in
 * FAILED. Two deliveries of one request make one thing.
 */
export class SampleProvider {
  /** The things that exist, by physical id, and the properties applied last. */
  readonly things = new Map<string, Record<string, unknown>>();
  /** Called before a request is worked on; holds it back until the promise resolves. */
  before: (event: Event) => Promise<unknown> | undefined = () => undefined;
  #made = new Map<string, string>();
  #count = 0;

  readonly handler = async (event: Event): Promise<void> => {
    await this.before(event);
    const status = await upload(event.ResponseURL, answerTo(event, this.#work(event)));
    if (status !== 200) throw new Error(`the answer was refused with ${status}`);
  };

  #work(event: Event): Answer {
    const { ResourceProperties: properties } = event;
    const fails = (when: string) => properties['Fail'] === when;
    if (event.RequestType === 'Delete') {
      if (fails('Delete')) return { Status: 'FAILED', Reason: 'told to fail' };
      this.things.delete(event.PhysicalResourceId);
      return {};
    }
    if (fails(event.RequestType)) {
      const id = event.RequestType === 'Create' ? { PhysicalResourceId: `nothing/${event.RequestId}` } : {};
      return { Status: 'FAILED', Reason: 'told to fail', ...id };
    }
    let id = event.RequestType === 'Update' ? event.PhysicalResourceId : undefined;
    if (event.RequestType === 'Update' && event.OldResourceProperties['Kind'] !== properties['Kind']) {
      id = this.#earlier(event, properties['Kind']);
    }
    id ??= this.#make(event);
    this.things.set(id, properties);
    if (fails('Update after replacing'))
      return { Status: 'FAILED', Reason: 'told to fail', PhysicalResourceId: id };
    return { PhysicalResourceId: id, Data: { Name: String(properties['Name'] ?? ''), Id: id } };
  }

  /** A thing of this resource that has the wanted kind already: an update back finds what it replaced. */
  #earlier(event: Event, kind: unknown): string | undefined {
    const own = [...this.things.keys()].filter((id) => id.startsWith(`${event.LogicalResourceId}-`));
    return own.find((id) => this.things.get(id)?.['Kind'] === kind);
  }

  #make(event: Event): string {
    const key = `${event.StackId} ${event.RequestId}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    this.#count += 1;
    const id = `${event.LogicalResourceId}-${this.#count}`;
    this.#made.set(key, id);
    return id;
  }
}
