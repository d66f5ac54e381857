import { ConflictException, Inject, Injectable, Logger } from '@nestjs/common';
import { problemOfMetricName } from '../../catalog/metric/metric-name.js';
import { MetricRenaming } from '../../catalog/renaming/metric-renaming.js';
import {
  type RenameOutcome,
  RenameRefusedError,
  type RenameRequest,
  UnknownMetricError,
} from '../../catalog/renaming/rename.js';
import { RenamingRepository } from '../../catalog/renaming/renaming.repository.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BadDataError } from '../../http/answers/errors.js';
import { SeriesSelection } from '../../queries/selection/series-selection.js';
import { type RenameResponse, RenamesResponse, StoredRenameResponse } from './dto/rename.response.js';

/** Renames metrics, and lists past renames. */
@Injectable()
export class RenamesService {
  private readonly logger = new Logger(RenamesService.name);

  constructor(
    private readonly renaming: MetricRenaming,
    private readonly repository: RenamingRepository,
    private readonly selection: SeriesSelection,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Renames a metric, or reports what a rename would change.
   *
   * @throws BadDataError for a new name that is not legal, NotFoundException with a hint, ConflictException if the name is taken
   */
  async rename(request: RenameRequest): Promise<RenameResponse> {
    const { from, to, isDryRun } = request;
    const problem = problemOfMetricName(to, this.options.series);
    if (problem !== undefined) throw badName(problem);
    if (from === to) throw badName('The new name is the present one. Choose another name.');
    const outcome = await this.attempt(request);
    if (!isDryRun && !outcome.isReplay) {
      this.logger.log(`Renamed the metric ${from} to ${to}: ${outcome.series} series.`);
    }
    return responseOf(request, outcome);
  }

  async list(limit: number): Promise<RenamesResponse> {
    const renames = await this.repository.findNewest(limit);
    return { renames: renames.map((each) => StoredRenameResponse.of(each)) };
  }

  private async attempt(request: RenameRequest): Promise<RenameOutcome> {
    try {
      return await this.renaming.rename(request);
    } catch (error) {
      if (error instanceof UnknownMetricError) throw this.selection.unknownMetric(request.from);
      if (!(error instanceof RenameRefusedError)) throw error;
      const { reason, message } = error.refusal;
      throw reason === 'name_too_long' ? badName(message) : new ConflictException(message);
    }
  }
}

function badName(message: string): BadDataError {
  return new BadDataError([{ path: '/body/to', message }], message);
}

function responseOf(
  { from, to, isDryRun }: RenameRequest,
  { renamed, series, isReplay }: RenameOutcome,
): RenameResponse {
  return {
    metric: from,
    to,
    dryRun: isDryRun,
    isReplay,
    renamed: renamed.map((each) => ({ ...each })),
    seriesCount: series,
    note:
      `Dashboards, alerts and queries that name ${from} must name ${to} instead. Prometheus sees the series of ${from} end and new ones ` +
      `begin. Clients that go on to push ${from} create a new metric of that name.`,
  };
}
