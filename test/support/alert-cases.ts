/** One situation, minute by minute in the notation of `promtool test rules`, and the alert that must fire in it. */
export interface AlertCase {
  readonly alert: string;
  readonly series: Readonly<Record<string, string>>;
  readonly firesAfter: string;
  /** The labels that the alert must have in addition to its name and its severity. */
  readonly labels: Readonly<Record<string, string>>;
}

const SERVICE = 'job="custom-metrics",instance="a"';
const SERVICE_LABELS = { job: 'custom-metrics', instance: 'a' };

/** The metrics of a service without problems over several hours. A situation replaces some of them. */
export const HEALTHY: Readonly<Record<string, string>> = {
  [`up{${SERVICE}}`]: '1x180',
  [`custom_metrics_http_requests_total{${SERVICE},status="202"}`]: '0+60x180',
  [`custom_metrics_http_requests_total{${SERVICE},status="503"}`]: '7x180',
  [`custom_metrics_http_requests_total{${SERVICE},status="500"}`]: '1x180',
  [`custom_metrics_samples_accepted_total{${SERVICE}}`]: '0+6000x180',
  [`custom_metrics_samples_refused_total{${SERVICE},reason="timestamp_too_old"}`]: '0+60x180',
  [`custom_metrics_compacted_samples_total{${SERVICE}}`]: '0+6000x180',
  [`custom_metrics_archive_failures_total{${SERVICE}}`]: '3x180',
  [`custom_metrics_queued_samples{${SERVICE}}`]: '200x180',
  [`custom_metrics_log_size_bytes{${SERVICE}}`]: '50000000x180',
  [`custom_metrics_database_size_bytes{${SERVICE}}`]: '1000000000+10000x180',
  [`nodejs_eventloop_lag_p99_seconds{${SERVICE}}`]: '0.01x180',
  [`custom_metrics_background_failing_seconds{${SERVICE},work="keep the archive"}`]: '61 _x180',
  [`custom_metrics_peer_lag_seconds{${SERVICE}}`]: '0.2x180',
  [`custom_metrics_forwarding_lag_seconds{${SERVICE}}`]: '1x180',
  [`custom_metrics_forwarding_refused_samples_total{${SERVICE},reason="out_of_order"}`]: '5x180',
  [`custom_metrics_forwarding_left_out_samples{${SERVICE}}`]: '3x180',
  [`custom_metrics_series_memory_bytes{${SERVICE}}`]: '1000000x180',
  [`custom_metrics_series_memory_limit_bytes{${SERVICE}}`]: '100000000x180',
  [`custom_metrics_series_left_out{${SERVICE}}`]: '0x180',
  [`custom_metrics_database_clock_steps_total{${SERVICE}}`]: '1x180',
};

export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: 'CustomMetricsDown',
    series: { [`up{${SERVICE}}`]: '0x180', 'up{job="custom-metrics",instance="b"}': '1x180' },
    firesAfter: '4m',
    labels: SERVICE_LABELS,
  },
  {
    alert: 'CustomMetricsMissing',
    series: { [`up{${SERVICE}}`]: '_x180', 'up{job="another"}': '1x180' },
    firesAfter: '8m',
    labels: { job: 'custom-metrics' },
  },
  {
    alert: 'CustomMetricsUnavailable',
    series: { [`custom_metrics_http_requests_total{${SERVICE},status="503"}`]: '0+10x180' },
    firesAfter: '10m',
    labels: { instance: 'a' },
  },
  {
    alert: 'CustomMetricsErrors',
    series: { [`custom_metrics_http_requests_total{${SERVICE},status="500"}`]: '0+1x180' },
    firesAfter: '20m',
    labels: { instance: 'a' },
  },
  {
    alert: 'CustomMetricsRefusals',
    series: { [`custom_metrics_samples_refused_total{${SERVICE},reason="timestamp_too_old"}`]: '0+600x180' },
    firesAfter: '40m',
    labels: { reason: 'timestamp_too_old' },
  },
  {
    alert: 'CustomMetricsQueueGrows',
    series: { [`custom_metrics_queued_samples{${SERVICE}}`]: '0+20000x180' },
    firesAfter: '20m',
    labels: SERVICE_LABELS,
  },
  {
    alert: 'CustomMetricsCompactionFails',
    series: { [`custom_metrics_archive_failures_total{${SERVICE}}`]: '0+2x180' },
    firesAfter: '40m',
    labels: {},
  },
  {
    alert: 'CustomMetricsCompactionBehind',
    series: { [`custom_metrics_compacted_samples_total{${SERVICE}}`]: '0+2000x180' },
    firesAfter: '1h',
    labels: {},
  },
  {
    alert: 'CustomMetricsLogGrows',
    series: { [`custom_metrics_log_size_bytes{${SERVICE}}`]: '50000000x100 50000000+20000000x80' },
    firesAfter: '150m',
    labels: SERVICE_LABELS,
  },
  {
    alert: 'CustomMetricsDiskGrows',
    series: { [`custom_metrics_database_size_bytes{${SERVICE}}`]: '1000000000+5000000x180' },
    firesAfter: '90m',
    labels: { job: 'custom-metrics' },
  },
  {
    alert: 'CustomMetricsEventLoopLags',
    series: { [`nodejs_eventloop_lag_p99_seconds{${SERVICE}}`]: '0.9x180' },
    firesAfter: '10m',
    labels: SERVICE_LABELS,
  },
  {
    alert: 'CustomMetricsBackgroundFails',
    series: { [`custom_metrics_background_failing_seconds{${SERVICE},work="keep the archive"}`]: '60+60x180' },
    firesAfter: '10m',
    labels: { instance: 'a', work: 'keep the archive' },
  },
  {
    alert: 'CustomMetricsPeerLag',
    series: { [`custom_metrics_peer_lag_seconds{${SERVICE}}`]: '0+60x180' },
    firesAfter: '10m',
    labels: SERVICE_LABELS,
  },
  {
    alert: 'CustomMetricsForwardingLags',
    series: { [`custom_metrics_forwarding_lag_seconds{${SERVICE}}`]: '0+60x180' },
    firesAfter: '20m',
    labels: SERVICE_LABELS,
  },
  {
    alert: 'CustomMetricsForwardingLosesSamples',
    series: { [`custom_metrics_forwarding_refused_samples_total{${SERVICE},reason="out_of_order"}`]: '5+5x180' },
    firesAfter: '40m',
    labels: { job: 'custom-metrics' },
  },
  {
    alert: 'CustomMetricsSeriesMemory',
    series: { [`custom_metrics_series_memory_bytes{${SERVICE}}`]: '95000000x180' },
    firesAfter: '20m',
    labels: SERVICE_LABELS,
  },
  {
    alert: 'CustomMetricsSeriesLeftOut',
    series: { [`custom_metrics_series_left_out{${SERVICE}}`]: '500x180' },
    firesAfter: '5m',
    labels: SERVICE_LABELS,
  },
  {
    alert: 'CustomMetricsClockSteps',
    series: { [`custom_metrics_database_clock_steps_total{${SERVICE}}`]: '1x5 2x175' },
    firesAfter: '10m',
    labels: { instance: 'a' },
  },
];
