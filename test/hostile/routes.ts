import { readFileSync } from 'node:fs';
import path from 'node:path';
import { otlpProtobuf, remoteRead, remoteWriteFirst, remoteWriteSecond } from './binary-bodies.js';
import type { BodyFormat } from './body-format.js';
import {
  customMetrics,
  declaration,
  edgeMetrics,
  frontendContext,
  otlpJson,
  registration,
  renameRequest,
  sdkMetrics,
  sparklineRequest,
  tokenRequest,
} from './json-bodies.js';
import { queryForm, textPage } from './text-bodies.js';

/** The sender of requests: the weakest token that a route accepts, or a client without a token. */
export type Sender = 'nobody' | 'frontend' | 'ingest' | 'read' | 'admin';

export interface Route {
  readonly method: string;
  /** The path as in the API's description, with `{…}` for parameters. */
  readonly path: string;
  readonly sender: Sender;
  readonly formats: readonly BodyFormat[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required?: boolean;
  }[];
  /** True if the answer is a stream that does not end by itself. */
  readonly isEndless: boolean;
}

const ENDLESS: ReadonlySet<string> = new Set(['GET /api/history/live']);

interface Operation {
  readonly parameters?: Route['parameters'];
}

const API_DESCRIPTION = path.resolve(import.meta.dirname, '../../openapi.json');

const BODIES: Readonly<Record<string, readonly BodyFormat[]>> = {
  'POST /api/client/metrics/custom': [customMetrics],
  'POST /api/push': [textPage],
  'PUT /metrics/job/{grouping}': [textPage],
  'POST /metrics/job/{grouping}': [textPage],
  'PUT /metrics/job@base64/{grouping}': [textPage],
  'POST /metrics/job@base64/{grouping}': [textPage],
  'POST /v1/metrics': [otlpJson, otlpProtobuf],
  'POST /api/client/metrics': [sdkMetrics],
  'POST /api/client/metrics/bulk': [edgeMetrics],
  'POST /api/client/register': [registration],
  'POST /api/frontend/client/metrics': [sdkMetrics],
  'POST /api/frontend/client/register': [registration],
  'POST /api/frontend': [frontendContext],
  'PUT /api/admin/metrics/{name}': [declaration],
  'POST /api/admin/metrics/{name}/rename': [renameRequest],
  'POST /api/admin/tokens': [tokenRequest],
  'POST /api/history/sparklines': [sparklineRequest],
  'POST /api/v1/query': [queryForm],
  'POST /api/v1/query_range': [queryForm],
  'POST /api/v1/series': [queryForm],
  'POST /api/v1/labels': [queryForm],
  'POST /api/v1/query_exemplars': [queryForm],
  'POST /api/v1/format_query': [queryForm],
  'POST /api/v1/parse_query': [queryForm],
  'POST /api/v1/read': [remoteRead],
  // Signing in takes no body.
  'POST /api/explorer/session': [],
  'POST /api/v1/write': [remoteWriteFirst, remoteWriteSecond],
};

/** The sender for each prefix. The first prefix that matches applies. */
const SENDERS: readonly (readonly [prefix: string, sender: Sender])[] = [
  ['/health', 'nobody'],
  ['/metrics/job', 'ingest'],
  ['/metrics', 'nobody'],
  ['/internal-backstage', 'nobody'],
  ['/api/v1/write', 'ingest'],
  ['/api/v1', 'nobody'],
  ['/api/frontend', 'frontend'],
  ['/api/client', 'ingest'],
  ['/api/push', 'ingest'],
  ['/v1/metrics', 'ingest'],
  ['/api/history', 'read'],
  ['/api/explorer', 'read'],
  ['/api/admin/custom-metrics', 'read'],
  ['/api/admin', 'admin'],
];

/** Routes that are for browsers, and therefore not in the API's description. */
const PAGE_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/', sender: 'nobody', formats: [], parameters: [], isEndless: false },
  { method: 'GET', path: '/explorer/', sender: 'nobody', formats: [], parameters: [], isEndless: false },
  {
    method: 'GET',
    path: '/explorer/{file}',
    sender: 'nobody',
    formats: [],
    parameters: [{ name: 'file', in: 'path' }],
    isEndless: false,
  },
];

/**
 * Returns the routes for browsers and every route of the API's description, so that a new route is attacked automatically.
 *
 * @throws Error for a route with a body or a prefix that this file does not define
 */
export function readRoutes(): Route[] {
  const { paths } = JSON.parse(readFileSync(API_DESCRIPTION, 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const described = Object.entries(paths).flatMap(([routePath, operations]) =>
    Object.entries(operations).map(([verb, operation]) => {
      const method = verb.toUpperCase();
      const formats = BODIES[`${method} ${routePath}`];
      const sender = SENDERS.find(([prefix]) => routePath.startsWith(prefix))?.[1];
      if (sender === undefined || ((method === 'POST' || method === 'PUT') && formats === undefined)) {
        throw new Error(`Say in ${import.meta.filename} which bodies and which token ${method} ${routePath} takes.`);
      }
      const isEndless = ENDLESS.has(`${method} ${routePath}`);
      return {
        method,
        path: routePath,
        sender,
        formats: formats ?? [],
        parameters: operation.parameters ?? [],
        isEndless,
      };
    }),
  );
  return [...PAGE_ROUTES, ...described];
}
