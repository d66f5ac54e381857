import type { FirstTokensKeeper } from '../first-tokens-keeper.js';
import { setting, settingGroup } from '../setting.js';
import { objectWith, tokenSeeds, unleashTokens, wholeNumber } from '../rules/setting-rules.js';

/** Settings of the first tokens and of failed authentication. */
export const tokens = settingGroup({
  title: 'First tokens',
  prefix: 'TOKEN',
  settings: {
    initBackendApiTokens: setting({
      env: 'INIT_BACKEND_API_TOKENS',
      serverOnly: true,
      whenUnset: 'no such token',
      example: 'default:development.change-me',
      rule: unleashTokens('backend'),
      description: 'Tokens that may push, created when the server starts on an empty token table and ignored later.',
    }),
    initClientApiTokens: setting({
      env: 'INIT_CLIENT_API_TOKENS',
      serverOnly: true,
      whenUnset: 'no such token',
      example: 'default:development.change-me',
      rule: unleashTokens('backend'),
      description: 'The old name of `INIT_BACKEND_API_TOKENS`, ignored if both are set.',
    }),
    initFrontendApiTokens: setting({
      env: 'INIT_FRONTEND_API_TOKENS',
      serverOnly: true,
      whenUnset: 'no such token',
      example: 'default:development.change-me-too',
      rule: unleashTokens('frontend'),
      description:
        'Tokens that may push from browsers (`/api/frontend`), created when the server starts on an empty token table and ' +
        'ignored later.',
    }),
    initAdminApiTokens: setting({
      env: 'INIT_ADMIN_API_TOKENS',
      serverOnly: true,
      whenUnset: 'no such token',
      example: '*:*.change-me',
      rule: unleashTokens('admin'),
      description: 'Tokens that may do everything, created when the server starts on an empty token table.',
    }),
    failuresPerMinute: setting({
      env: 'TOKEN_FAILURES_PER_MINUTE',
      default: '60',
      rule: wholeNumber(0, 1_000_000),
      description:
        'Maximum number of requests with an unknown token from one address in a minute. Beyond it such requests are answered 429 with ' +
        '`Retry-After`. Requests with a valid token always pass. `0` sets no limit.',
    }),
    maxSenders: setting({
      whenUnset: '1,000',
      computed: () => 1_000,
      rule: wholeNumber(1, 100_000),
      description:
        'Maximum number of senders that a `guard` of your own may name. Each has a row in memory and among the tokens; revoking rows makes room.',
    }),
    seeds: setting({
      whenUnset: 'none',
      computed: () => [],
      rule: tokenSeeds(),
      description: 'Tokens that are created when the app starts on an empty token table and ignored later.',
    }),
    keeper: setting({
      whenUnset: 'no tokens are created at the start; `FirstTokensService.createIfNone()` creates and returns them',
      rule: objectWith<FirstTokensKeeper>('keep', 'discard'),
      description: 'Stores the tokens that the first start then creates if there are no seeds.',
    }),
  },
});
