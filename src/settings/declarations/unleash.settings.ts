import { setting, settingGroup } from '../setting.js';
import { httpUrl, wholeNumber, yesOrNo } from '../rules/setting-rules.js';

/** Unleash's SDKs. */
export const unleash = settingGroup({
  title: 'Unleash SDKs',
  settings: {
    upstreamUrl: setting({
      env: 'UNLEASH_UPSTREAM_URL',
      whenUnset: 'SDKs get an empty list of flags',
      example: 'https://unleash.example.com/api',
      rule: httpUrl(),
      description:
        'A real Unleash, as its SDKs would be given it. It answers their requests for flags, their registration and their ' +
        'streams, so that an SDK gets its flags there and keeps its metrics here. Their token has to be known to both.',
    }),
    upstreamRequests: setting({
      env: 'UNLEASH_UPSTREAM_REQUESTS',
      default: '5000',
      rule: wholeNumber(1, 1_000_000),
      description:
        'Maximum number of concurrent requests to that Unleash, streams among them, which stay open; more are answered 503 with ' +
        '`Retry-After`. A token may take a further one while more are free than it holds, so one token alone gets half of them. ' +
        'Each takes two connections, so keep the limit of open files of the process above twice as many.',
    }),
    impactMetricsLabels: setting({
      env: 'UNLEASH_IMPACT_METRICS_LABELS',
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether impact metrics get the labels `origin` (`sdk`; Unleash Edge itself says `edge`) and `metric_type`, as Unleash ' +
        '7.6 and newer adds them.',
    }),
  },
});
