import fc from 'fast-check';
import { BadDataError } from '../../http/answers/errors.js';
import { groupingOf } from './grouping.js';

const faultOf = (path: string): string => {
  try {
    return JSON.stringify(groupingOf(path, 'legacy'));
  } catch (error) {
    if (!(error instanceof BadDataError)) throw error;
    return error.message;
  }
};

describe('groupingOf', () => {
  it.each([
    ['/metrics/job/backup', { job: 'backup' }],
    ['/metrics/job/backup/', { job: 'backup' }],
    ['/Metrics/JOB/backup'.replace('JOB', 'job'), { job: 'backup' }],
    ['/prefix/metrics/job/backup/instance/a', { job: 'backup', instance: 'a' }],
    ['/metrics/job/a%20b/path/%2Fvar%2Ftmp', { job: 'a b', path: '/var/tmp' }],
    ['/metrics/job@base64/dGl0YW4', { job: 'titan' }],
    ['/metrics/job/titan/name/%CE%A0%CF%81%CE%BF', { job: 'titan', name: 'Προ' }],
    ['/metrics/job/a/path@base64/L3Zhci90bXA', { job: 'a', path: '/var/tmp' }],
    ['/metrics/job/a/path@base64/L3Zhci90bXA=', { job: 'a', path: '/var/tmp' }],
    ['/metrics/job/a/instance@base64/=', { job: 'a', instance: '' }],
    ['/metrics/job/a/instance/', { job: 'a', instance: '' }],
    // As in Pushgateway, the job at the start of the path takes precedence, and for any other label the last value does.
    ['/metrics/job/a/job/b/x/1/x/2', { job: 'a', x: '2' }],
    ['/metrics/job/metrics/path/metrics', { job: 'metrics', path: 'metrics' }],
  ])('reads %s', (path, grouping) => {
    expect(groupingOf(path, 'legacy')).toEqual(grouping);
  });

  it.each([
    ['/metrics/job/', 'the job must have a name'],
    ['/metrics/job@base64/=', 'the job must have a name'],
    ['/metrics/job/a/instance', 'its last label has no value'],
    ['/metrics/job/a/b/c/d', 'its last label has no value'],
    ['/metrics/job/a/in-stance/x', '"in-stance" is not a valid label name'],
    ['/metrics/job/a/__x/1', '"__x" is not a valid label name'],
    ['/metrics/job/a//x', '"" is not a valid label name'],
    ['/metrics/job/%ff', '%ff is not percent-encoded UTF-8'],
    ['/metrics/job@base64/_w', 'must be URL-safe base64 of UTF-8'],
    ['/metrics/job@base64/a b'.replace(' ', '%20'), 'must be URL-safe base64 of UTF-8'],
  ])('refuses %s', (path, fault) => {
    expect(faultOf(path)).toContain(fault);
  });

  it('unescapes the names of labels if they may have any characters', () => {
    expect({ ...groupingOf('/metrics/job/a/U__label_2e_name/x/l%C3%A4nge/3', 'utf8') }).toEqual({
      job: 'a',
      'label.name': 'x',
      länge: '3',
    });
    expect({ ...groupingOf('/metrics/job/a/U__b_2e_c@base64/eA', 'utf8') }).toEqual({ job: 'a', 'b.c': 'x' });
    expect({ ...groupingOf('/metrics/job/a/U__b_2e_c/x', 'legacy') }).toEqual({ job: 'a', U__b_2e_c: 'x' });
    expect(() => groupingOf('/metrics/job/a/U______name____/x', 'utf8')).toThrow('not a valid label name');
  });

  it('reads back every value in both forms', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }), (job, value) => {
        const base64 = Buffer.from(value).toString('base64url') || '=';
        expect(groupingOf(`/metrics/job/${encodeURIComponent(job)}/x@base64/${base64}`, 'legacy')).toEqual({
          job,
          x: value,
        });
        expect(groupingOf(`/metrics/job/${encodeURIComponent(job)}/x/${encodeURIComponent(value)}`, 'legacy')).toEqual({
          job,
          x: value,
        });
      }),
    );
  });

  it('keeps labels whose names are properties of every object', () => {
    expect({ ...groupingOf('/metrics/job/a/constructor/b/toString/c', 'legacy') }).toEqual({
      job: 'a',
      constructor: 'b',
      toString: 'c',
    });
  });
});
