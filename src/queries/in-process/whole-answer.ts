import { HistoryError } from './history-error.js';

/**
 * Reads an answer that comes in parts of JSON.
 *
 * @param maxBytes the maximum size, which is limited because parsing JSON blocks the event loop for about 10 ms per megabyte
 * @throws HistoryError if the answer is larger
 */
export async function wholeAnswer<T>(parts: AsyncIterable<string | Uint8Array>, maxBytes: number): Promise<T> {
  const decoder = new TextDecoder();
  let json = '';
  let bytes = 0;
  for await (const part of parts) {
    bytes += typeof part === 'string' ? Buffer.byteLength(part) : part.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    json += typeof part === 'string' ? part : decoder.decode(part, { stream: true });
  }
  return JSON.parse(json) as T;
}

function tooLarge(maxBytes: number): HistoryError {
  return new HistoryError(
    'execution',
    `The answer has more than ${maxBytes} bytes of JSON, the limit (history.inProcessAnswerBytes). ` +
      'Ask for fewer series, a shorter range or a longer step, or raise the limit.',
  );
}
