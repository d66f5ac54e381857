/** A server-sent event. */
export interface StreamEvent {
  name: string;
  data: string;
}

/** Splits the text of server-sent events, which arrives in pieces of any size, into events. */
export class EventParser {
  #rest = '';
  #name = '';
  #data: string[] = [];

  /** Takes the next piece, and returns the events that it completes. */
  take(piece: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) events.push({ name: this.#name || 'message', data: this.#data.join('\n') });
        this.#name = '';
        this.#data = [];
        continue;
      }
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (field === 'event') this.#name = value;
      else if (field === 'data') this.#data.push(value);
    }
    return events;
  }
}
