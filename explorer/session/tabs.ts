/** What tabs of the same page say to each other. */
export type TabMessage =
  | { type: 'ask' }
  /** Somebody is signed in with this secret. */
  | { type: 'secret'; secret: string }
  /** Somebody signed out. */
  | { type: 'out' };

/** A new tab waits this long for the secret of another one. Answers take a few milliseconds, but a busy tab takes longer. */
const WAIT_MS = 250;

/**
 * Connects the tabs of one service, so that a link in a new tab shows the same picture without asking for the token again. The secret
 * lives only as long as one of the tabs.
 */
export class Tabs {
  readonly #channel: BroadcastChannel;
  #listeners: ((message: TabMessage) => void)[] = [];

  /** @param name differs between services of the same origin, whose secrets have nothing to do with each other */
  constructor(name: string) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = messageOf(data);
      if (message !== null) for (const listener of this.#listeners) listener(message);
    });
  }

  /** Says something to all other tabs. */
  say(message: TabMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; a channel has only one origin
    this.#channel.postMessage(message);
  }

  /** Calls a function for everything that another tab says. */
  listen(listener: (message: TabMessage) => void): void {
    this.#listeners.push(listener);
  }

  /** Asks the other tabs for the secret, and returns null if none of them has one. */
  askForSecret(): Promise<string | null> {
    return new Promise((resolve) => {
      const end = (secret: string | null) => {
        clearTimeout(timer);
        this.#listeners = this.#listeners.filter((listener) => listener !== answer);
        resolve(secret);
      };
      const answer = (message: TabMessage) => {
        if (message.type === 'secret') end(message.secret);
      };
      const timer = setTimeout(() => end(null), WAIT_MS);
      this.listen(answer);
      this.say({ type: 'ask' });
    });
  }
}

/** Reads a message. Every page of the origin can write into the channel. */
function messageOf(data: unknown): TabMessage | null {
  if (typeof data !== 'object' || data === null || !('type' in data)) return null;
  if (data.type === 'ask' || data.type === 'out') return { type: data.type };
  if (data.type === 'secret' && 'secret' in data && typeof data.secret === 'string') {
    return { type: 'secret', secret: data.secret };
  }
  return null;
}
