import { Inject, Injectable, type Type } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DtoPipe } from '../../http/dto.pipe.js';
import { BreakdownQueryDto } from '../history/breakdown/breakdown-query.dto.js';
import type { BreakdownResponse } from '../history/breakdown/breakdown.response.js';
import { BreakdownService } from '../history/breakdown/breakdown.service.js';
import { MetricsQueryDto } from '../history/dto/metrics-query.dto.js';
import type { MetricsResponse } from '../history/dto/metrics.response.js';
import { RangeQueryDto } from '../history/dto/range-query.dto.js';
import type { RangeQueryResponse } from '../history/dto/range-query.response.js';
import { SamplesQueryDto } from '../history/dto/samples-query.dto.js';
import type { SamplesResponse } from '../history/dto/samples.response.js';
import { SeriesQueryDto } from '../history/dto/series-query.dto.js';
import type { SeriesResponse } from '../history/dto/series.response.js';
import { LabelsQueryDto, LabelValuesQueryDto } from '../history/labels/labels-query.dto.js';
import type { LabelsResponse, LabelValuesResponse } from '../history/labels/labels.response.js';
import { LabelsService } from '../history/labels/labels.service.js';
import { MetricListingService } from '../history/listing/metric-listing.service.js';
import { SeriesListingService } from '../history/listing/series-listing.service.js';
import { RangeQueryService } from '../history/range/range-query.service.js';
import { SamplesService } from '../history/samples/samples.service.js';
import { SparklinesDto } from '../history/sparklines/sparklines.dto.js';
import type { SparklinesResponse } from '../history/sparklines/sparklines.response.js';
import { SparklinesService } from '../history/sparklines/sparklines.service.js';
import { instantRequestOf, type QueryRequest, rangeRequestOf } from '../prometheus-api/parameters/query-request.js';
import { RequestParameters } from '../prometheus-api/parameters/request-parameters.js';
import { QueryService } from '../prometheus-api/query.service.js';
import { historyErrorOf } from './history-error.js';
import type {
  BreakdownRequest,
  LabelsRequest,
  LabelValuesRequest,
  MetricsRequest,
  PointsRequest,
  PromqlInstantRequest,
  PromqlRangeRequest,
  RequestControl,
  SamplesCsvRequest,
  SamplesRequest,
  SeriesRequest,
  SparklinesRequest,
} from './history-requests.js';
import type { PromqlAnswer, PromqlResult } from './promql-answer.js';
import { labelTexts, parameterText } from './query-texts.js';
import { wholeAnswer } from './whole-answer.js';

/** The token id under which the queries of the app itself are counted. No real token has this id. */
const APP_TOKEN_ID = -1;

