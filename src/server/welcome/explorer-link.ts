import { UsageError } from '../usage.error.js';

/** The parts of the explorer's address. */
export interface ExplorerAddress {
  /** The URL of the server as its users reach it. */
  readonly url: string;
  /** The path of the explorer. */
  readonly path: string;
}

/**
 * Returns the link that opens the explorer and signs in. The secret is in the fragment, which a browser does not send, so that no
 * proxy can log it.
 */
export function signInLink({ url, path }: ExplorerAddress, secret: string): string {
  return `${explorerUrl({ url, path })}#/signin/${secret}`;
}

export function explorerUrl({ url, path }: ExplorerAddress): string {
  return `${url.replace(/\/$/, '')}/${path}/`;
}

/** Checks and normalises a URL that a person has typed. */
export function parsePublicUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) {
    const { origin, pathname, username, search, hash } = new URL(text);
    if (username + search + hash === '') return origin + pathname.replace(/\/$/, '');
  }
  throw new UsageError('--url needs the URL of the server, like https://metrics.example.org/prefix');
}
