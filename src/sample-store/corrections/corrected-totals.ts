import { Injectable } from '@nestjs/common';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { CompensatedSum } from '../../live-values/compensated-sum.js';
import { Turns } from '../../scheduling/turns.js';
import type { ArchiveTransaction } from '../archive/archive.repository.js';
import { readSumsSince } from '../reading/blocks/block-reader.js';
import { findOlderSamples } from '../reading/blocks/older-samples.js';
import { StoreSnapshot } from '../reading/store-snapshot.repository.js';
import {
  type CorrectableTotals,
  type CorrectedTotals,
  CorrectedTotalsRepository,
} from './corrected-totals.repository.js';
import type { CorrectionWork } from './correction-work.js';

/** The last compacted sample that is left of a series. */
interface LastSample {
  readonly at: number;
  readonly value: number;
  readonly id: number;
}

/**
 * The largest share of the removed sum that rounding alone may leave behind. A compensated sum has 106 bits, so 16 bits are left
 * for the errors of many additions.
 */
const ROUNDING = 2 ** -90;

/** A time before all samples. */
const BEFORE_ALL = Date.UTC(1901, 0, 1);

/** Corrects the stored totals after samples were taken out of blocks and chunks. */
@Injectable()
export class CorrectedTotalsKeeper {
  constructor(
    private readonly repository: CorrectedTotalsRepository,
    private readonly schema: DatabaseSchema,
  ) {}

  async correct(transaction: ArchiveTransaction, work: CorrectionWork): Promise<void> {
    const changed = Int32Array.from(work.removed.compactedIds);
    if (changed.length === 0) return;
    const totals = await this.repository.find(transaction, changed, work.range);
    if (totals.length === 0) return;
    const view = new StoreSnapshot(transaction, this.schema);
    const lost = totals.filter(({ loses_last }) => loses_last).map(({ id }) => id);
    const last = await findLastSamples(view, lost, work.range.from);
    const sums = new Map<number, CompensatedSum>();
    for (const each of totals) sums.set(each.id, withoutRemoved(each, work));
    const inexact = [...sums].filter(([id, sum]) => isInexact(sum, work.removed.compactedOf(id))).map(([id]) => id);
    if (inexact.length > 0) await addUp(view, inexact, sums);
    const corrected: CorrectedTotals[] = [];
    for (const each of totals) {
      await work.giveTurn();
      const sum = sums.get(each.id)!;
      corrected.push({
        id: each.id,
        total: sum.high,
        totalLow: sum.low,
        last: each.loses_last ? lastOf(each, sum, last.get(each.id), work.range.from) : undefined,
      });
    }
    await this.repository.update(transaction, corrected);
  }
}

/** Returns the total of a series without the deltas that were removed. */
function withoutRemoved({ id, total, total_low }: CorrectableTotals, work: CorrectionWork): CompensatedSum {
  const sum = new CompensatedSum(total);
  sum.add(total_low);
  const removed = work.removed.compactedOf(id);
  if (removed === undefined) return sum;
  sum.add(-removed.high);
  sum.add(-removed.low);
  return sum;
}

/** Returns whether a total may be wrong after a subtraction: it is not finite, or so small that it may be only rounding error. */
function isInexact({ high }: CompensatedSum, removed: CompensatedSum | undefined): boolean {
  if (!Number.isFinite(high)) return true;
  return removed !== undefined && high !== 0 && Math.abs(high) <= Math.abs(removed.high) * ROUNDING;
}

/**
 * Decides which sample of a series is now the last compacted one.
 *
 * If none is left, a delta counter may still have a total of samples that retention has dropped. It then gets a placeholder,
 * because it would not be shown without a last sample. The time of the placeholder is before the range, like the times of the
 * dropped samples. Its value is not shown, because such a counter shows its total.
 */
function lastOf(
  { kind }: CorrectableTotals,
  total: CompensatedSum,
  found: LastSample | undefined,
  from: number,
): { readonly at: number; readonly value: number } | null {
  if (found !== undefined) return found;
  return kind === 'delta' && total.high !== 0 ? { at: from - 1, value: 0 } : null;
}

/** Finds the newest sample of each series before a time in blocks and chunks. */
async function findLastSamples(
  view: StoreSnapshot,
  seriesIds: readonly number[],
  before: number,
): Promise<ReadonlyMap<number, LastSample>> {
  const last = new Map<number, LastSample>();
  if (seriesIds.length === 0) return last;
  for (const { series_id, id, at, value } of await view.lastSamplesBefore(seriesIds, before)) {
    last.set(series_id, { at: at.getTime(), value, id: Number(id) });
  }
  for await (const { seriesId, at, value, id } of findOlderSamples(view.blocks, seriesIds, before, new Turns())) {
    const other = last.get(seriesId);
    if (other === undefined || at > other.at || (at === other.at && id > other.id))
      last.set(seriesId, { at, value, id });
  }
  return last;
}

/** Adds up totals again from the sums that blocks and chunks store, for series whose totals can't be corrected by subtraction. */
async function addUp(
  view: StoreSnapshot,
  seriesIds: readonly number[],
  sums: ReadonlyMap<number, CompensatedSum>,
): Promise<void> {
  for (const id of seriesIds) sums.get(id)!.reset();
  for await (const page of view.deltaSumsSince(seriesIds, BEFORE_ALL)) {
    for (const { seriesId, sums: highs, lows } of page) {
      for (let index = 0; index < highs.length; index++) {
        sums.get(seriesId)!.add(highs[index]!);
        sums.get(seriesId)!.add(lows[index]!);
      }
    }
  }
  for await (const { seriesId, sum, low } of readSumsSince(view.blocks, seriesIds, BEFORE_ALL, new Turns())) {
    sums.get(seriesId)!.add(sum);
    sums.get(seriesId)!.add(low);
  }
}
