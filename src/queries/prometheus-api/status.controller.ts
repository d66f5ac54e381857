import { Get, Inject } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { PostForm } from './parameters/form-body.js';
import { PrometheusController } from './prometheus-controller.decorator.js';

/**
 * The release of Prometheus whose API is answered here. Grafana asks for labels by matcher from 2.24 on, and takes a server
 * that tells of features for Mimir.
 */
const API_VERSION = '3.5.0';

/** What tools ask about the server itself, and what it does not have: rules, alerts and exemplars. */
@PrometheusController()
export class StatusController {
  constructor(@Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions) {}

  /** Which version of the API this is. */
  @Get('status/buildinfo')
  buildInfo(): object {
    return success({ version: API_VERSION, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' });
  }

  /** The settings that Prometheus has too, under its names. */
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

  /** None. */
  @Get('rules')
  rules(): object {
    return success({ groups: [] });
  }

  /** None. */
  @Get('alerts')
  alerts(): object {
    return success({ alerts: [] });
  }

  /** None. */
  @Get('query_exemplars')
  exemplars(): object {
    return success([]);
  }

  /** None. */
  @PostForm('query_exemplars')
  exemplarsByForm(): object {
    return success([]);
  }
}

function success(data: object): object {
  return { status: 'success', data };
}
