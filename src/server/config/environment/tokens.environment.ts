import type { InitialToken } from '../initial-token.js';
import { Setting } from '../rules/setting.decorator.js';
import { initialTokens, wholeNumber } from '../rules/setting-rules.js';

/** Tokens that are there from the start. */
export class TokensEnvironment {
  @Setting({
    group: 'tokens',
    whenUnset: 'no such token',
    example: 'default:development.change-me',
    rule: initialTokens('backend'),
    description: 'Tokens that may push, created when the server starts on an empty token table and ignored later.',
  })
  readonly INIT_BACKEND_API_TOKENS: readonly InitialToken[] | undefined;

  @Setting({
    group: 'tokens',
    whenUnset: 'no such token',
    example: 'default:development.change-me',
    rule: initialTokens('backend'),
    description: 'The old name of `INIT_BACKEND_API_TOKENS`, ignored if both are set.',
  })
  readonly INIT_CLIENT_API_TOKENS: readonly InitialToken[] | undefined;

  @Setting({
    group: 'tokens',
    whenUnset: 'no such token',
    example: 'default:development.change-me-too',
    rule: initialTokens('frontend'),
    description:
      'Tokens that may push from browsers (`/api/frontend`), created when the server starts on an empty token table and ' +
      'ignored later.',
  })
  readonly INIT_FRONTEND_API_TOKENS: readonly InitialToken[] | undefined;

  @Setting({
    group: 'tokens',
    whenUnset: 'no such token',
    example: '*:*.change-me',
    rule: initialTokens('admin'),
    description: 'Tokens that may do everything, created when the server starts on an empty token table.',
  })
  readonly INIT_ADMIN_API_TOKENS: readonly InitialToken[] | undefined;

  @Setting({
    group: 'tokens',
    default: '60',
    rule: wholeNumber(0, 1_000_000),
    description:
      'Requests a minute from one address with a token that is not known; beyond it such requests are answered 429 with ' +
      '`Retry-After`. Requests with a good token always pass. `0` sets no limit.',
  })
  readonly TOKEN_FAILURES_PER_MINUTE: number;
}
