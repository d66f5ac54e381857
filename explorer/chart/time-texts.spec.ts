import { leftEdgesOf } from './time-texts.js';

describe('the texts below a time axis', () => {
  it('are in the middle of their ticks where they have room', () => {
    const texts = [
      { middle: 100, width: 40 },
      { middle: 200, width: 30 },
    ];
    expect(leftEdgesOf(texts, 300)).toEqual([80, 185]);
  });

  it('are moved inwards instead of being cut at an edge', () => {
    const texts = [
      { middle: 10, width: 60 },
      { middle: 295, width: 60 },
    ];
    expect(leftEdgesOf(texts, 300)).toEqual([2, 238]);
  });

  it('are left out where they would touch the text before', () => {
    const texts = [100, 150, 200].map((middle) => ({ middle, width: 70 }));
    expect(leftEdgesOf(texts, 300)).toEqual([65, null, 165]);
  });
});
