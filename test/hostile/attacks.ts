import { deflateSync, gzipSync } from 'node:zlib';
import type { SeededRandom } from '../support/seeded-random.js';
import { type BodyFormat, damaged } from './body-format.js';
import type { Route } from './routes.js';
import type { HostileRequest } from './send.js';
import { targetOf } from './targets.js';

export const ATTACK_KINDS = [
  'huge',
  'deep',
  'many',
  'malformed',
  'slow',
  'aborted',
  'compressed',
  'concurrent',
] as const;
export type AttackKind = (typeof ATTACK_KINDS)[number];

/** Numbers of concurrent connections for each kind of attack. */
const CONNECTIONS = { slow: 60, aborted: 40, concurrent: 60, pipelined: 10, tinyChunks: 4 };

/** Maximum total size of the bodies that are sent at the same time, unless already four bodies exceed it. */
const BYTES_TOGETHER = 60_000_000;

/** Maximum size of a body that is sent several times on one connection. */
const MOST_PIPELINED_BYTES = 100_000;

/** Returns the requests that are sent to one route at the same time. */
export function makeAttack(route: Route, kind: AttackKind, random: SeededRandom): HostileRequest[] {
  const format = route.formats.length === 0 ? undefined : random.pick(route.formats);
  if (format === undefined) return attackWithoutBody(route, kind, random);
  return attackWithBody(route, format, kind, random);
}

function attackWithBody(route: Route, format: BodyFormat, kind: AttackKind, random: SeededRandom): HostileRequest[] {
  const plain = (body: Buffer, headers: Record<string, string> = {}): HostileRequest => ({
    method: route.method,
    target: targetOf(route, 'valid', random),
    headers: { ...format.headers, ...headers },
    body,
    pace: 'plain',
  });
  switch (kind) {
    case 'huge':
      return [random.isTrue(0.8) ? plain(format.huge(random)) : oversized(plain(format.valid(random)), random)];
    case 'deep':
      return [plain(format.deep(random))];
    case 'many': {
      const body = format.many(random);
      if (random.isTrue(0.7)) return [plain(body)];
      return Array.from({ length: CONNECTIONS.tinyChunks }, () => ({ ...plain(body), pace: 'tiny chunks' }));
    }
    case 'malformed':
      return Array.from({ length: 12 }, () => malformed(route, format, random, plain));
    case 'slow': {
      const body = random.pick([format.huge, format.many, format.valid])(random);
      return together(CONNECTIONS.slow, body.length, () => ({
        ...plain(body),
        headers: { ...format.headers, 'content-length': String(body.length + 100) },
        pace: 'slow sender',
      }));
    }
    case 'aborted': {
      const body = random.pick([format.huge, format.many, format.valid])(random);
      return together(CONNECTIONS.aborted, body.length, () => ({ ...plain(body), pace: 'aborted' }));
    }
    case 'compressed':
      return [compressed(format, random, plain)];
    case 'concurrent': {
      const body = random.pick([format.many, format.valid, format.valid, format.odd])(random);
      if (random.isTrue(0.3) && body.length < MOST_PIPELINED_BYTES) return pipelined(plain(body));
      return together(CONNECTIONS.concurrent, body.length, () => plain(body));
    }
  }
}

function attackWithoutBody(route: Route, kind: AttackKind, random: SeededRandom): HostileRequest[] {
  const plain = (target: string): HostileRequest => ({
    method: route.method,
    target,
    headers: headersOf(route, kind, random),
    // A sender that read everything would wait for ever.
    pace: route.isEndless ? 'slow reader' : 'plain',
  });
  const costly = targetOf(route, 'costly', random);
  switch (kind) {
    case 'huge':
    case 'deep':
    case 'many':
      return [plain(targetOf(route, kind, random))];
    case 'malformed':
      return Array.from({ length: 12 }, () => plain(targetOf(route, 'odd', random)));
    case 'slow':
      return Array.from({ length: CONNECTIONS.slow }, () => ({ ...plain(costly), pace: 'slow reader' }));
    case 'aborted':
      return Array.from({ length: CONNECTIONS.aborted }, () => ({ ...plain(costly), pace: 'aborted' }));
    case 'compressed':
      return Array.from({ length: 5 }, () => {
        const request = plain(costly);
        return { ...request, headers: { ...request.headers, 'accept-encoding': 'gzip' } };
      });
    case 'concurrent':
      if (random.isTrue(0.3)) return pipelined(plain(random.isTrue(0.5) ? costly : targetOf(route, 'valid', random)));
      return Array.from({ length: CONNECTIONS.concurrent }, () => plain(costly));
  }
}

