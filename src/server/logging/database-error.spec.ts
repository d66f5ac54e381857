import { QueryFailedError } from 'typeorm';
import { describeDatabaseError, isDatabaseError } from './database-error.js';

function failedQuery(properties: Record<string, unknown>): QueryFailedError {
  const driverError = Object.assign(new Error('it failed'), { severity: 'ERROR', ...properties });
  return new QueryFailedError('INSERT INTO t VALUES ($1)', ['parameter-1'], driverError);
}

describe('a failed query', () => {
  const unique = {
    code: '23505',
    detail: 'Key (writer_id, sequence)=(1, 2) already exists.',
    table: 'sample_batch',
    constraint: 'sample_batch_pkey',
    where: "unnamed portal with parameters: $1 = 'parameter-1'",
    routine: '_bt_check_unique',
  };

  it('is recognised, from TypeORM and from node-postgres', () => {
    const error = failedQuery(unique);
    expect(isDatabaseError(error)).toBe(true);
    expect(isDatabaseError(error.driverError)).toBe(true);
    expect(isDatabaseError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toBe(false);
  });

  it('is described without the statement and its parameters', () => {
    expect(describeDatabaseError(failedQuery(unique))).toEqual({
      code: '23505',
      severity: 'ERROR',
      detail: unique.detail,
      table: 'sample_batch',
      constraint: 'sample_batch_pkey',
    });
  });

  it.each(['23502', '23514', '44000'])('of state %s is described without the row', (code) => {
    const error = failedQuery({ code, detail: 'Failing row contains (1, parameter-1).', column: 'name' });
    expect(describeDatabaseError(error)).toEqual({ code, severity: 'ERROR', column: 'name' });
  });
});
