import { findMisspelledSettings } from './misspelled-settings.js';

const KNOWN = ['PORT', 'HOST', 'LOG_LEVEL', 'DATA_DIR', 'METRICS_AUTH', 'METRICS_PORT', 'INIT_ADMIN_API_TOKENS'];

describe('findMisspelledSettings', () => {
  it.each([
    ['METRIC_AUTH', 'METRICS_AUTH'],
    ['METRCIS_AUTH', 'METRICS_AUTH'],
    ['METRICS_PROT', 'METRICS_PORT'],
    ['LOG_LEVLE', undefined], // Two of the nine characters differ, so it could be another word.
    ['LOG_LEVELS', 'LOG_LEVEL'],
    ['INIT_ADMIN_API_TOKEN', 'INIT_ADMIN_API_TOKENS'],
  ])('takes %s for %s', (name, meant) => {
    expect(findMisspelledSettings([name], KNOWN)).toEqual(meant ? [{ name, meant }] : []);
  });

  it('suggests the nearest name', () => {
    expect(findMisspelledSettings(['METRICS_POR'], KNOWN)).toEqual([{ name: 'METRICS_POR', meant: 'METRICS_PORT' }]);
  });

  it('accepts our own names and those of other programs', () => {
    const others = ['HOME', 'PATH', 'HOSTNAME', 'POST', 'NEST_LOG_LEVEL', 'PGPORT', 'DATA_HOME', 'NODE_ENV', ''];
    expect(findMisspelledSettings([...KNOWN, ...others], KNOWN)).toEqual([]);
  });
});
