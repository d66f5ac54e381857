import { setting, settingGroup } from '../../setting.js';
import { duration, secretHttpUrl, wholeNumber, yesOrNo } from '../../rules/setting-rules.js';

/** Settings of the receiver for Unleash SDKs. */
export const unleash = settingGroup({
  title: 'Unleash SDKs',
  settings: {
    upstreamUrl: setting({
      env: 'UNLEASH_UPSTREAM_URL',
      whenUnset: 'SDKs get an empty list of flags',
      example: 'https://unleash.example.com/api',
      rule: secretHttpUrl(),
      description:
        'The URL of a real Unleash, as it is configured in an SDK. It answers requests for flags, registrations and streams, so that ' +
        'an SDK gets its flags from there and sends its metrics here. The token of the SDK has to be valid in both services.',
    }),
    upstreamRequests: setting({
      env: 'UNLEASH_UPSTREAM_REQUESTS',
      default: '5000',
      rule: wholeNumber(1, 1_000_000),
      description:
        'Maximum number of concurrent requests to that Unleash, including streams, which stay open. Beyond it requests are answered ' +
        '503 with `Retry-After`. A token may start another request while more are free than it holds, so a single token gets half of ' +
        'them. Each request takes two connections, so the process needs a limit of open files above twice this number.',
    }),
    upstreamTimeoutSeconds: setting({
      env: 'UNLEASH_UPSTREAM_TIMEOUT',
      default: '8s',
      rule: duration('1s', '5m'),
      description:
        'How long that Unleash may take to begin an answer. Beyond it requests are answered 503 with `Retry-After`. SDKs give up after 10 s by ' +
        'default, so they still get an answer from this service.',
    }),
    impactMetricsLabels: setting({
      env: 'UNLEASH_IMPACT_METRICS_LABELS',
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether impact metrics get the labels `origin` (`sdk`, or `edge` if Unleash Edge sends it) and `metric_type`, as in Unleash ' +
        '7.6 and newer.',
    }),
  },
});
