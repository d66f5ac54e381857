import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { labelsFromText } from '../../catalog/series/label-set.js';
import { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { databaseMessageOf } from '../../database/outage.js';
import { LiveValues } from '../../live-values/live-values.js';
import { BadDataError } from '../../http/answers/errors.js';
import { type IncomingSample, staleMarker } from '../../ingestion/incoming-sample.js';
import { checkLabelCount } from '../../ingestion/label-count.js';
import { IngestionMetrics } from '../../ingestion/ingestion.metrics.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import { type Sender, senderOf } from '../../ingestion/sender.js';
import { SeriesResolver } from '../../ingestion/series/series-resolver.js';
import { groupIdentityOf, PushGroups } from './push-groups/push-groups.js';
import { Turns } from '../../scheduling/turns.js';
import type { Grouping } from './grouping.js';
import type { PageSamples } from './exposition-format/page-samples.js';
import { countInfinite, parsePage, refusalOf, understandPage } from './exposition-format/page-reading.js';
import { NAMES_OF_PUSH_TIMES, pushTimes } from './push-times.js';
import type { ReceivedPage } from './exposition-format/received-page.js';

/** What goes with a push: all that the group had, or only what has the names of what is pushed. */
export type Replacement = 'group' | 'metrics of the same names';

/** A group as a request finds it. */
interface Group {
  readonly grouping: Grouping;
  readonly sender: Sender;
  readonly identity: Buffer;
  readonly series: readonly Series[];
}

/**
 * Groups as Pushgateway has them: what a job pushes stands until it pushes again or is deleted. What is replaced or deleted
 * leaves `/metrics` by a stale marker, and its history stays.
 *
 * A token's fixed labels are part of its groups: with them it can't touch what tokens with other labels push.
 */
@Injectable()
export class PushgatewayService {
  private readonly logger = new Logger(PushgatewayService.name);

  constructor(
    private readonly ingestion: IngestionService,
    private readonly metrics: IngestionMetrics,
    private readonly resolver: SeriesResolver,
    private readonly groups: PushGroups,
    private readonly liveValues: LiveValues,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Takes a page for a group. Samples, what they replace and the time of the push are committed in one row.
   *
   * @throws BadDataError if anything of the page can't be taken, and then nothing is; StoreUnavailableError
   */
  async push(grouping: Grouping, received: ReceivedPage, token: ApiToken, replacement: Replacement): Promise<void> {
    const families = await parsePage(received, this.options.ingest.maxSamples);
    const group = await this.find(grouping, token);
    try {
      await this.replace(group, await understandPage(families, this.options.series, grouping), replacement);
    } catch (error) {
      if (error instanceof BadDataError) await this.noteRefusal(group);
      throw error;
    }
  }

  /**
   * Ends everything that a group shows. A group that is not there is deleted, too.
   *
   * @throws StoreUnavailableError
   */
  async delete(grouping: Grouping, token: ApiToken): Promise<void> {
    const { sender, identity, series } = await this.find(grouping, token);
    await this.mark(await this.markersOf(series), sender);
    await this.takeOut(identity, series);
  }

  private async replace(group: Group, page: PageSamples, replacement: Replacement): Promise<void> {
    const samples = [...page.samples, ...this.times('taken', group)];
    const pushed = await this.knownSeriesOf(samples, group.sender);
    const replaced = group.series.filter(
      (series) =>
        !pushed.has(series) &&
        !NAMES_OF_PUSH_TIMES.has(series.metric.name) &&
        (replacement === 'group' || page.names.has(series.metric.name)),
    );
    const markers = await this.markersOf(replaced);
    // What does not fit into one request any more follows it.
    const room = Math.max(0, this.options.ingest.maxSamples - samples.length);
    const known = new Set(group.series);
    const { refused, series } = await this.ingestion.ingest(
      [...samples, ...markers.slice(0, room)],
      group.sender,
      true,
      {
        // What is on the page and in no group could never be deleted by its job.
        beforeCommit: async ({ series: taken }) => {
          const added = taken.slice(0, samples.length).filter((each) => !known.has(each));
          await this.groups.change(group.identity, added, []);
        },
      },
    );
    if (refused.length > 0) throw refusalOf(page, refused);
    countInfinite(page, this.metrics);
    await this.mark(markers.slice(room), group.sender);
    await this.settle(group, series.slice(0, samples.length), replaced);
  }

  private async knownSeriesOf(samples: readonly IncomingSample[], sender: Sender): Promise<Set<Series>> {
    const turns = new Turns();
    const known = new Set<Series>();
    for (const sample of samples) {
      if (turns.isUp) await turns.give();
      const series = this.resolver.resolve(sample, sender);
      if (series instanceof Series) known.add(series);
    }
    return known;
  }

  /**
   * Takes what was replaced out of the group, and what was pushed into it again: a deletion may have come between. Never
   * fails: what is committed would be pushed once more, and what stays in the group is marked once more by the next push.
   */
  private async settle({ identity }: Group, pushed: readonly Series[], replaced: readonly Series[]): Promise<void> {
    try {
      await this.groups.change(identity, pushed, []);
      await this.takeOut(identity, replaced);
    } catch (error) {
      this.logger.warn(`A push is stored, and its group could not be brought up to date: ${databaseMessageOf(error)}`);
    }
  }

  /** Series whose markers are committed; not those that a push to the same group has brought back meanwhile. */
  private async takeOut(identity: Buffer, series: readonly Series[]): Promise<void> {
    await this.groups.change(identity, [], series);
    await this.groups.change(
      identity,
      series.filter((each) => this.liveValues.has(each)),
      [],
    );
  }

  private async find(grouping: Grouping, token: ApiToken): Promise<Group> {
    const { maxLabels } = this.options.series;
    // Those of the path are copied to each line of the page.
    const tooMany = checkLabelCount('The group', grouping, maxLabels);
    if (tooMany !== undefined) throw new BadDataError([{ path: '/path', message: tooMany.message }], tooMany.message);
    const sender = senderOf(token);
    const identity = groupIdentityOf({ ...grouping, ...sender.labels });
    return { grouping, sender, identity, series: await this.groups.seriesOf(identity) };
  }

  /** The push is refused anyway; that it was is told as far as possible. */
  private async noteRefusal(group: Group): Promise<void> {
    try {
      const { series } = await this.ingestion.ingest(this.times('refused', group), group.sender);
      const known = new Set(group.series);
      await this.groups.change(
        group.identity,
        series.filter((each) => !known.has(each)),
        [],
      );
    } catch (error) {
      this.logger.warn(`The time of a refused push could not be stored: ${databaseMessageOf(error)}`);
    }
  }

  private async mark(markers: readonly IncomingSample[], sender: Sender): Promise<void> {
    const { maxSamples } = this.options.ingest;
    for (let start = 0; start < markers.length; start += maxSamples) {
      await this.ingestion.ingest(markers.slice(start, start + maxSamples), sender);
    }
  }

  /** In turns: the labels of each series are read again. */
  private async markersOf(series: readonly Series[]): Promise<IncomingSample[]> {
    const turns = new Turns();
    const markers: IncomingSample[] = [];
    for (const each of series) {
      if (turns.isUp) await turns.give();
      markers.push(this.markerOf(each));
    }
    return markers;
  }

  /** Of now, or of the newest sample's time where that is ahead: a marker from before it would change nothing. */
  private markerOf(series: Series): IncomingSample {
    const newestAt = this.liveValues.newestAtOf(series);
    const isAhead = newestAt > this.clock.now();
    return staleMarker(series.metric.name, labelsFromText(series.labelsText), isAhead ? newestAt : undefined);
  }

  private times(outcome: 'taken' | 'refused', { grouping, series }: Group): IncomingSample[] {
    const known = new Set(series.map(({ metric }) => metric.name));
    return pushTimes(outcome, this.clock.now(), known, grouping);
  }
}
