import { Readable } from 'node:stream';
import { type CsvExport, fileNameOf } from './send-csv.js';

const exportOf = (metricName: string): CsvExport => ({
  metricName,
  range: { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2, 3, 4, 5) },
  zone: undefined,
  chunks: Readable.from([]),
});

describe('the name of a CSV file', () => {
  it.each([
    ['jobs_total', 'jobs_total'],
    ['job:done', 'job_done'],
    ['my.metric ü', 'my.metric ü'],
    ['../a/b\\c', '.._a_b_c'],
    ['a"b*c?d<e>f|g\n', 'a_b_c_d_e_f_g_'],
    ['x'.repeat(300), 'x'.repeat(150)],
    ['名'.repeat(100), '名'.repeat(50)],
    ['🙂'.repeat(100), '🙂'.repeat(37)],
  ])('of %j is allowed in every file system', (metricName, start) => {
    expect(fileNameOf(exportOf(metricName))).toBe(`${start}_2026-01-01T000000_2026-01-02T030405.csv`);
  });
});
