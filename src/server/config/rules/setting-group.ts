/** The chapters of the settings' documentation, in reading order; the keys are also the groups of `Settings`. */
export const SETTING_GROUPS = {
  http: 'HTTP server',
  database: 'Database',
  logging: 'Logging',
  ingest: 'Ingestion',
  series: 'Metrics and series',
  store: 'Sample store',
  archive: 'Archive',
  exposition: 'Exposition to Prometheus',
  history: 'History',
  promql: 'PromQL',
  otlp: 'OpenTelemetry',
  unleash: 'Unleash SDKs',
  tokens: 'First tokens',
} as const;

/** A chapter of the settings' documentation. */
export type SettingGroup = keyof typeof SETTING_GROUPS;
