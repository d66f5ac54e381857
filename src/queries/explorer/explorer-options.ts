/** The options with which an app serves the explorer. */
export interface ExplorerOptions {
  /** The path of the page, without slashes at its ends. */
  readonly path: string;
  /** The URL of the API, relative to the page. */
  readonly apiBase: string;
  /** The folder of the page's files; undefined means that they are where the build puts them. */
  readonly files: string | undefined;
  /** The groups of routes that the app has, so that the page offers only what works. */
  readonly routes: readonly string[];
}

/** The injection token of the {@link ExplorerOptions}. */
export const EXPLORER_OPTIONS = Symbol('EXPLORER_OPTIONS');
