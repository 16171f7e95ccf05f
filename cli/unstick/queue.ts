/** The failure queue of a provider. Reading leaves every message where it is. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CallerError } from '../connection/endings.ts';

export interface QueueMessage {
  messageId: string;
  /** The right to change or delete the message for some time. */
  receipt: string;
  body: string;
}

/** A second reader does not see a message for so long. */
const HIDDEN_SECONDS = 60;
/** Time for a person's answer, and for the longest run of the provider with the look after it. */
const HELD_SECONDS = 600;
const AT_ONCE = 10;
/** Names of SQS for a receipt that counts no more: the message is visible again, or somebody else has it. */
const LOST = /(MessageNotInflight|ReceiptHandleIsInvalid|InvalidParameterValue)$/;
/** SQS answers some messages at a time, in no order, so an end is an empty answer. */
const MOST_MESSAGES = 1_000;

export class FailureQueue {
  readonly #client: SQSClient;
  readonly #url: string;

  constructor(place: { region?: string }, url: string) {
    // The endpoint of the client wins over the host of the queue's URL, which an emulator does not have.
    this.#client = new SQSClient({ ...place, maxAttempts: 6, useQueueUrlAsEndpoint: false });
    this.#url = url;
  }

  /**
   * Reads the queue, hands all messages over, and gives them back when the work is done.
   * @throws the errors of AWS
   */
  async withMessages<T>(work: (messages: QueueMessage[]) => Promise<T>): Promise<T> {
    const messages = new Map<string, QueueMessage>();
    try {
      while (messages.size < MOST_MESSAGES) {
        const { Messages = [] } = await this.#client.send(
          new ReceiveMessageCommand({
            QueueUrl: this.#url,
            MaxNumberOfMessages: AT_ONCE,
            VisibilityTimeout: HIDDEN_SECONDS,
            WaitTimeSeconds: 1,
          }),
        );
        if (Messages.length === 0) break;
        for (const message of Messages.map(read)) messages.set(message.messageId, message);
      }
      return await work([...messages.values()]);
    } finally {
      await Promise.allSettled([...messages.values()].map((one) => this.#hide(one.receipt, 0)));
    }
  }

  /**
   * Keeps a message hidden from others while it is worked on.
   * @throws CallerError where this run has it no more, and the errors of AWS
   */
  async hold({ receipt }: QueueMessage): Promise<void> {
    try {
      await this.#hide(receipt, HELD_SECONDS);
    } catch (error) {
      if (!(error instanceof Error && LOST.test(error.name))) throw error;
      throw new CallerError(
        'Somebody else holds the event, or has taken it out of the queue. Nothing was sent. Run unstick again for the list.',
      );
    }
  }

  /** About how many messages other readers hold, when this run holds `own`. @throws the errors of AWS */
  async heldElsewhere(own: number): Promise<number> {
    const { Attributes } = await this.#client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#url,
        AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Math.max(0, Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'] ?? 0) - own);
  }

  /** Deletes a message for good. @throws the errors of AWS */
  async remove({ receipt }: QueueMessage): Promise<void> {
    await this.#client.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: receipt }));
  }

  async #hide(receipt: string, seconds: number): Promise<void> {
    await this.#client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.#url,
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      }),
    );
  }
}

const read = ({ MessageId = '', ReceiptHandle = '', Body = '' }: Message): QueueMessage => ({
  messageId: MessageId,
  receipt: ReceiptHandle,
  body: Body,
});
