import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../common/clock.ts';
import { interpret, type Outcome, parse, type Upload, violations } from './answers.ts';
import { loopbackCertificate } from './certificate.ts';
import type { CustomResourceEvent } from './events.ts';
import { presignedQuery } from './presigned-url.ts';

/**
 * A fault of an upload:
 * - `status`: S3 answers with this status and keeps nothing;
 * - `reset`: the connection is reset before the upload is read;
 * - `lost`: the upload is kept, then the connection is reset instead of an answer;
 * - `hang`: the server never answers;
 * - `slow`: the server works as usual after `ms` milliseconds.
 */
export type UploadFault =
  | { kind: 'status'; status: number }
  | { kind: 'reset' }
  | { kind: 'lost' }
  | { kind: 'hang' }
  | { kind: 'slow'; ms: number };

/** One upload, with the verdict of the server. */
export interface ReceivedUpload extends Upload {
  /** The HTTP status of the answer; absent if there was none. */
  status?: number;
  /** Whether the upload is in the bucket. */
  kept: boolean;
  violations: string[];
  /** The fields of the answer as sent; absent if it was not a JSON object. */
  answer?: Readonly<Record<string, unknown>>;
}

/** The place for the answer to one request. */
export interface Slot {
  readonly url: string;
  readonly event: CustomResourceEvent;
  /** Every upload to the URL, in order. */
  readonly uploads: readonly ReceivedUpload[];
  /** The outcome of the first upload that was kept. Never rejects. */
  readonly answered: Promise<Outcome>;
  /** Counts a delivery of the event. Each delivery may answer once. */
  countDelivery(): void;
}

interface OpenSlot extends Slot {
  uploads: ReceivedUpload[];
  search: string;
  signedAtMs: number;
  deliveries: number;
  outcome?: Outcome;
  /** The number of kept uploads whose sender got the 200. */
  acknowledged: number;
  resolve(outcome: Outcome): void;
}

export interface ResponseServerOptions {
  /** HTTPS with a certificate that is made at the start (`caFile`). Default: HTTP. */
  tls?: boolean;
  /** Signature version 4 (X-Amz-Date, X-Amz-Expires), or the older form (Expires). Default: 4. */
  signature?: 'v4' | 'v2';
  /** Validity of a URL in seconds. Default: 7200, as in CloudFormation. */
  validSeconds?: number;
  /** Part of the bucket's name, without dashes. Default: us-east-1. */
  region?: string;
  clock?: Clock;
  /** Wraps the listener of the server, for faults that several servers share. */
  around?: (listener: RequestListener) => RequestListener;
}

/**
 * The bucket behind CloudFormation's ResponseURLs, on 127.0.0.1. It refuses an upload that S3 would refuse
 * (another method, content-type or signature, an expired URL, a chunked body) and judges every other one.
 */
export class ResponseServer {
  #options: Required<ResponseServerOptions>;
  #server: Server;
  #port = 0;
  #folder: string | undefined;
  /** By the path of the object: the ResponseURLs that were made for it, in order. */
  #slots = new Map<string, [OpenSlot, ...OpenSlot[]]>();
  #faults: { fault: UploadFault; times: number; matches: (event: CustomResourceEvent) => boolean }[] = [];
  #strays: string[] = [];
  #stopSlow = new AbortController();

  static async start(options: ResponseServerOptions = {}): Promise<ResponseServer> {
    const server = new ResponseServer(options);
    await server.acceptConnections();
    return server;
  }

