import { RequestParameters } from './request-parameters.js';

function parametersOf(query: string, body?: unknown): RequestParameters {
  return RequestParameters.of({ originalUrl: `/api/v1/query${query}`, body });
}

describe('RequestParameters', () => {
  it('reads the URL', () => {
    const parameters = parametersOf('?query=up%7Ba%3D%22b%22%7D+1&match[]=a&match%5B%5D=b');
    expect(parameters.first('query')).toBe('up{a="b"} 1');
    expect(parameters.all('match[]')).toEqual(['a', 'b']);
    expect(parameters.first('time')).toBe('');
  });

  it('reads a form as text', () => {
    const parameters = parametersOf('', 'query=1%2B1&match[]=a&match[]=b');
    expect(parameters.first('query')).toBe('1+1');
    expect(parameters.all('match[]')).toEqual(['a', 'b']);
  });

  it("puts the form's values before those of the URL", () => {
    const parameters = parametersOf('?query=url&match[]=c&time=1', 'query=form&match[]=a');
    expect(parameters.first('query')).toBe('form');
    expect(parameters.all('match[]')).toEqual(['a', 'c']);
    expect(parameters.first('time')).toBe('1');
  });

  it.each([
    ['of the simple parser', { query: 'up', 'match[]': ['a', 'b'] }],
    ['of the extended parser', { query: 'up', match: ['a', 'b'] }],
  ])('accepts a form that a host has parsed: %s', (_, body) => {
    const parameters = parametersOf('', body);
    expect(parameters.first('query')).toBe('up');
    expect(parameters.all('match[]')).toEqual(['a', 'b']);
  });

  it.each([[Buffer.from('query=1')], [null], [1]])('ignores a body that is not a form', (body) => {
    expect(parametersOf('?query=2', body).all('query')).toEqual(['2']);
  });

  it.each(['&', 'a&', 'match[]=x&'])('refuses a megabyte of %j without reading it', (pair) => {
    const text = pair.repeat(1_000_000 / pair.length);
    expect(() => parametersOf('', text)).toThrow(/more than 1000 parameters/);
    expect(() => parametersOf(`?${text}`)).toThrow(/more than 1000 parameters/);
  });
});
