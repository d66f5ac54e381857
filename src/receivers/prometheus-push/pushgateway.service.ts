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
import { type Grouping, groupingOf } from './grouping.js';
import type { ExpositionSamples } from './exposition-format/exposition-samples.js';
import {
  countInfinite,
  parseReceived,
  refusalOf,
  understandExposition,
} from './exposition-format/exposition-reading.js';
import { NAMES_OF_PUSH_TIMES, pushTimes } from './push-times.js';
import type { ReceivedExposition } from './exposition-format/received-exposition.js';

/** The series that a push replaces: all series of the group, or only those of metrics that are pushed. */
export type Replacement = 'group' | 'metrics of the same names';

/** The state of a group at the start of a request. */
interface Group {
  readonly grouping: Grouping;
  readonly sender: Sender;
  readonly identity: Buffer;
  readonly series: readonly Series[];
}

/**
 * Manages groups as Pushgateway does. The series that a job pushes stay until the job pushes again or the group is deleted. A
 * stale marker removes replaced and deleted series from `/metrics`; their history is kept.
 *
 * A token's fixed labels are part of the identity of its groups, so a token can't change the groups of tokens with other labels.
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
   * Stores an exposition for a group. The samples, the time of the push, and as many markers of replaced series as fit into one
   * request are committed in one row.
   *
   * @param path the path that names the group
   * @throws BadDataError if the path or the exposition is malformed or any sample is refused, in which case none of its samples
   * is stored; StoreUnavailableError or the error of Postgres if it is unavailable for too long
   */
  async push(path: string, received: ReceivedExposition, token: ApiToken, replacement: Replacement): Promise<void> {
    const grouping = groupingOf(path, this.options.series.nameValidation);
    const families = await parseReceived(received, this.options.ingest.maxSamples);
    const group = await this.find(grouping, token);
    try {
      await this.replace(group, await understandExposition(families, this.options.series, grouping), replacement);
    } catch (error) {
      if (error instanceof BadDataError) await this.noteRefusal(group);
      throw error;
    }
  }

  /**
   * Ends all series of a group. Deleting a group that does not exist succeeds.
   *
   * @throws BadDataError if the path is malformed; StoreUnavailableError or the error of Postgres if it is unavailable for too
   * long
   */
  async delete(path: string, token: ApiToken): Promise<void> {
    const grouping = groupingOf(path, this.options.series.nameValidation);
    const { sender, identity, series } = await this.find(grouping, token);
    await this.mark(await this.markersOf(series), sender);
    await this.takeOut({ identity, sender }, series);
  }

  private async replace(group: Group, exposition: ExpositionSamples, replacement: Replacement): Promise<void> {
    // Each of the following steps looks at all series of the group. Many pushes reach the same step together, when Postgres answers.
    const turns = new Turns();
    await turns.give();
    const samples = [...exposition.samples, ...this.times('taken', group)];
    const pushed = await this.knownSeriesOf(samples, group.sender);
    await turns.give();
    const replaced = group.series.filter(
      (series) =>
        !pushed.has(series) &&
        !NAMES_OF_PUSH_TIMES.has(series.metric.name) &&
        (replacement === 'group' || exposition.names.has(series.metric.name)),
    );
    const markers = await this.markersOf(replaced);
    // Markers that exceed the limit of one request are stored separately, after the samples.
    const room = Math.max(0, this.options.ingest.maxSamples - samples.length);
    await turns.give();
    const known = new Set(group.series);
    const { refused, series } = await this.ingestion.ingest(
      [...samples, ...markers.slice(0, room)],
      group.sender,
      true,
      {
        // The group is written before the samples, because a job could never delete a series that is stored but in no group.
        beforeCommit: async ({ series: taken }) => {
          const added = taken.slice(0, samples.length).filter((each) => !known.has(each));
          await this.groups.change(group.identity, { added }, group.sender.wait);
        },
      },
    );
    if (refused.length > 0) throw refusalOf(exposition, refused);
    countInfinite(exposition, this.metrics, group.sender.tokenId);
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
   * Removes the replaced series from the group, and adds the pushed ones once more, because another request may have deleted the
   * group since they were added. This method never throws, because the samples are committed and the client would push them again
   * after an error. A replaced series that stays in the group merely gets another marker with the next push.
   */
  private async settle(group: Group, pushed: readonly Series[], replaced: readonly Series[]): Promise<void> {
    try {
      await this.groups.change(group.identity, { added: pushed }, group.sender.wait);
      await this.takeOut(group, replaced);
    } catch (error) {
      this.logger.warn(`A push was stored, but its group could not be updated: ${databaseMessageOf(error)}`);
    }
  }

  /**
   * Removes series with committed markers from a group, except those that another push to the group has revived in the meantime.
   */
  private async takeOut(
    { identity, sender: { wait } }: Pick<Group, 'identity' | 'sender'>,
    series: readonly Series[],
  ): Promise<void> {
    await this.groups.change(identity, { removed: series }, wait);
    const added = series.filter((each) => this.liveValues.has(each));
    await this.groups.change(identity, { added }, wait);
  }

  private async find(grouping: Grouping, token: ApiToken): Promise<Group> {
    const { maxLabels } = this.options.series;
    // The labels of the path are copied to each sample, so their number is checked first.
    const tooMany = checkLabelCount('The group', grouping, maxLabels);
    if (tooMany !== undefined) throw new BadDataError([{ path: '/path', message: tooMany.message }], tooMany.message);
    const sender = senderOf(token);
    const identity = groupIdentityOf({ ...grouping, ...sender.labels });
    return { grouping, sender, identity, series: await this.groups.seriesOf(identity, sender.wait) };
  }

  /** Stores the time of a refused push. A failure to do so is only logged, because the push is refused in any case. */
  private async noteRefusal(group: Group): Promise<void> {
    try {
      const { series } = await this.ingestion.ingest(this.times('refused', group), group.sender);
      const known = new Set(group.series);
      const added = series.filter((each) => !known.has(each));
      await this.groups.change(group.identity, { added }, group.sender.wait);
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

  /**
   * Creates the stale markers of series. Other work can run meanwhile, because parsing the labels of many series takes a while.
   */
  private async markersOf(series: readonly Series[]): Promise<IncomingSample[]> {
    const turns = new Turns();
    const markers: IncomingSample[] = [];
    for (const each of series) {
      if (turns.isUp) await turns.give();
      markers.push(this.markerOf(each));
    }
    return markers;
  }

  /**
   * Creates a marker with the current time, or with the time of the newest sample if that is later, because an older marker would
   * have no effect.
   */
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
