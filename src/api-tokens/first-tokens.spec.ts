import type { CustomMetricsOptions } from '../custom-metrics.options.js';
import type { NewApiToken } from './api-token.js';
import type { ApiTokenRepository } from './api-token.repository.js';
import { FirstTokensService } from './first-tokens.js';

describe('the name of a token that a setting or a host gives', () => {
  it.each([
    ['*:*.964a287e1b728cb5f4f3e0120df92cb5', 'admin *:*'],
    ['default:production.964a287e1b728cb5', 'admin default:production'],
    ['hunter2', 'admin seed'],
    ['half.of:a.secret', 'admin seed'],
    [`${'x'.repeat(300)}:y.secret`, 'admin seed'],
  ])('contains nothing secret of %j', async (secret, name) => {
    const created: NewApiToken[] = [];
    const repository = {
      createIfNone: (tokens: readonly { readonly token: NewApiToken }[]) => {
        created.push(...tokens.map(({ token }) => token));
        return Promise.resolve(true);
      },
    } as Partial<ApiTokenRepository> as ApiTokenRepository;
    const tokens = { seeds: [{ secret, kind: 'admin' }] } as Partial<CustomMetricsOptions['tokens']>;
    await new FirstTokensService(repository, { tokens } as CustomMetricsOptions).createAtStart();
    expect(created.map((token) => token.name)).toEqual([name]);
  });
});
