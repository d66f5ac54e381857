import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inflateSnappyBlock } from '../../src/http/bodies/snappy-block.js';
import { decodeMessage, type MessageSeries, type WrittenMessage } from './written-message.js';

const MAX_BODY_BYTES = 64 * 1024 ** 2;

/** A sample that a target has received: its time and value. */
export type Point = readonly [at: number, value: number];

/** The answer of a target. */
export interface TargetAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A target of remote write that remembers what it has accepted. */
export interface RecordingTarget {
  readonly url: string;
  /** The headers of the last request. */
  readonly headers: IncomingHttpHeaders;
  /** The number of requests with samples, including those that were not accepted. */
  readonly requests: number;
  /** For each metric with metadata, the number of its type and its help text, separated by a space. */
  readonly described: ReadonlyMap<string, string>;
  /** The number of samples that were accepted, including repeated ones. */
  readonly accepted: number;
  /** Returns the accepted samples of a series in the order of their arrival. */
  points(series: string): readonly Point[];
  /** Returns the names and labels of the accepted series. */
  series(): readonly string[];
  /** Sets the function that decides the answers from now on. If it returns undefined, the request is accepted. */
  answerBy(
    decide: (request: WrittenMessage, text: string) => TargetAnswer | undefined | Promise<TargetAnswer | undefined>,
  ): void;
  stop(): Promise<void>;
}

/** Starts a target that accepts everything. */
export async function startRecordingTarget(): Promise<RecordingTarget> {
  const points = new Map<string, Point[]>();
  const described = new Map<string, string>();
  let headers: IncomingHttpHeaders = {};
  let requests = 0;
  let accepted = 0;
  let decide: Parameters<RecordingTarget['answerBy']>[0] = () => undefined;

  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    headers = incoming.headers;
    const request = decodeMessage(inflateSnappyBlock(Buffer.concat(chunks), MAX_BODY_BYTES));
    if (request.series.length > 0) requests++;
    const decided = await decide(request, request.series.map(nameOf).join('\n'));
    if (decided !== undefined) {
      response.writeHead(decided.status, decided.headers).end(decided.body);
      return;
    }
    for (const [name, { type, help }] of request.described) described.set(name, `${type} ${help}`);
    for (const series of request.series) {
      const name = nameOf(series);
      const known = points.get(name) ?? [];
      points.set(name, known);
      known.push(...series.samples);
      accepted += series.samples.length;
    }
    response.writeHead(204).end();
  };
  const server = createServer((incoming, response) => void answer(incoming, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/push`,
    get headers() {
      return headers;
    },
    get requests() {
      return requests;
    },
    get accepted() {
      return accepted;
    },
    described,
    points: (series) => points.get(series) ?? [],
    series: () => [...points.keys()],
    answerBy: (next) => (decide = next),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Writes a series as PromQL does, with the name in front of the braces. */
function nameOf({ labels }: MessageSeries): string {
  let name = '';
  const others: string[] = [];
  for (let index = 0; index < labels.length; index += 2) {
    if (labels[index] === '__name__') name = labels[index + 1]!;
    else others.push(`${labels[index]}="${labels[index + 1]}"`);
  }
  return `${name}{${others.join(',')}}`;
}
