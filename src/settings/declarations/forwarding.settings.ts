import { setting, settingGroup } from '../setting.js';
import { headerPairs, labelPairs } from '../rules/pair-lists.js';
import { secretPassword, secretToken, userName } from '../rules/secret-text.js';
import { byteSize, duration, oneOf, secretHttpUrl, wholeNumber } from '../rules/setting-rules.js';

/** Settings of the forwarding of all samples to another store. */
export const forwarding = settingGroup({
  title: 'Forwarding by remote write',
  prefix: 'REMOTE_WRITE',
  settings: {
    url: setting({
      env: 'REMOTE_WRITE_URL',
      whenUnset: 'nothing is forwarded',
      example: 'https://mimir.example.com/api/v1/push',
      rule: secretHttpUrl(),
      description:
        'The URL to which every accepted sample is forwarded by Prometheus remote write 1.0: Mimir, Thanos, VictoriaMetrics, Cortex, ' +
        'or Prometheus with `--web.enable-remote-write-receiver`. Redirects are not followed. Set it in all processes.',
    }),
    bearerToken: setting({
      env: 'REMOTE_WRITE_BEARER_TOKEN',
      whenUnset: 'no token is sent',
      example: 'change-me',
      rule: secretToken(),
      description: 'The token for the target, sent as `Authorization: Bearer`. Do not set a user name as well.',
    }),
    username: setting({
      env: 'REMOTE_WRITE_USERNAME',
      whenUnset: 'no user name is sent',
      example: 'metrics',
      rule: userName(),
      description: 'The name of the user at the target, for basic authentication.',
    }),
    password: setting({
      env: 'REMOTE_WRITE_PASSWORD',
      whenUnset: 'an empty password',
      example: 'change-me',
      rule: secretPassword(),
      description: 'The password of that user.',
    }),
    headers: setting({
      env: 'REMOTE_WRITE_HEADERS',
      whenUnset: 'no further headers',
      computed: () => [],
      example: 'X-Scope-OrgID=team-a',
      rule: headerPairs(),
      description: 'Further headers of each request, for example the tenant in Mimir, Cortex or Thanos.',
    }),
    externalLabels: setting({
      env: 'REMOTE_WRITE_EXTERNAL_LABELS',
      default: 'job=custom-metrics',
      rule: labelPairs(),
      description: 'Labels that every forwarded series gets, unless it has a label of that name.',
    }),
    counters: setting({
      env: 'REMOTE_WRITE_COUNTERS',
      default: 'held',
      rule: oneOf('held', 'raw'),
      description:
        'What is forwarded of counters that are pushed as changes. `held` sends the running total after each change, as `/metrics` ' +
        'shows it, so that `rate()` and `increase()` work. `raw` sends the changes as they were pushed.',
    }),
    shards: setting({
      env: 'REMOTE_WRITE_SHARDS',
      default: '2',
      rule: wholeNumber(1, 64),
      description:
        'Maximum number of concurrent requests to the target. All samples of one series are sent one after another.',
    }),
    maxSamplesPerSend: setting({
      env: 'REMOTE_WRITE_MAX_SAMPLES_PER_SEND',
      default: '5000',
      rule: wholeNumber(1, 100_000),
      description: 'Maximum number of samples in one request to the target.',
    }),
    timeoutSeconds: setting({
      env: 'REMOTE_WRITE_TIMEOUT',
      default: '30s',
      rule: duration('1s', '10m'),
      description: 'How long the target may take to answer a request. Beyond it the request is sent again.',
    }),
    queueMaxBytes: setting({
      env: 'REMOTE_WRITE_QUEUE_MAX_BYTES',
      default: '20GiB',
      rule: byteSize(1024 ** 2, 1024 ** 5),
      description:
        'Maximum size in Postgres of the samples that wait for the target, at about 20 bytes a sample. Beyond it the oldest ones ' +
        'are not forwarded, and the gauge of their number rises. On disk, the table may take up to twice as much.',
    }),
    queueMaxAgeSeconds: setting({
      env: 'REMOTE_WRITE_QUEUE_MAX_AGE',
      default: '3d',
      rule: duration('1m', '365d'),
      description:
        'How long samples wait for the target. Older ones are not forwarded. After this time without any process that ' +
        'forwards, nothing is kept for the target any longer.',
    }),
  },
});
