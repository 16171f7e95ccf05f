/**
 * The answer that a request would need if its work ended now. The work reports to it, the deadline guard
 * reads it. One request has one.
 */
export class Progress {
  #mayHaveWritten = false;
  #objectId: string | undefined;
  #failure: unknown;

  /** A write was sent, or another delivery of the request may have sent one. */
  mayHaveWritten(): void {
    this.#mayHaveWritten = true;
  }

  /** The request has an object in Genesys Cloud, which its answer has to name. */
  hasObject(id: string): void {
    this.#objectId = id;
  }

  /** The object was removed again. */
  hasNoObject(): void {
    this.#objectId = undefined;
  }

  /** The request has failed already, and only its ledger is put in order. */
  failed(error: unknown): void {
    this.#failure = error;
  }

  get wroteSomething(): boolean {
    return this.#mayHaveWritten;
  }

  get objectId(): string | undefined {
    return this.#objectId;
  }

  get failure(): unknown {
    return this.#failure;
  }
}
