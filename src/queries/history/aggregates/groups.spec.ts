import { metricOf, seriesOf } from '../../../../test/support/history-fixtures.js';
import { labelColumnsOf } from '../export/csv-labels.js';
import { groupSeries } from './groups.js';

describe('the limits of an answer', () => {
  const series = seriesOf(metricOf('counter'), ['delta', 'delta', 'delta']);

  it('are settings for groups and label columns, which the refusals name', async () => {
    expect((await groupSeries(series, ['*'], 3)).groups).toHaveLength(3);
    await expect(groupSeries(series, ['*'], 2)).rejects.toMatchObject({
      details: [
        {
          message: expect.stringContaining(
            'more than 2 groups, the limit of one answer (HISTORY_MAX_GROUPS)',
          ) as string,
        },
      ],
    });
    const names = await labelColumnsOf(series, 1_000);
    await expect(labelColumnsOf(series, names.length - 1)).rejects.toMatchObject({
      details: [{ message: expect.stringContaining('HISTORY_MAX_LABEL_COLUMNS') as string }],
    });
  });
});
