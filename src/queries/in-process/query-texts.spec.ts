import { parseLabelFilter } from '../selection/label-filter.js';
import { labelTexts } from './query-texts.js';

describe('the labels of a request', () => {
  it.each(['a', 'a.b', 'a=b', 'a!', 'a!=b', 'x,y'])('are wanted and never excluded, also with the name %s', (name) => {
    const filter = parseLabelFilter(labelTexts({ [name]: ['1', '=2'] }), 'utf8');
    expect([...filter]).toEqual([[name, { anyOf: new Set(['1', '=2']), noneOf: new Set() }]]);
  });
});
