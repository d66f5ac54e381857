import { initialTokensOf, loadSettings } from './settings.js';

describe('the warnings of loadSettings', () => {
  it('takes the old name of the backend tokens, and warns if the new one is set as well', () => {
    const old = loadSettings({ INIT_CLIENT_API_TOKENS: 'a:old.x' });
    expect(initialTokensOf(old).map(({ secret }) => secret)).toEqual(['a:old.x']);
    expect(old.warnings).toEqual([]);

    const both = loadSettings({ INIT_CLIENT_API_TOKENS: 'a:old.x', INIT_BACKEND_API_TOKENS: 'a:new.x' });
    expect(initialTokensOf(both).map(({ secret }) => secret)).toEqual(['a:new.x']);
    expect(both.warnings).toEqual([
      'INIT_CLIENT_API_TOKENS is ignored, because INIT_BACKEND_API_TOKENS is set as well.',
    ]);
  });

  it('takes the old name of a variable with a warning, and prefers the new one', () => {
    const old = loadSettings({ SERIES_IDLE_HIDE: '2h' });
    expect(old.exposition.gaugeIdleHideSeconds).toBe(7_200);
    expect(old.warnings).toEqual([
      'SERIES_IDLE_HIDE is the old name of GAUGE_IDLE_HIDE and will be removed in the next release. Rename it.',
    ]);

    const both = loadSettings({ SERIES_IDLE_HIDE: '2h', GAUGE_IDLE_HIDE: '3h' });
    expect(both.exposition.gaugeIdleHideSeconds).toBe(10_800);
    expect(both.warnings).toEqual(['SERIES_IDLE_HIDE is ignored, because GAUGE_IDLE_HIDE is set as well.']);
  });

  it('ignores unknown variables, but warns about a likely misspelling without showing the value', () => {
    const { warnings } = loadSettings({ METRIC_AUTH: 'hunter2', HOME: '/root', UNRELATED: 'x' });
    expect(warnings).toEqual(['METRIC_AUTH is not a setting and does nothing. Did you mean METRICS_AUTH?']);
  });
});
