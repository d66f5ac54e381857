import { Get, Inject, Req, Res } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { ApiQuery } from '@nestjs/swagger';
import { CurrentToken } from '../../api-tokens/api-token.guard.js';
import type { ApiToken } from '../../api-tokens/api-token.js';
import type { Request, Response } from 'express';
import { sendWhole } from '../../http/answers/send-json.js';
import { ClientSignal } from '../../http/connections/client-signal.js';
import { parseSignedWhole } from '../../outside-text/number.js';
import { PrometheusError } from './answers/prometheus.error.js';
import { TsdbStatusService } from './listing/tsdb-status.service.js';
import { Parameters } from './parameters/parameters.decorator.js';
import { RequestParameters } from './parameters/request-parameters.js';
import { PostForm } from './parameters/form-body.js';
import { PrometheusController } from './prometheus-controller.decorator.js';

/**
 * The release of Prometheus whose API this service implements. Grafana uses label queries with matchers if the version is 2.24 or
 * later. It takes a server for Mimir if the server reports features, so none are reported.
 */
const API_VERSION = '3.5.0';

/** The default length of the lists of `status/tsdb`, as in Prometheus. */
const DEFAULT_LIST_LENGTH = 10;
const MAX_LIST_LENGTH = 10_000;

/**
 * Answers requests about the server itself. For features that this service does not have (rules, alerts and exemplars), it
 * returns empty lists.
 */
@PrometheusController()
export class StatusController {
  constructor(
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    private readonly tsdb: TsdbStatusService,
  ) {}

  /** Returns the version of the API. */
  @Get('status/buildinfo')
  buildInfo(): object {
    return success({ version: API_VERSION, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' });
  }

  /** Returns the settings that Prometheus also has, under the names that Prometheus uses. */
  @Get('status/flags')
  flags(): object {
    const { lookbackSeconds, timeoutSeconds, maxSamples, workers } = this.options.promql;
    return success({
      'query.lookback-delta': `${lookbackSeconds}s`,
      'query.timeout': `${timeoutSeconds}s`,
      'query.max-samples': String(maxSamples),
      'query.max-concurrency': String(workers),
      'storage.tsdb.retention.time': `${this.options.store.retentionDays}d`,
    });
  }

  /** Returns the metrics and labels with the most series and values. */
  @Get('status/tsdb')
  @ApiQuery({ name: 'limit', type: String, required: false, example: '10' })
  async tsdbStatus(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const status = await this.tsdb.status(listLengthOf(parameters), { tokenId: token.id, client });
    await sendWhole(request, response, success(status));
  }

  /** Returns an empty list, because there are no rules. */
  @Get('rules')
  rules(): object {
    return success({ groups: [] });
  }

  /** Returns an empty list, because there are no alerts. */
  @Get('alerts')
  alerts(): object {
    return success({ alerts: [] });
  }

  /** Returns an empty list, because there are no exemplars. */
  @Get('query_exemplars')
  exemplars(): object {
    return success([]);
  }

  /** Returns an empty list, because there are no exemplars. The parameters are sent as a form. */
  @PostForm('query_exemplars')
  exemplarsByForm(): object {
    return success([]);
  }
}

/** Reads the length of the lists, with the limits and the error messages of Prometheus. */
function listLengthOf(parameters: RequestParameters): number {
  const text = parameters.first('limit');
  if (text === '') return DEFAULT_LIST_LENGTH;
  const limit = parseSignedWhole(text);
  if (limit === undefined || limit < 1) throw new PrometheusError('bad_data', 'limit must be a positive number');
  if (limit > MAX_LIST_LENGTH) throw new PrometheusError('bad_data', `limit must not exceed ${MAX_LIST_LENGTH}`);
  return limit;
}

function success(data: object): object {
  return { status: 'success', data };
}