/** The JSON of Prometheus' API for a successful query. */
interface PromqlJson {
  readonly data: PromqlResult;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/**
 * Answers queries of an app's own code about everything that is stored, without HTTP and without a token. The answers and the
 * limits are those of `/api/history` and PromQL.
 *
 * All methods fail with a {@link HistoryError}, whose `reason` and message explain the failure, or with the reason of the
 * caller's signal.
 *
 * @example
 * ```ts
 * const { series } = await history.query({ metric: 'orders_total', from: '-1d', step: '1h', groupBy: 'country' });
 * const { result } = await history.promql('sum by (country) (increase(orders_total[1d]))');
 * ```
 */
@Injectable()
export class CustomMetricsHistory {
  /** @internal */
  constructor(
    private readonly metricListing: MetricListingService,
    private readonly seriesListing: SeriesListingService,
    private readonly labelListing: LabelsService,
    private readonly rawSamples: SamplesService,
    private readonly ranges: RangeQueryService,
    private readonly comparisons: BreakdownService,
    private readonly overviews: SparklinesService,
    private readonly queries: QueryService,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** Lists metrics with their number of series and their last push, by name unless the request asks for another order. */
  metrics(request: MetricsRequest = {}, { signal }: RequestControl = {}): Promise<MetricsResponse> {
    return this.answer(() => this.metricListing.findMetrics(parametersOf(MetricsQueryDto, request), signal), signal);
  }

  /** Lists the series of one metric with their current values, in the order of their creation. */
  series(request: SeriesRequest, { signal }: RequestControl = {}): Promise<SeriesResponse> {
    return this.answer(() => this.seriesListing.findSeries(parametersOf(SeriesQueryDto, request), signal), signal);
  }

  /** Lists the labels of a metric, or of all metrics, with the number of their values, in the order of their names. */
  labels(request: LabelsRequest = {}, { signal }: RequestControl = {}): Promise<LabelsResponse> {
    return this.answer(() => this.labelListing.findLabels(parametersOf(LabelsQueryDto, request), signal), signal);
  }

  /** Lists the values of a label, each with the number of series that have it. */
  labelValues(
    label: string,
    request: LabelValuesRequest = {},
    { signal }: RequestControl = {},
  ): Promise<LabelValuesResponse> {
    return this.answer(
      () => this.labelListing.findValues(label, parametersOf(LabelValuesQueryDto, request), signal),
      signal,
    );
  }

  /** Lists raw samples in time order. */
  samples(request: SamplesRequest, { signal }: RequestControl = {}): Promise<SamplesResponse> {
    return this.answer(() => this.rawSamples.findPage(parametersOf(SamplesQueryDto, request), signal), signal);
  }

  /**
   * Yields the raw samples of a whole range as a CSV of any size, in parts.
   *
   * @example
   * ```ts
   * await pipeline(history.samplesCsv({ metric: 'orders_total', from: '-30d' }), createWriteStream('orders.csv'));
   * ```
   */
  async *samplesCsv(request: SamplesCsvRequest, { signal }: RequestControl = {}): AsyncGenerator<string, void> {
    try {
      const { chunks } = await this.rawSamples.openCsv(parametersOf(SamplesQueryDto, request), signal);
      // Each part ends with a whole row, so no character is split between two parts.
      for await (const chunk of chunks) yield typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    } catch (error) {
      throw reasonOf(error, signal);
    }
  }

  /** Returns points over time: the samples of each bucket are combined into one number. */
  query(request: PointsRequest, { signal }: RequestControl = {}): Promise<RangeQueryResponse> {
    return this.answer(() => this.ranges.query(parametersOf(RangeQueryDto, request), signal), signal);
  }

  /**
   * Ranks labels by how much a metric differs between their values. For each label, the largest values are listed, in the range
   * and in the period before.
   */
  breakdown(request: BreakdownRequest, { signal }: RequestControl = {}): Promise<BreakdownResponse> {
    return this.answer(() => this.comparisons.breakDown(parametersOf(BreakdownQueryDto, request), signal), signal);
  }

  /** Returns a short array of numbers for each of several metrics. */
  sparklines(request: SparklinesRequest, { signal }: RequestControl = {}): Promise<SparklinesResponse> {
    return this.answer(() => this.overviews.compute(parametersOf(SparklinesDto, request, 'body'), signal), signal);
  }

  /** Evaluates a PromQL expression at one time. */
  promql(query: string, request: PromqlInstantRequest = {}): Promise<PromqlAnswer> {
    return this.evaluate(query, request, instantRequestOf);
  }

  /** Evaluates a PromQL expression over a range, once for each step. */
  promqlRange(query: string, request: PromqlRangeRequest): Promise<PromqlAnswer> {
    return this.evaluate(query, request, rangeRequestOf);
  }

  private async evaluate(
    query: string,
    { signal, ...parameters }: PromqlInstantRequest | PromqlRangeRequest,
    requestOf: typeof instantRequestOf,
  ): Promise<PromqlAnswer> {
    const open = (): Promise<AsyncIterable<Uint8Array>> => {
      const request: QueryRequest = requestOf(promqlParametersOf(query, parameters), this.queries.defaults);
      return this.queries.query(request, { tokenId: APP_TOKEN_ID, client: signal ?? new AbortController().signal });
    };
    const { data, warnings = [], infos = [] } = await this.answer<PromqlJson>(open, signal);
    return { ...data, warnings, infos };
  }

  private async answer<T>(
    open: () => Promise<AsyncIterable<string | Uint8Array>>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await wholeAnswer<T>(await open(), this.options.history.inProcessAnswerBytes);
    } catch (error) {
      throw reasonOf(error, signal);
    }
  }
}

function reasonOf(error: unknown, signal: AbortSignal | undefined): unknown {
  return signal?.aborted === true ? signal.reason : historyErrorOf(error);
}

/** Converts a request to the parameters of the HTTP routes, and checks them by the same rules. */
function parametersOf<T extends object>(
  dto: Type<T>,
  request: Partial<
    Omit<MetricsRequest, 'order'> & Omit<SamplesRequest, 'order'> & PointsRequest & BreakdownRequest & SparklinesRequest
  >,
  place: 'query' | 'body' = 'query',
): T {
  const { labels, excludedLabels, from, to, step, families, ...rest } = request;
  const isFiltered = labels !== undefined || excludedLabels !== undefined;
  return new DtoPipe(dto, place).transform({
    ...rest,
    ...(families !== undefined && { families: String(families) }),
    ...(isFiltered && { label: labelTexts(labels, excludedLabels) }),
    ...(from !== undefined && { from: parameterText(from) }),
    ...(to !== undefined && { to: parameterText(to) }),
    ...(step !== undefined && { step: parameterText(step) }),
  });
}

function promqlParametersOf(query: string, parameters: object): RequestParameters {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  return RequestParameters.ofTexts([
    ['query', query],
    ...given.map(([name, value]): [string, string] => [name, parameterText(value as Date | number | string)]),
  ]);
}
