import { catalogOn, StoredCatalog } from '../../../test/support/machines/stored-catalog.js';
import type { Catalog } from '../../catalog/catalog.js';
import { OwnMetrics } from '../../catalog/metric/own-metrics.js';
import { completeOptions } from '../../custom-metrics.options.js';
import { MetricDeclarationsService } from './metric-declarations.service.js';

const OPTIONS = { series: { memoryLimitBytes: 1024 ** 2 } };

describe('MetricDeclarationsService', () => {
  let stored: StoredCatalog;
  let catalog: Catalog;
  let service: MetricDeclarationsService;

  beforeEach(() => {
    stored = new StoredCatalog();
    catalog = catalogOn(stored, OPTIONS);
    service = new MetricDeclarationsService(catalog, new OwnMetrics(), completeOptions(OPTIONS));
  });

  it('gives up on a metric that is deleted repeatedly', async () => {
    stored.before = (statement) => {
      if (statement.startsWith('describe')) stored.deleteMetric('m');
      return Promise.resolve();
    };
    await expect(service.declare('m', { type: 'gauge' })).rejects.toThrow('m is being deleted or renamed repeatedly');
  });

  it('refuses an unknown metric if there is no memory for it, and still declares known ones', async () => {
    await service.declare('known', { type: 'gauge' });
    // Another process, which has more memory, has stored a metric that does not fit into this one.
    await catalog.learn([stored.addMetric({ name: 'large', type: 'gauge', help: 'x'.repeat(2 * 1024 ** 2) })]);
    for (const name of ['large', 'new']) {
      await expect(service.declare(name, { type: 'gauge' })).rejects.toThrow('SERIES_MEMORY_LIMIT');
    }
    expect(stored.metrics.has('new')).toBe(false);
    await expect(service.declare('known', { type: 'gauge', unit: 's' })).resolves.toMatchObject({ unit: 's' });
  });
});
