/** A message between tabs of the same page. */
export type TabMessage =
  | { type: 'ask' }
  /** The sender is signed in with this secret. */
  | { type: 'secret'; secret: string }
  /** The sender has signed out. */
  | { type: 'out' };

/**
 * Maximum time that a new tab waits for the secret of another tab. An answer takes a few milliseconds, or longer from a busy tab.
 */
const WAIT_MS = 250;

/**
 * Connects the tabs of one service, so that a link that is opened in a new tab needs no new sign-in. The secret is lost when the
 * last tab is closed.
 */
export class Tabs {
  readonly #channel: BroadcastChannel;
  #listeners: ((message: TabMessage) => void)[] = [];

  /**
   * @param name the name of the channel. Services of the same origin need different names, because they must not share secrets
   */
  constructor(name: string) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = messageOf(data);
      if (message !== null) for (const listener of this.#listeners) listener(message);
    });
  }

  /** Sends a message to all other tabs. */
  say(message: TabMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; a channel has only one origin
    this.#channel.postMessage(message);
  }

  /** Calls a function for each message from another tab. */
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

/** Checks a message, because any page of the origin can send one on the channel. */
function messageOf(data: unknown): TabMessage | null {
  if (typeof data !== 'object' || data === null || !('type' in data)) return null;
  if (data.type === 'ask' || data.type === 'out') return { type: data.type };
  if (data.type === 'secret' && 'secret' in data && typeof data.secret === 'string') {
    return { type: 'secret', secret: data.secret };
  }
  return null;
}
