import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { eventually } from './eventually.js';
import { ADMIN_TOKEN } from './server.js';

/** A server-sent event. */
export interface StreamedEvent {
  readonly type: string;
  readonly data: unknown;
  /** The time of its arrival, by `performance.now()`. */
  readonly arrivedAt: number;
}

/** Reads a stream of server-sent events. */
export class EventStream {
  readonly events: StreamedEvent[] = [];
  /** All text that has arrived so far. */
  text = '';
  private rest = '';
  private isClosed = false;

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (part: string) => this.take(part));
    response.on('error', () => undefined);
    response.on('close', () => (this.isClosed = true));
  }

  /** Opens a stream. If the server refuses the request, {@link status} is that of the error, and no events arrive. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const request = sendRequest(url, { agent: false, headers: { Authorization: ADMIN_TOKEN, ...headers } });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new EventStream(response);
  }

  get status(): number {
    return this.response.statusCode!;
  }

  get headers(): IncomingMessage['headers'] {
    return this.response.headers;
  }

  /** Waits for an event of a type. */
  async first(type: string): Promise<StreamedEvent> {
    return eventually(() => {
      const found = this.events.find((event) => event.type === type);
      if (found === undefined) throw new Error(`There is no event ${type} among ${JSON.stringify(this.events)}`);
      return found;
    });
  }

  /** Waits until the server has ended the stream. */
  async ended(limitMs: number): Promise<void> {
    await eventually(
      () => {
        if (!this.isClosed) throw new Error('The stream is still open.');
      },
      { limitMs },
    );
  }

  close(): void {
    this.response.destroy();
  }

  private take(part: string): void {
    this.text += part;
    this.rest += part;
    for (let end = this.rest.indexOf('\n\n'); end >= 0; end = this.rest.indexOf('\n\n')) {
      const lines = this.rest.slice(0, end).split('\n');
      this.rest = this.rest.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const [type, data] = [field('event'), field('data')];
      if (type === undefined || data === undefined) continue;
      this.events.push({ type, data: JSON.parse(data), arrivedAt: performance.now() });
    }
  }
}
