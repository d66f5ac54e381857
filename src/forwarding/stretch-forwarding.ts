import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { DatabaseClock } from '../database/database-clock.js';
import { KnownDatabase } from '../database/known-database.js';
import { type GroupedSamples, groupBySeries, looseSamplesOf } from '../sample-store/archive/grouped-samples.js';
import { inTurns, Turns } from '../scheduling/turns.js';
import { ForwardingMetrics } from './forwarding.metrics.js';
import { ForwardingStatus } from './forwarding-status.js';
import { ForwardingRepository } from './position/forwarding.repository.js';
import {
  type Changes,
  type HeldState,
  isSameState,
  type Lease,
  OutdatedSamplesError,
  type Positions,
} from './position/lease.js';
import { type Stretch, stretchOf, wholeStretchOf } from './position/stretch.js';
import { TotalsStart } from './position/totals-start.js';
import { UnforwardedRows } from './position/unforwarded-rows.js';
import { type ForwardedSamples, SamplesConversion } from './samples/forwarded-samples.js';
import { RunningTotals } from './samples/running-totals.js';
import { Form, SeriesTexts } from './samples/series-texts.js';
import { Delivery, OverdueError } from './target/delivery.js';
import { EndedSeriesForwarding } from './target/ended-series.js';
import { MetadataForwarding } from './target/metadata-forwarding.js';

/** The pause between two measurements of the queue. */
const QUEUE_CHECK_MS = 30_000;

/** If a stretch takes longer than this, many samples have arrived in the meantime, so the next stretch follows immediately. */
const LONG_MS = 10_000;

/**
 * Forwards rows in stretches. A stretch is claimed before it is sent, and finished after the target has accepted it:
 *
 * 1. The rows after the position are read, and the last row of each writer is stored as the claim.
 * 2. Their samples are converted and delivered. If some of them are deleted or renamed while the target is unavailable, they are
 *    read and converted again before the next attempt.
 * 3. One statement stores the new position and the new totals, and ends the claim.
 *
 * After a crash, the next process finds the claim and repeats exactly this stretch, from the totals before it. So it sends the
 * same values for the same times, which every target takes for repetitions.
 */
@Injectable()
export class StretchForwarding {
  private readonly logger = new Logger('Forwarding');
  private queueCheckedAt = -Infinity;
  private isQueueFull = false;
  private hasSaidOverdue = false;
  /** The latest known state of deletions and renames. Rows and names in memory were read in this state or a later one. */
  private seen: Changes | undefined;

