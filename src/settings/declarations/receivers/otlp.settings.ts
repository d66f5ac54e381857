import { setting, settingGroup } from '../../setting.js';
import { nameList, oneOf, wholeNumber, yesOrNo } from '../../rules/setting-rules.js';

/** Settings of the OpenTelemetry receiver. */
export const otlp = settingGroup({
  title: 'OpenTelemetry',
  settings: {
    metricSuffixes: setting({
      env: 'OTLP_METRIC_SUFFIXES',
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether names of OpenTelemetry metrics get suffixes for their unit, `_total` and `_ratio`, as in Prometheus: ' +
        '`http.server.duration` in `s` becomes `http_server_duration_seconds`.',
    }),
    translationStrategy: setting({
      env: 'OTLP_TRANSLATION_STRATEGY',
      whenUnset:
        '`UnderscoreEscapingWithSuffixes`, or `UnderscoreEscapingWithoutSuffixes` with `OTLP_METRIC_SUFFIXES=false`',
      computed: ({ metricSuffixes }) =>
        metricSuffixes === true ? 'UnderscoreEscapingWithSuffixes' : 'UnderscoreEscapingWithoutSuffixes',
      example: 'NoTranslation',
      rule: oneOf(
        'UnderscoreEscapingWithSuffixes',
        'UnderscoreEscapingWithoutSuffixes',
        'NoUTF8EscapingWithSuffixes',
        'NoTranslation',
      ),
      description:
        'How names of OpenTelemetry metrics and attributes become those of metrics and labels, as the setting of the same name in Prometheus. ' +
        'The last two keep all characters with `NAME_VALIDATION=utf8`; otherwise they replace them as the first two do.',
    }),
    promoteResourceAttributes: setting({
      env: 'OTLP_PROMOTE_RESOURCE_ATTRIBUTES',
      whenUnset: 'none; all attributes are labels of `target_info`',
      computed: () => [],
      example: 'deployment.environment.name,k8s.namespace.name',
      rule: nameList(),
      description:
        'OpenTelemetry resource attributes that become labels of every series, by their OpenTelemetry names. Each new value of such ' +
        'an attribute creates a new set of all series of the client.',
    }),
    exponentialScale: setting({
      env: 'OTLP_EXPONENTIAL_SCALE',
      default: '2',
      rule: wholeNumber(0, 2),
      description:
        'Resolution of the buckets that OpenTelemetry exponential histograms become. With `2` they have 159 buckets, and quantiles ' +
        'are at most 19 % off; with `1`, 81 buckets and 42 %; with `0`, 42 buckets and a factor of two. Each bucket is a series.',
    }),
    scopeLabels: setting({
      env: 'OTLP_SCOPE_LABELS',
      default: 'false',
      rule: yesOrNo(),
      description:
        'Whether series get the labels `otel_scope_name` and `otel_scope_version` and the other attributes of the instrumentation ' +
        'scope. This is needed if two libraries in one process use the same metric names.',
    }),
  },
});