  private constructor(options: ResponseServerOptions) {
    this.#options = {
      tls: false,
      signature: 'v4',
      validSeconds: 7200,
      region: 'us-east-1',
      clock: systemClock,
      around: (listener) => listener,
      ...options,
    };
    const onRequest = this.#options.around((request, response) => {
      this.#receive(request, response).catch(() => request.destroy());
    });
    if (this.#options.tls) {
      const certificate = loopbackCertificate();
      this.#folder = mkdtempSync(join(tmpdir(), 'response-server-'));
      writeFileSync(join(this.#folder, 'ca.pem'), certificate.cert);
      this.#server = createTlsServer(certificate, onRequest);
    } else {
      this.#server = createServer(onRequest);
    }
  }

  /** The file of the certificate to trust (NODE_EXTRA_CA_CERTS); only with `tls`. */
  get caFile(): string | undefined {
    return this.#folder === undefined ? undefined : join(this.#folder, 'ca.pem');
  }

  /**
   * Makes a presigned ResponseURL for a request. Its date is `signedAtMs`, by default now. A request that is
   * sent again gets another URL of the same object in the bucket: its name is made of StackId, logical id and
   * RequestId.
   */
  open(request: Omit<CustomResourceEvent, 'ResponseURL'>, signedAtMs = this.#options.clock.now()): Slot {
    const object = encodeURIComponent(`${request.StackId}|${request.LogicalResourceId}|${request.RequestId}`);
    const bucket = `cloudformation-custom-resource-response-${this.#options.region.replaceAll('-', '')}`;
    const path = `/${bucket}/${object}`;
    const search = presignedQuery({ ...this.#options, signedAtMs });
    const url = `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${this.#port}${path}${search}`;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const { RequestType, ServiceToken, ...rest } = request;
    const slot: OpenSlot = {
      url,
      event: { RequestType, ServiceToken, ResponseURL: url, ...rest },
      uploads: [],
      answered: promise,
      countDelivery: () => {
        slot.deliveries += 1;
      },
      search,
      signedAtMs,
      deliveries: 0,
      acknowledged: 0,
      resolve,
    };
    const earlier = this.#slots.get(path);
    if (earlier) earlier.push(slot);
    else this.#slots.set(path, [slot]);
    return slot;
  }

  /** Plays a fault on the next `times` uploads of matching requests. Several faults follow one another. */
  fault(fault: UploadFault, times = 1, matches: (event: CustomResourceEvent) => boolean = () => true): void {
    this.#faults.push({ fault, times, matches });
  }

  /** Closes the port. Connections are refused until `acceptConnections`. */
  async refuseConnections(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Opens the same port again. */
  async acceptConnections(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => resolve());
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Every broken rule so far, with its request. */
  violations(): string[] {
    const found = [...this.#slots.values()]
      .flat()
      .flatMap(({ event, uploads }) =>
        uploads.flatMap((upload) =>
          upload.violations.map((text) => `${event.RequestType} ${event.LogicalResourceId}: ${text}`),
        ),
      );
    return [...found, ...this.#strays];
  }

  /** The signature of every URL so far. No log may contain one. */
  secrets(): string[] {
    const slots = [...this.#slots.values()].flat();
    return slots.map(({ search }) => /Signature=(\w+)/.exec(search)?.[1] ?? search);
  }

  async stop(): Promise<void> {
    this.#stopSlow.abort(new Error('stopped'));
    if (this.#server.listening) await this.refuseConnections();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const slots = this.#slots.get(url.pathname);
    if (slots === undefined) {
      this.#strays.push(`${request.method} ${url.pathname}: no ResponseURL of ours`);
      return send(response, 403, 'AccessDenied');
    }
    const newest = slots.at(-1) ?? slots[0];
    const slot = slots.find(({ search }) => search === url.search) ?? newest;
    const fault = this.#takeFault(slot.event);
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy();
    if (fault?.kind === 'slow') await this.#options.clock.sleep(fault.ms, this.#stopSlow.signal);

    const upload: ReceivedUpload = {
      method: request.method ?? '',
      headers: headersOf(request),
      body: await bodyOf(request),
      kept: false,
      violations: [],
    };
    const answer = parse(upload.body);
    if (answer !== undefined) upload.answer = answer;
    slot.uploads.push(upload);
    upload.violations.push(...violations(upload, slot.event));
    if (fault?.kind === 'hang') return;

    const refusal = this.#refusal(slot, url, upload, fault);
    if (refusal !== undefined) {
      upload.status = refusal.status;
      return send(response, refusal.status, refusal.code);
    }
    upload.kept = true;
    this.#keep(slot, upload, fault?.kind === 'lost');
    if (slot !== newest) {
      upload.violations.push('answered by a ResponseURL of before: CloudFormation waits at a newer one');
      settle(newest, interpret(upload.body, newest.event));
    }
    if (fault?.kind === 'lost') return void request.socket.resetAndDestroy();
    upload.status = 200;
    send(response, 200);
  }

  #keep(slot: OpenSlot, upload: ReceivedUpload, lost: boolean): void {
    const outcome = interpret(upload.body, slot.event);
    if (slot.acknowledged >= Math.max(1, slot.deliveries))
      upload.violations.push(`answered ${slot.acknowledged + 1} times, delivered ${slot.deliveries} times`);
    if (!lost) slot.acknowledged += 1;
    const first = settle(slot, outcome);
    if (first.status !== outcome.status || first.physicalResourceId !== outcome.physicalResourceId) {
      upload.violations.push(`${outcome.status} contradicts the earlier answer, ${first.status}`);
    }
  }

  /** The refusal of S3, if it refuses the upload. */
  #refusal(
    slot: OpenSlot,
    url: URL,
    upload: Upload,
    fault: UploadFault | undefined,
  ): { status: number; code: string } | undefined {
    if (fault?.kind === 'status') return { status: fault.status, code: 'InternalError' };
    const contentType = upload.headers.get('content-type')?.join() ?? '';
    if (upload.method !== 'PUT' || url.search !== slot.search || contentType !== '')
      return { status: 403, code: 'SignatureDoesNotMatch' };
    if (this.#options.clock.now() > slot.signedAtMs + this.#options.validSeconds * 1000)
      return { status: 403, code: 'AccessDenied' };
    if (upload.headers.has('transfer-encoding')) return { status: 501, code: 'NotImplemented' };
    if (!upload.headers.has('content-length')) return { status: 411, code: 'MissingContentLength' };
    if (upload.headers.get('content-length')?.join() !== String(upload.body.length))
      return { status: 400, code: 'IncompleteBody' };
    return undefined;
  }

  #takeFault(event: CustomResourceEvent): UploadFault | undefined {
    const entry = this.#faults.find(({ times, matches }) => times > 0 && matches(event));
    if (entry === undefined) return undefined;
    entry.times -= 1;
    return entry.fault;
  }
}

/** The first outcome of a slot counts. Returns it. */
function settle(slot: OpenSlot, outcome: Outcome): Outcome {
  slot.outcome ??= outcome;
  slot.resolve(slot.outcome);
  return slot.outcome;
}

function headersOf(request: IncomingMessage): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = (request.rawHeaders[i] ?? '').toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), request.rawHeaders[i + 1] ?? '']);
  }
  return headers;
}

/** The bytes that arrived. With a content-length that is too large, the rest never comes. */
function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const done = () => resolve(Buffer.concat(chunks));
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // By events: iteration may never end if the sender leaves at this moment.
    for (const end of ['end', 'close', 'aborted', 'error']) request.once(end, done);
    if (request.destroyed || request.socket.destroyed) done();
  });
}

function send(response: ServerResponse, status: number, code?: string): void {
  const body =
    code === undefined ? '' : `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
  response
    .writeHead(status, { 'content-length': Buffer.byteLength(body), 'content-type': 'application/xml' })
    .end(body);
}
