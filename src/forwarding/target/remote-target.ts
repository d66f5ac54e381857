import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Inject, Injectable } from '@nestjs/common';
import { snappyCompressor } from 'hysnappy';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { textsByName } from '../../settings/rules/pair-lists.js';
import { INSTALLATIONS_HEADER } from '../circle/installations-header.js';
import { type Outcome, outcomeOf } from './outcome.js';

/** Maximum size of an answer that is read. The reason for a refusal is at its beginning. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Maximum length of the text of an answer that is kept. */
const KEPT_CHARACTERS = 500;

/** Sends requests of remote write 1.0 to the target. */
@Injectable()
export class RemoteTarget {
  private readonly url: URL | undefined;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly timeoutMs: number;
  private readonly agent: HttpAgent;
  /** The compressor is created for the first request, and then reused together with its memory. */
  private compress: ((input: Uint8Array) => Uint8Array) | undefined;

  /** The header that names this installation, and those whose samples the requests may contain. */
  private installations: Readonly<Record<string, string>> = {};

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { forwarding }: CustomMetricsOptions) {
    this.url = forwarding.url === undefined ? undefined : new URL(forwarding.url);
    this.timeoutMs = forwarding.timeoutSeconds * 1000;
    this.headers = {
      ...textsByName(forwarding.headers),
      ...authorizationOf(forwarding),
      'Content-Encoding': 'snappy',
      'Content-Type': 'application/x-protobuf',
      'User-Agent': 'custom-metrics',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    };
    const options = { keepAlive: true, maxSockets: forwarding.shards + 1 };
    this.agent = this.url?.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** Returns whether there is a target. */
  get isThere(): boolean {
    return this.url !== undefined;
  }

  /** Sets the installations that the requests name from now on. */
  nameInstallations(ids: readonly string[]): void {
    this.installations = { [INSTALLATIONS_HEADER]: ids.join(', ') };
  }

  /**
   * Sends one request.
   *
   * @param message the encoded message
   * @param signal ends the request early, in which case its outcome is unknown
   */
  send(message: Uint8Array, signal: AbortSignal): Promise<Outcome> {
    this.compress ??= snappyCompressor();
    return this.exchange(this.compress(message), signal);
  }

  /** Closes the connections to the target. */
  close(): void {
    this.agent.destroy();
  }

  private exchange(body: Uint8Array, signal: AbortSignal): Promise<Outcome> {
    const url = this.url!;
    return new Promise((resolve) => {
      const outgoing: ClientRequest = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: this.agent,
        headers: { ...this.headers, ...this.installations, 'Content-Length': body.length },
        signal,
      });
      const deadline = setTimeout(() => {
        resolve(unavailable(`it has not answered within ${this.timeoutMs} ms`));
        outgoing.destroy();
      }, this.timeoutMs);
      outgoing.once('close', () => {
        clearTimeout(deadline);
        resolve(unavailable('the connection was lost'));
      });
      // More than one error may occur, and an error without a listener would end the process.
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        resolve(unavailable(`it can't be reached (${error.code ?? 'connection lost'})`));
      });
      outgoing.once('response', (answer) => {
        readText(answer, (text) => {
          resolve(outcomeOf(answer.statusCode!, text, answer.headers['retry-after'], Date.now()));
        });
      });
      outgoing.end(body);
    });
  }
}

/** Reads the beginning of an answer. A longer answer is cut off by closing its connection. */
function readText(answer: IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const end = () => done(Buffer.concat(chunks).toString('utf8').slice(0, KEPT_CHARACTERS));
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_ANSWER_BYTES) {
      chunks.push(chunk);
      return;
    }
    end();
    answer.destroy();
  });
  answer.once('end', end);
  answer.on('error', () => undefined);
}

function authorizationOf({
  bearerToken,
  username,
  password,
}: CustomMetricsOptions['forwarding']): Record<string, string> {
  if (bearerToken !== undefined) return { Authorization: `Bearer ${bearerToken}` };
  if (username === undefined) return {};
  return { Authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
}

function unavailable(message: string): Outcome {
  return { kind: 'unavailable', message, retryAfterMs: undefined };
}
