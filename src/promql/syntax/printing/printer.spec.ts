import { parse } from '../parser/parser.js';
import { print } from './printer.js';

describe('print', () => {
  it.each([
    ['SUM(a)BY(x,"y z")', 'sum by (x, "y z") (a)'],
    ['sum by () (a)', 'sum(a)'],
    ['sum without () (a)', 'sum without () (a)'],
    ['topk(5,a)', 'topk(5, a)'],
    ['a>bool on()b', 'a > bool on () b'],
    ['a*on(x)group_left b', 'a * on (x) group_left () b'],
    ['a*ignoring(x)group_right(y)b', 'a * ignoring (x) group_right (y) b'],
    ['a and ignoring() b', 'a and b'],
    ['-1', '-1'],
    ['- - a', '--a'],
    ['2^-1', '2 ^ -1'],
    ['0x10 + 1e-7', '16 + 0.0000001'],
    ['inf', '+Inf'],
    ['inf ^ a', 'Inf ^ a'],
    ['90m', '1h30m'],
    ['-90m', '-1h30m'],
    [`a{z='1',"b c"!~"\\n",a=~"x"}`, 'a{"b c"!~"\\n",a=~"x",z="1"}'],
    ['{__name__="a",x=""}', '{__name__="a",x=""}'],
    ['{"my.metric"}', '{__name__="my.metric"}'],
    ['a{}', 'a'],
    ['a offset 90s @ 1.5', 'a @ 1.500 offset 1m30s'],
    ['rate(a[5m] offset -1w @ end())', 'rate(a[5m] @ end() offset -1w)'],
    ['(a)[1h:] offset 1m', '(a)[1h:] offset 1m'],
    ['a[60:30] @ start()', 'a[1m:30s] @ start()'],
    ['label_replace(a,`\\d`,"","","")', 'label_replace(a, "\\\\d", "", "", "")'],
    ['pi()', 'pi()'],
  ])('writes %s as %s', (query, text) => {
    expect(print(parse(query))).toBe(text);
  });
});
