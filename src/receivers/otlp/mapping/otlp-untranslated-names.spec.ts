import type { NameValidation } from '../../../outside-text/name.js';
import type { OtlpRequest } from '../encoding/otlp-request.js';
import { mapRequest } from './otlp-mapping.js';

const REQUEST: OtlpRequest = {
  resources: [
    {
      attributes: [
        { key: 'service.name', value: 'shop' },
        { key: 'host.name', value: 'h' },
      ],
      scopes: [
        {
          name: '',
          version: '',
          schemaUrl: '',
          attributes: [],
          metrics: [
            {
              name: 'http.load',
              description: '',
              unit: '1',
              points: {
                kind: 'gauge',
                points: [
                  {
                    attributes: [
                      { key: 'a.b', value: '1' },
                      { key: 'a-b', value: '2' },
                    ],
                    timestamp: 1_000,
                    startedAt: null,
                    hasNoValue: false,
                    value: 1,
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
};

function textsOf(nameValidation: NameValidation) {
  const mapped = mapRequest(
    REQUEST,
    {
      translationStrategy: 'NoTranslation',
      scopeLabels: false,
      promoteResourceAttributes: [],
      exponentialScale: 2,
    },
    {
      maxLabels: 32,
      metricNameMaxLength: 200,
      nameValidation,
      labelValueMaxLength: 1_000,
      histogramMaxBuckets: 500,
    },
  );
  const samples = [...mapped.points()].flatMap((point) => point?.samples ?? []);
  return samples.map(({ name, labels }) => [name, labels] as const);
}

describe('names without translation', () => {
  it('keep all characters of metrics, of attributes, and of those of the resource', () => {
    expect(textsOf('utf8')).toEqual([
      ['http.load', { 'a.b': '1', 'a-b': '2', job: 'shop' }],
      ['target_info', { 'host.name': 'h', job: 'shop' }],
    ]);
  });

  it('are translated with the legacy rules, so that attributes with the same name are joined', () => {
    expect(textsOf('legacy')).toEqual([
      ['http_load', { a_b: '2;1', job: 'shop' }],
      ['target_info', { host_name: 'h', job: 'shop' }],
    ]);
  });
});
