import { negotiateScrape } from './scrape-negotiation.js';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const TEXT_1 = 'text/plain; version=1.0.0; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const OPENMETRICS_0 = 'application/openmetrics-text; version=0.0.1; charset=utf-8';

/**
 * The `Accept` headers that `acceptHeader` in Prometheus' scrape/scrape.go writes by default, and with the settings that change
 * them.
 */
const RECORDED = {
  '2.42': {
    accept:
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    contentType: OPENMETRICS,
  },
  '2.42 with native histograms': {
    accept:
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    contentType: OPENMETRICS,
  },
  '2.55': {
    accept:
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    contentType: OPENMETRICS,
  },
  '2.55 with UTF-8 names': {
    accept:
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2',
    contentType: `${OPENMETRICS}; escaping=allow-utf-8`,
  },
  '2.55 with the text format alone': {
    accept: 'text/plain;version=0.0.4;q=0.5,*/*;q=0.4',
    contentType: TEXT,
  },
  '3.0': {
    accept:
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2',
    contentType: `${OPENMETRICS}; escaping=allow-utf-8`,
  },
  '3.9': {
    accept:
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    contentType: `${OPENMETRICS}; escaping=allow-utf-8`,
  },
  '3.9 with protobuf first and names in underscores': {
    accept:
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=underscores;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    contentType: `${OPENMETRICS}; escaping=underscores`,
  },
  '3.9 with OpenMetrics 0.0.1 alone': {
    accept: 'application/openmetrics-text;version=0.0.1;q=0.6,*/*;q=0.5',
    contentType: OPENMETRICS_0,
  },
  '3.9 with text 0.0.4 alone': {
    accept: 'text/plain;version=0.0.4;q=0.6,*/*;q=0.5',
    contentType: TEXT,
  },
  '3.9 with text 1.0.0 alone': {
    accept: 'text/plain;version=1.0.0;escaping=values;q=0.6,*/*;q=0.5',
    contentType: `${TEXT_1}; escaping=values`,
  },
};

describe('negotiateScrape', () => {
  test.each(Object.entries(RECORDED))('Prometheus %s', (_version, { accept, contentType }) => {
    expect(negotiateScrape(accept).contentType).toBe(contentType);
    expect(negotiateScrape(accept).escaping).toBe(/escaping=(.*)/.exec(contentType)?.[1] ?? 'underscores');
  });

  test.each([
    [undefined, TEXT],
    ['*/*', TEXT],
    ['text/plain', TEXT],
    ['text/*', TEXT],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', TEXT],
    ['application/openmetrics-text', OPENMETRICS],
    ['application/openmetrics-text; charset=utf-8', OPENMETRICS],
    ['application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', OPENMETRICS],
    ['application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.5', TEXT],
    ['application/openmetrics-text;version=1.0.0;q=0,*/*;q=0.1', TEXT],
    ['text/plain;version=1.0.0', `${TEXT_1}; escaping=underscores`],
    ['text/plain;version=1.0.0;escaping=allow-utf-8', `${TEXT_1}; escaping=allow-utf-8`],
    ['application/openmetrics-text;version=1.0.0;escaping=values', `${OPENMETRICS}; escaping=values`],
    ['application/openmetrics-text;version=1.0.0;escaping=dots', `${OPENMETRICS}; escaping=dots`],
    ['text/plain;version=0.0.4;escaping=allow-utf-8', `${TEXT}; escaping=allow-utf-8`],
    ['text/plain;version=0.0.4;escaping=ALLOW-UTF-8', `${TEXT}; escaping=underscores`],
    ['*/*;escaping=allow-utf-8', `${TEXT}; escaping=allow-utf-8`],
    ['application/openmetrics-text;version=1.0.0;escaping="x\\"y"', `${OPENMETRICS}; escaping=underscores`],
    // None of these formats is offered, so the text format is the fallback.
    ['application/openmetrics-text;version=2.0.0', TEXT],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited', TEXT],
    ['nonsense', TEXT],
    ['', TEXT],
  ])('%j', (accept, contentType) => {
    expect(negotiateScrape(accept)).toEqual({
      contentType,
      escaping: /escaping=(.*)/.exec(contentType)?.[1] ?? 'underscores',
      format: contentType.startsWith('text') ? 'text' : 'openmetrics',
    });
  });
});
