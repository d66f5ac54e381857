import { setting, settingGroup } from '../setting.js';
import { nameList, yesOrNo } from '../rules/setting-rules.js';

/** OpenTelemetry. */
export const otlp = settingGroup({
  title: 'OpenTelemetry',
  settings: {
    metricSuffixes: setting({
      env: 'OTLP_METRIC_SUFFIXES',
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether names of OpenTelemetry metrics get their unit, `_total` and `_ratio` at the end, as Prometheus does it: ' +
        '`http.server.duration` in `s` becomes `http_server_duration_seconds`.',
    }),
    promoteResourceAttributes: setting({
      env: 'OTLP_PROMOTE_RESOURCE_ATTRIBUTES',
      whenUnset: 'none; all are on `target_info`',
      computed: () => [],
      example: 'deployment.environment.name,k8s.namespace.name',
      rule: nameList(),
      description:
        'Resource attributes of OpenTelemetry that become labels of every series, by their names there. Each new value of one ' +
        'makes every series of the sender anew.',
    }),
    scopeLabels: setting({
      env: 'OTLP_SCOPE_LABELS',
      default: 'false',
      rule: yesOrNo(),
      description:
        'Whether series get the labels `otel_scope_name`, `otel_scope_version` and what else the instrumentation scope says of ' +
        'itself. Needed where two libraries in one process use the same metric names.',
    }),
  },
});