function headersOf({ parameters }: Route, kind: AttackKind, random: SeededRandom): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const parameter of parameters) {
    if (parameter.in === 'header' && random.isTrue(0.5)) {
      headers[parameter.name] =
        kind === 'huge' ? 'a,'.repeat(4_000) : random.pick(['', 'text/csv', '*/*;q=x', ';;;,,,']);
    }
  }
  if (kind === 'many') for (let index = 0; index < 400; index++) headers[`x-many-${index}`] = 'v';
  return headers;
}

function pipelined(request: HostileRequest): HostileRequest[] {
  return Array.from({ length: CONNECTIONS.pipelined }, () => ({ ...request, pace: 'pipelined' }));
}

/** Returns as many copies of a request as can be sent together without filling the memory of the attacker. */
function together(connections: number, bytes: number, make: () => HostileRequest): HostileRequest[] {
  return Array.from({ length: Math.max(4, Math.min(connections, Math.floor(BYTES_TOGETHER / (bytes + 1)))) }, make);
}

/** Returns a request with more bytes than any limit allows, with a correct length, a false one, or none. */
function oversized(request: HostileRequest, random: SeededRandom): HostileRequest {
  const headers = random.pick<Record<string, string>>([
    {},
    { 'content-length': '99999999999' },
    { 'transfer-encoding': 'chunked' },
  ]);
  return {
    ...request,
    headers: { ...request.headers, ...headers },
    body: Buffer.alloc(8_000_000, random.pick([0x20, 0x30, 0x5b])),
  };
}

function malformed(
  route: Route,
  format: BodyFormat,
  random: SeededRandom,
  plain: (body: Buffer, headers?: Record<string, string>) => HostileRequest,
): HostileRequest {
  const body = random.pick([format.odd(random), damaged(random, format.valid(random))]);
  const request = plain(body);
  if (random.isTrue(0.7)) return request;
  return random.pick<HostileRequest>([
    { ...request, target: targetOf(route, 'odd', random) },
    {
      ...request,
      headers: { ...request.headers, 'content-type': random.pick(['', 'text/html', 'application/json;charset=']) },
    },
    { ...request, headers: { ...request.headers, 'content-encoding': random.pick(['br', 'x', 'gzip, gzip', 'gzip']) } },
    {
      ...request,
      headers: { ...request.headers, 'idempotency-key': random.pick(['', 'a'.repeat(5_000), '"otlp"', 'é']) },
    },
    { ...request, headers: { ...request.headers, prefer: 'handling='.repeat(500) } },
  ]);
}

/** Returns a request whose compressed body becomes much larger when it is inflated, or is damaged. */
function compressed(
  format: BodyFormat,
  random: SeededRandom,
  plain: (body: Buffer, headers?: Record<string, string>) => HostileRequest,
): HostileRequest {
  const gzip = { 'content-encoding': 'gzip' };
  const bomb = Buffer.alloc(random.pick([6_000_000, 60_000_000]), random.pick([0x20, 0x5b, 0x31]));
  const zipped = gzipSync(format.many(random));
  switch (random.integer(0, 6)) {
    case 0:
      return plain(gzipSync(bomb), gzip);
    case 1:
      return plain(deflateSync(bomb), { 'content-encoding': 'deflate' });
    case 2:
      return plain(Buffer.concat(Array.from({ length: 20_000 }, () => gzipSync(''))), gzip);
    case 3:
      return plain(zipped.subarray(0, zipped.length / 2), gzip);
    case 4:
      return plain(Buffer.concat([gzipSync(format.valid(random)), Buffer.alloc(1_000_000, 1)]), gzip);
    case 5:
      return plain(damaged(random, zipped), gzip);
    default:
      return plain(zipped, gzip);
  }
}
