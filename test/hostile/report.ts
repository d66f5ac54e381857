import type { AttackKind } from './attacks.js';
import { type HostileRequest } from './send.js';
import type { Harm } from './watched-server.js';

interface Row {
  requests: number;
  gapMs: number;
  heldMs: number;
  heapMiB: number;
  residentMiB: number;
  worst: string;
}

/** Collects the worst effect on each route. */
export class HostileReport {
  private readonly rows = new Map<string, Row>();

  note(route: string, kind: AttackKind, attack: readonly HostileRequest[], harm: Harm): void {
    const row = this.rows.get(route) ?? { requests: 0, gapMs: 0, heldMs: 0, heapMiB: 0, residentMiB: 0, worst: '' };
    row.requests += attack.length;
    if (Math.max(harm.gapMs, harm.heldMs) > Math.max(row.gapMs, row.heldMs)) row.worst = describeAttack(kind, attack);
    row.gapMs = Math.max(row.gapMs, harm.gapMs);
    row.heldMs = Math.max(row.heldMs, harm.heldMs);
    row.heapMiB = Math.max(row.heapMiB, harm.heapMiB);
    row.residentMiB = Math.max(row.residentMiB, harm.residentMiB);
    this.rows.set(route, row);
  }

  /** Returns a table in Markdown, with the worst route first. */
  toString(): string {
    const rows = [...this.rows].toSorted(([, a], [, b]) => b.gapMs - a.gapMs);
    return [
      '| route | requests | longest gap, ms | event loop held, ms | peak heap, MiB | resident, MiB | worst attack |',
      '| --- | ---: | ---: | ---: | ---: | ---: | --- |',
      ...rows.map(
        ([route, { requests, gapMs, heldMs, heapMiB, residentMiB, worst }]) =>
          `| \`${route}\` | ${requests} | ${gapMs.toFixed(0)} | ${heldMs.toFixed(0)} | ${heapMiB.toFixed(0)} | ` +
          `${residentMiB.toFixed(0)} | ${worst} |`,
      ),
    ].join('\n');
  }
}

/** Returns one line that identifies the attack. */
export function describeAttack(kind: AttackKind, attack: readonly HostileRequest[]): string {
  const [{ target, body, pace }] = attack as [HostileRequest];
  const size = body === undefined ? '' : ` of ${body.length.toLocaleString('en')} bytes`;
  const start = (body?.toString('latin1', 0, 60) ?? target.slice(0, 90)).replaceAll(/[^\u0020-\u007e]|[|`]/g, '·');
  return `${kind}, ${attack.length} × ${pace}${size}: \`${start}\``;
}
