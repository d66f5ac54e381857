import { atMinute, eachMinute } from '../../../../test/support/promql-query.js';

const DATA = {
  'up{instance="i", job="j"}': [1, 1],
  'up{instance="other", job="j"}': [1, 1],
  'target_info{instance="i", job="j", version="2", zone="z"}': [1, 1],
  'build_info{instance="i", job="j", revision="abc"}': [1, 1],
};

describe('info', () => {
  it('adds the labels of the info series of the same instance and job', () => {
    expect(atMinute(0, 'info(up)', DATA)).toEqual({
      '{__name__="up", instance="i", job="j", version="2", zone="z"}': 1,
      '{__name__="up", instance="other", job="j"}': 1,
    });
  });

  it('adds only the requested labels, and leaves out series that cannot have them', () => {
    expect(atMinute(0, 'info(up, {version=~".+"})', DATA)).toEqual({
      '{__name__="up", instance="i", job="j", version="2"}': 1,
    });
    expect(atMinute(0, 'info(up, {__name__="build_info"})', DATA)).toEqual({
      '{__name__="up", instance="i", job="j", revision="abc"}': 1,
      '{__name__="up", instance="other", job="j"}': 1,
    });
  });

  it('takes the newer info series where labels change', () => {
    const changing = {
      'up{instance="i", job="j"}': [1, 1, 1],
      'target_info{instance="i", job="j", version="1"}': [1, null, null],
      'target_info{instance="i", job="j", version="2"}': [null, 1, 1],
    };
    expect(eachMinute(2, 'info(up)', changing)).toEqual({
      '{__name__="up", instance="i", job="j", version="1"}': [1, null, null],
      '{__name__="up", instance="i", job="j", version="2"}': [null, 1, 1],
    });
  });

  it('reads info series at the time of its argument', () => {
    expect(atMinute(9, 'info(up offset 8m)', DATA)).toHaveProperty([
      '{__name__="up", instance="i", job="j", version="2", zone="z"}',
    ]);
  });

  it('refuses two matching info series', () => {
    const twice = { ...DATA, 'target_info{instance="i", job="j", version="3"}': [1] };
    expect(() => atMinute(0, 'info(up)', twice)).toThrow('found duplicate series for info metric');
    const conflict = {
      ...DATA,
      'build_info{instance="i", job="j", revision="abc"}': [],
      'os_info{instance="i", job="j", version="9"}': [1],
    };
    expect(() => atMinute(0, 'info(up, {__name__=~".+_info"})', conflict)).toThrow('conflicting label: version');
  });
});
