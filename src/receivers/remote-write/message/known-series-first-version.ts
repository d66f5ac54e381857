import { KnownSeriesReader, type SeriesRecognition } from './known-series-reader.js';
import type { MessageBytes } from './message-bytes.js';

const LABEL_TAG = 0x0a;

const TAGS = { exemplar: 0x1a, histogram: 0x22, metadata: 0 };

/** Reads known series of version 1.0. The key of a series consists of the bytes of its labels, as they were sent. */
export class KnownSeriesOfFirstVersion extends KnownSeriesReader {
  constructor(message: MessageBytes, recognition: SeriesRecognition) {
    super(message, TAGS, recognition);
  }

  protected readKey(start: number, end: number): MessageBytes | undefined {
    const { message } = this;
    const { bytes } = message;
    let at = start;
    while (at < end && bytes[at] === LABEL_TAG) {
      at = message.endOfBytes(at + 1, end);
      if (at < 0) return undefined;
    }
    this.key.setTo(start, at);
    message.position = at;
    return message;
  }
}
