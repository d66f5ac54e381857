import { newPanel, panelsOf, withPanels } from './panel-state.js';

const params = (text: string) => new URLSearchParams(text);

describe('the panels of an address', () => {
  it('are read with all that they say', () => {
    const [panel] = panelsOf(
      params('m0=orders_total&see0=rate&by0=country,plan&f0=status=paid&f0=path!=/a=b&step0=1h&as0=lines&top0=5'),
    );
    expect(panel).toEqual({
      metric: 'orders_total',
      promql: null,
      instant: false,
      see: 'rate',
      by: ['country', 'plan'],
      filters: [
        { label: 'status', value: 'paid', isExcluded: false },
        { label: 'path', value: '/a=b', isExcluded: true },
      ],
      step: '1h',
      as: 'lines',
      top: 5,
    });
  });

  it('have defaults for everything that is unknown or empty', () => {
    expect(panelsOf(params('m0=x&see0=&by0=&f0=nonsense&as0=pie&top0=-3'))).toEqual([newPanel({ metric: 'x' })]);
  });

  it('come back from the address that they were written to, without gaps in their numbers', () => {
    const panels = panelsOf(params('m3=a_total&by3=x&q7=sum(rate(a_total[5m]))&inst7=1&m9=b'));
    expect(panels.map(({ metric, promql }) => promql ?? metric)).toEqual(['a_total', 'sum(rate(a_total[5m]))', 'b']);
    const written = withPanels(params('from=-7d&tz=utc&m3=old'), panels);
    expect(written.get('from')).toBe('-7d');
    expect(written.get('m0')).toBe('a_total');
    expect(written.get('m3')).toBeNull();
    expect(panelsOf(written)).toEqual(panels);
  });

  it('can be PromQL that nobody has typed yet', () => {
    expect(panelsOf(withPanels(params(''), [newPanel({ promql: '' })]))).toEqual([newPanel({ promql: '' })]);
  });

  it('are at most twelve', () => {
    const many = params(Array.from({ length: 40 }, (_, number) => `m${number}=x`).join('&'));
    expect(panelsOf(many)).toHaveLength(12);
  });
});
