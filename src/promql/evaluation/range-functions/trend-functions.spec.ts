import { atMinute } from '../../../../test/support/promql-query.js';

describe('trends', () => {
  it('fit a straight line through the samples', () => {
    expect(atMinute(4, 'deriv(x[10m])', { x: [100, 130, 160, 190, 220] })).toEqual({ '{}': expect.closeTo(0.5, 12) });
    expect(atMinute(4, 'predict_linear(x[10m], 600)', { x: [100, 130, 160, 190, 220] })).toEqual({
      '{}': expect.closeTo(520, 9),
    });
  });

  it('are relative to the time of evaluation, also with an offset', () => {
    // The line reaches 220 at minute 4; minute 5 is one minute later.
    expect(atMinute(5, 'predict_linear(x[10m] offset 1m, 0)', { x: [100, 130, 160, 190, 220] })).toEqual({
      '{}': expect.closeTo(250, 9),
    });
  });

  it('are flat for a constant, and NaN for infinite values', () => {
    expect(atMinute(3, 'deriv(x[10m])', { x: [7, 7, 7] })).toEqual({ '{}': 0 });
    expect(atMinute(3, 'deriv(x[10m])', { x: [Infinity, Infinity] })).toEqual({ '{}': NaN });
  });

  it('need two samples', () => {
    expect(atMinute(0, 'deriv(x[10m])', { x: [7] })).toEqual({});
    expect(atMinute(0, 'double_exponential_smoothing(x[10m], 0.5, 0.5)', { x: [7] })).toEqual({});
  });

  it('refuse factors outside 0 to 1', () => {
    const smoothed = (factors: string) => () =>
      atMinute(3, `double_exponential_smoothing(x[10m], ${factors})`, { x: [1, 2, 3] });
    expect(smoothed('0, 0.5')).toThrow('invalid smoothing factor. Expected: 0 < sf < 1, got: 0.000000');
    expect(smoothed('0.5, 1.5')).toThrow('invalid trend factor. Expected: 0 < tf < 1, got: 1.500000');
  });
});