  constructor(
    private readonly repository: ForwardingRepository,
    private readonly rows: UnforwardedRows,
    private readonly start: TotalsStart,
    private readonly totals: RunningTotals,
    private readonly texts: SeriesTexts,
    private readonly delivery: Delivery,
    private readonly ended: EndedSeriesForwarding,
    private readonly metadata: MetadataForwarding,
    private readonly status: ForwardingStatus,
    private readonly metrics: ForwardingMetrics,
    private readonly known: KnownDatabase,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** Forgets everything in memory, because another process may have forwarded in the meantime. */
  forget(): void {
    this.totals.forget();
    this.texts.forget();
    this.metadata.forget();
    this.ended.forget();
    this.seen = undefined;
  }

  /**
   * Forwards the next stretch.
   *
   * @returns whether there are more samples to forward immediately
   * @throws LostLeaseError
   */
  async forwardNext({ lease, isStarted, claimed }: HeldState, signal: AbortSignal): Promise<boolean> {
    if (!isStarted && !(await this.start.begin(lease))) return false;
    const { generation } = this.known;
    const readAt = performance.now();
    const stretch =
      claimed === undefined ? stretchOf(await this.rows.find()) : wholeStretchOf(await this.rows.findClaimed(claimed));
    this.known.assertStill(generation);
    this.noteLag(stretch);
    const positions = claimed ?? stretch.positions;
    if (positions.size > 0) await this.forward(lease, stretch, positions, signal);
    const tookMs = performance.now() - readAt;
    // Samples that have arrived since the rows were read are not forwarded yet. There are many of them if the target was
    // unavailable.
    if (!stretch.isCut) this.status.note(tookMs / 1000, true);
    if (stretch.isCut || tookMs > LONG_MS) return true;
    await this.afterAllSamples(lease, signal);
    return false;
  }

  private async forward(lease: Lease, stretch: Stretch, positions: Positions, signal: AbortSignal): Promise<void> {
    const { generation } = this.known;
    let claimed = stretch;
    let changes = await this.repository.claim(lease, positions);
    for (let isSent = false; !isSent;) {
      // Rows that were read before a deletion still contain what it has deleted.
      if (!isSameState(this.seen, changes)) claimed = wholeStretchOf(await this.rows.findClaimed(positions));
      this.note(changes);
      const samples = await this.convert(claimed, changes.names);
      this.known.assertStill(generation);
      isSent = await this.deliver(lease, claimed, samples, signal);
      if (!isSent) {
        this.totals.forget();
        changes = await this.repository.look(lease);
      }
    }
    await this.repository.finish(lease, positions, this.totals.changes(), this.options.forwarding.counters === 'raw');
    this.totals.noteStored();
  }

  /** Does the work that can wait until all samples are forwarded. */
  private async afterAllSamples(lease: Lease, signal: AbortSignal): Promise<void> {
    const changes = await this.repository.look(lease);
    this.note(changes);
    if (changes.needsTotals) await this.renewTotals(lease);
    await this.metadata.forwardChanged(signal);
    await this.ended.forward(signal);
    await this.rows.clear();
    await this.measureQueue();
  }

  private note(changes: Changes): void {
    this.seen = changes;
    this.delivery.nameInstallations(changes.installations);
  }

  private async renewTotals(lease: Lease): Promise<void> {
    // If counters are forwarded raw, the totals are not used. They are computed again when the setting changes.
    if (this.options.forwarding.counters === 'raw') return;
    if (await this.start.renew(lease)) this.totals.forget();
  }

  private async convert({ rows }: Stretch, names: string): Promise<ForwardedSamples> {
    const turns = new Turns();
    await turns.next();
    const grouped: GroupedSamples = groupBySeries(looseSamplesOf(rows));
    await this.texts.load(grouped.seriesIds, names);
    await this.totals.load(
      grouped.seriesIds.filter((id) => (this.texts.get(id)?.form ?? Form.AsPushed) !== Form.AsPushed),
    );
    const conversion = new SamplesConversion(
      grouped,
      rows,
      (id) => this.texts.get(id),
      (id) => this.totals.change(id),
    );
    return inTurns(conversion.convert());
  }

  /**
   * @returns false if samples were deleted or renamed before the target had accepted all of them, so that they must be converted
   *   again
   */
  private async deliver(
    lease: Lease,
    { rows }: Stretch,
    samples: ForwardedSamples,
    signal: AbortSignal,
  ): Promise<boolean> {
    const newest = rows.at(-1)?.receivedAt ?? 0;
    const assertNotOverdue = async () => {
      if (await this.isOverdue(newest)) throw new OverdueError();
    };
    const beforeRetry = async () => {
      await assertNotOverdue();
      if (!isSameState(this.seen, await this.repository.look(lease))) throw new OutdatedSamplesError();
    };
    let left = samples.values.length;
    try {
      await assertNotOverdue();
      await this.delivery.deliver(samples, { signal, beforeRetry, onSettled: (count) => (left -= count) });
      this.hasSaidOverdue = false;
    } catch (error) {
      if (error instanceof OutdatedSamplesError) return false;
      if (!(error instanceof OverdueError)) throw error;
      this.noteOverdue(left);
    }
    this.metrics.countDropped('series_deleted', samples.ofDeletedSeries);
    return true;
  }

  private noteOverdue(samples: number): void {
    this.metrics.countDropped('overdue', samples);
    if (this.hasSaidOverdue) return;
    this.hasSaidOverdue = true;
    this.logger.error(
      'Samples have waited too long for the target of remote write (REMOTE_WRITE_QUEUE_MAX_AGE, REMOTE_WRITE_QUEUE_MAX_BYTES), and are ' +
        'not forwarded any more. They are still stored here.',
    );
  }

  /** Returns whether samples with this arrival time, and all earlier ones, are no longer forwarded. */
  private async isOverdue(receivedAt: number): Promise<boolean> {
    const ageMs = this.clock.now() - receivedAt;
    if (ageMs > this.options.forwarding.queueMaxAgeSeconds * 1000) return true;
    await this.measureQueue();
    return this.isQueueFull;
  }

  private async measureQueue(): Promise<void> {
    const now = performance.now();
    // While rows are being left out, each stretch changes the size, so it is measured each time.
    if (!this.isQueueFull && now - this.queueCheckedAt < QUEUE_CHECK_MS) return;
    this.queueCheckedAt = now;
    const { queueMaxBytes } = this.options.forwarding;
    const bytes = await this.repository.queueBytes(queueMaxBytes);
    this.metrics.setQueueBytes(bytes);
    this.isQueueFull = bytes > queueMaxBytes;
  }

  private noteLag({ rows }: Stretch): void {
    const oldest = rows[0]?.receivedAt;
    this.status.note(oldest === undefined ? 0 : Math.max(0, (this.clock.now() - oldest) / 1000), true);
  }
}
