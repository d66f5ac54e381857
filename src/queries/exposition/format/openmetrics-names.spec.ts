import { OpenMetricsNames } from './openmetrics-names.js';
import type { FamilyType } from '../../../catalog/metric/family-type.js';

const namesOf = (types: Readonly<Record<string, FamilyType>>) =>
  new OpenMetricsNames((name) => (Object.hasOwn(types, name) ? types[name] : undefined));

describe('familyOfCounter', () => {
  test.each<[name: string, others: Readonly<Record<string, FamilyType>>, family: string | undefined]>([
    ['jobs_total', {}, 'jobs'],
    ['jobs', {}, undefined],
    ['jobs_count', {}, undefined],
    ['_total', {}, undefined],
    ['jobs_total', { jobs: 'gauge' }, undefined],
    ['jobs_total', { jobs: 'histogram' }, undefined],
    ['jobs_total', { jobs_total_total: 'counter' }, 'jobs'],
    ['jobs_total_total', { jobs_total: 'counter' }, undefined],
    // Some clients push `_created` as a gauge, which then becomes a part of the counter.
    ['jobs_total', { jobs_created: 'gauge' }, 'jobs'],
    ['jobs_total', { jobs_created: 'counter' }, undefined],
    ['jobs_total', { jobs_created_total: 'counter' }, 'jobs'],
    ['jobs_created_total', { jobs_total: 'counter' }, undefined],
    ['jobs_created_total', { jobs_total: 'gauge' }, 'jobs_created'],
    ['jobs_created_total', { jobs: 'histogram' }, undefined],
    ['jobs_count_total', { jobs: 'histogram' }, undefined],
    ['jobs_count_total', { jobs: 'summary' }, undefined],
    ['jobs_count_total', { jobs: 'gauge' }, 'jobs_count'],
  ])('%s next to %j is the family %s', (name, others, family) => {
    expect(namesOf({ [name]: 'counter', ...others }).familyOfCounter(name)).toBe(family);
  });
});
