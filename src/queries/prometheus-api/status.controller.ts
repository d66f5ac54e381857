import { Get, Inject } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { PostForm } from './parameters/form-body.js';
import { PrometheusController } from './prometheus-controller.decorator.js';

/**
 * The release of Prometheus whose API this service implements. Grafana uses label queries with matchers from 2.24 on. A server
 * that reports features is treated as Mimir, so none are reported.
 */
const API_VERSION = '3.5.0';

/**
 * Answers what tools ask about the server itself, and answers with empty lists for what it does not have: rules, alerts and
 * exemplars.
 */
@PrometheusController()
export class StatusController {
  constructor(@Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions) {}

  /** Returns the version of the API. */
  @Get('status/buildinfo')
  buildInfo(): object {
    return success({ version: API_VERSION, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' });
  }

  /** Returns the settings that Prometheus also has, under its names. */
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

  /** Returns an empty list: there are no rules. */
  @Get('rules')
  rules(): object {
    return success({ groups: [] });
  }

  /** Returns an empty list: there are no alerts. */
  @Get('alerts')
  alerts(): object {
    return success({ alerts: [] });
  }

  /** Returns an empty list: there are no exemplars. */
  @Get('query_exemplars')
  exemplars(): object {
    return success([]);
  }

  /** Returns an empty list for a form: there are no exemplars. */
  @PostForm('query_exemplars')
  exemplarsByForm(): object {
    return success([]);
  }
}

function success(data: object): object {
  return { status: 'success', data };
}
