import { EventParser } from './event-stream.js';

describe('a stream of events', () => {
  const text =
    'retry: 2000\nevent: ready\ndata: {"at":1}\n\n: heartbeat\n\nevent: samples\r\ndata: {"a":\r\ndata: 2}\r\n\r\ndata: x\n\n';
  const expected = [
    { name: 'ready', data: '{"at":1}' },
    { name: 'samples', data: '{"a":\n2}' },
    { name: 'message', data: 'x' },
  ];

  it('has the same events, wherever its pieces end', () => {
    for (let size = 1; size < text.length; size += 1) {
      const parser = new EventParser();
      const events = [];
      for (let at = 0; at < text.length; at += size) events.push(...parser.take(text.slice(at, at + size)));
      expect(events).toEqual(expected);
    }
  });

  it('has no event before its empty line', () => {
    const parser = new EventParser();
    expect(parser.take('event: ready\ndata: 1\n')).toEqual([]);
    expect(parser.take('\n')).toEqual([{ name: 'ready', data: '1' }]);
  });
});
