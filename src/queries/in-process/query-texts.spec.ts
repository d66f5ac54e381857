import { parseLabelFilter } from '../selection/label-filter.js';
import { labelTexts } from './query-texts.js';

describe('the labels of a request', () => {
  it.each(['a', 'a.b', 'a=b', 'a!', 'a!=b', 'x,y'])(
    'are wanted or excluded as the request says, also with the name %s',
    (name) => {
      const wanted = parseLabelFilter(labelTexts({ [name]: ['1', '=2'] }), 'utf8');
      expect([...wanted]).toEqual([[name, { anyOf: new Set(['1', '=2']), noneOf: new Set() }]]);
      const excluded = parseLabelFilter(labelTexts({ [name]: '1' }, { [name]: ['=2', ''] }), 'utf8');
      expect([...excluded]).toEqual([[name, { anyOf: new Set(['1']), noneOf: new Set(['=2', '']) }]]);
    },
  );
});
