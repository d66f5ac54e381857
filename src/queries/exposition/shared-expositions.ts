import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { drained } from '../../http/answers/drained.js';
import { PacedWrites } from './paced-writes.js';
import { ScrapesBusyError } from './scrapes-busy.error.js';
import { ExpositionRendering } from './exposition-rendering.js';
import type { ExpositionReader } from './exposition-reader.js';

/**
 * Time after which a reader can lose its place if all places are taken. The value is the default scrape timeout of Prometheus.
 */
const READER_TIMEOUT_MS = 10_000;

/** Maximum size of a chunk of compressed bytes. A socket takes about this much in one write. */
const GZIP_CHUNK_BYTES = 64 * 1024;

/** An exposition that several clients can request. */
export interface SharedPage {
  /** Identifies the content: requests with the same name and content type can share a rendering. */
  readonly name: string;
  readonly contentType: string;
  /** Starts rendering. */
  readonly write: () => AsyncIterable<string>;
}

/**
 * Answers scrapes that arrive at about the same time from one shared rendering, which is compressed once.
 *
 * A scrape joins the next rendering of its format and encoding, never one that has begun, because its answer has to show
 * everything that was acknowledged before the scrape. One rendering runs at a time. A rendering whose readers are slow waits for
 * them and does not delay the next one. The memory kept for slow readers is bounded: when it grows too large, the slowest reader
 * loses its connection. A reader also loses its connection if it does not finish within a time limit.
 */
@Injectable()
export class SharedExpositions {
  private readonly writes = new PacedWrites();
  private readonly limits: CustomMetricsOptions['exposition'];
  /** Renderings that have not begun, oldest first, by format and encoding. */
  private readonly waiting = new Map<string, ExpositionRendering>();
  /** Renderings that have begun and are not finished, or that are still being read. */
  private readonly begun = new Set<ExpositionRendering>();
  private current: ExpositionRendering | undefined;
  private isStartScheduled = false;
  /** All readers with the time at which each joined, oldest first. */
  private readonly readers = new Map<ExpositionReader, number>();

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { exposition }: Pick<CustomMetricsOptions, 'exposition'>) {
    this.limits = exposition;
  }

  /**
   * Sends an exposition, compressed if the client accepts it.
   *
   * @returns a promise that resolves when the exposition is sent or the client has gone
   * @throws ScrapesBusyError
   */
  async send(request: Request, response: Response, { name, contentType, write }: SharedPage): Promise<void> {
    const isCompressed = request.acceptsEncodings('gzip', 'identity') === 'gzip';
    const setHeaders = () => {
      response.setHeader('Content-Type', contentType);
      response.appendHeader('Vary', 'Accept, Accept-Encoding');
      if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
    };
    if (request.method === 'HEAD') {
      setHeaders();
      response.end();
      return;
    }
    const source = isCompressed ? () => compressed(write()) : () => encoded(write());
    const reader = this.join(`${name} ${contentType} ${isCompressed}`, source, () => response.destroy());
    const deadline = setTimeout(() => reader.cut(), this.limits.timeoutSeconds * 1000).unref();
    response.once('close', () => reader.leave());
    try {
      // The headers are sent with the first chunk, so that an earlier failure can still be answered with an error.
      let chunk = await reader.next();
      setHeaders();
      for (; chunk !== undefined; chunk = await reader.next()) {
        await this.writes.next();
        if (!response.write(chunk)) await drained(response);
      }
      if (!response.destroyed) response.end();
    } finally {
      clearTimeout(deadline);
      reader.leave();
      this.readers.delete(reader);
      this.tidyUp();
    }
  }

  private join(key: string, source: () => AsyncIterable<Uint8Array>, onCut: () => void): ExpositionReader {
    this.makeRoom();
    let rendering = this.waiting.get(key);
    if (rendering === undefined) {
      rendering = new ExpositionRendering(source, () => this.tidyUp());
      this.waiting.set(key, rendering);
      this.scheduleStart();
    }
    const reader = rendering.join(onCut);
    this.readers.set(reader, performance.now());
    return reader;
  }

  private makeRoom(): void {
    if (this.readers.size < this.limits.maxScrapes) return;
    const [oldest, since] = this.readers.entries().next().value!;
    if (performance.now() - since < READER_TIMEOUT_MS) throw new ScrapesBusyError(this.limits.maxScrapes);
    this.readers.delete(oldest);
    oldest.cut();
  }

  /**
   * Starts the next rendering if none is active. The start waits for the current turn of the event loop to end, so that scrapes
   * which arrive in this turn can join.
   */
  private scheduleStart(): void {
    if (this.isStartScheduled || this.current?.isIdle === false || this.waiting.size === 0) return;
    this.isStartScheduled = true;
    setImmediate(() => {
      this.isStartScheduled = false;
      const [key, rendering] = this.waiting.entries().next().value!;
      this.waiting.delete(key);
      this.begun.add(rendering);
      this.current = rendering;
      void rendering.run();
    });
  }

  private tidyUp(): void {
    for (const rendering of this.begun) {
      if (rendering.isIdle && rendering.slowestReader === undefined) this.begun.delete(rendering);
    }
    while (this.keptBytes() > this.limits.bufferBytes) {
      const slowest = this.slowestReader();
      if (slowest === undefined) break;
      slowest.cut();
    }
    this.scheduleStart();
  }

  private keptBytes(): number {
    let bytes = 0;
    for (const rendering of this.begun) bytes += rendering.keptBytes;
    return bytes;
  }

  private slowestReader(): ExpositionReader | undefined {
    let slowest: ExpositionReader | undefined;
    for (const { slowestReader } of this.begun) {
      if (slowestReader !== undefined && slowestReader.lag > (slowest?.lag ?? 0)) slowest = slowestReader;
    }
    return slowest;
  }
}

async function* encoded(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

async function* compressed(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: GZIP_CHUNK_BYTES });
  const fed = pipeline(Readable.from(chunks, { highWaterMark: 1 }), gzip);
  // If the rendering fails, the reader of the compressed bytes gets the error.
  fed.catch(() => undefined);
  yield* gzip as AsyncIterable<Uint8Array>;
}
