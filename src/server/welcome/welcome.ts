import type { FirstTokensOutcome } from './first-tokens-place.js';
import { SIGN_IN_LINK_SECONDS } from '../../api-tokens/sessions/sign-in-links.js';
import type { Announcement, AnnouncedExplorer } from './announcement.js';

/** Prints the next steps. The commands can be pasted unchanged, from top to bottom. */
export function printWelcome({ url, metricsUrl, explorer, firstTokens, isEmbedded }: Announcement): void {
  const shown = firstTokens.kind === 'shown' ? firstTokens.tokens : undefined;
  const lines = [
    '',
    `  Custom metrics, kept: ready at ${url}`,
    ...(explorer === undefined ? [] : ['', ...aboutExplorer(explorer)]),
    '',
    ...aboutTokens(firstTokens),
    '',
    '  Push:',
    `    curl -i -X POST ${url}/api/client/metrics/custom \\`,
    `      -H ${authorization(shown?.ingest ?? '$INGEST_TOKEN')} -H 'Content-Type: application/json' \\`,
    `      -d '{"metrics":[{"name":"http_responses_total","value":1,"labels":{"status":"200"}}]}'`,
    '  See:',
    `    curl ${metricsUrl}`,
    '  Ask:',
    `    curl -H ${authorization(shown?.admin ?? '$READ_TOKEN')} '${url}/api/history/samples?metric=http_responses_total'`,
    '',
    `  API: ${url}/api-docs`,
    ...(isEmbedded
      ? ['  Data is in an embedded Postgres, which is for evaluation: set DATABASE_URL in production.']
      : []),
    '',
  ];
  console.log(lines.join('\n'));
}

function aboutExplorer({ url, signInLink }: AnnouncedExplorer): string[] {
  const makeLink = `${inContainer()}npm run --silent tokens -- link`;
  return signInLink === undefined
    ? ['  Open the explorer, and sign in with a token that reads or by a link:', `    ${url}`, `    (${makeLink})`]
    : [
        `  Open the explorer. This link signs in once, within ${SIGN_IN_LINK_SECONDS / 60} minutes:`,
        `    ${signInLink}`,
        `    (another one: ${makeLink})`,
      ];
}

function aboutTokens(outcome: FirstTokensOutcome): string[] {
  switch (outcome.kind) {
    case 'shown':
      return [
        '  Two tokens were created. They are shown only once:',
        `    admin, read and scrape:  ${outcome.tokens.admin}`,
        `    ingest:                  ${outcome.tokens.ingest}`,
      ];
    case 'written':
      return [
        `  Two tokens were created. They are in ${outcome.file}, which only its owner can read.`,
        '  Load them into your shell, and delete the file once they are stored elsewhere:',
        `    . ${quoted(outcome.file)}`,
      ];
    case 'nowhere':
      return [
        `  No token exists yet: a file for the first ones could not be written (${outcome.reason}).`,
        '  Create one that pushes and one that reads:',
        ...tokenCommands(),
      ];
    case 'none needed':
      return [
        '  Tokens exist already. Set INGEST_TOKEN and READ_TOKEN to yours, or create new ones:',
        ...tokenCommands(),
      ];
  }
}

/** Returns commands that create tokens. */
function tokenCommands(): string[] {
  const command = (name: string, scope: string) => {
    const create = `npm run --silent tokens -- create --name ${name} --scope ${scope}`;
    return `$(${inContainer()}${create} | tail -n 1)`;
  };
  return [
    `    export INGEST_TOKEN=${command('my-app', 'ingest')}`,
    `    export READ_TOKEN=${command('me', 'read')}`,
    ...(inContainer() !== '' ? ['  Without Docker Compose, run what follows "app" inside the container.'] : []),
  ];
}

/**
 * Returns the text that must precede a command. A process with the id 1 runs in a container, and its operator is outside of that
 * container.
 */
function inContainer(): string {
  return process.pid === 1 ? 'docker compose exec -T app ' : '';
}

/** Returns the Authorization header in double quotes, so that the shell expands the variable. */
function authorization(token: string): string {
  return `"Authorization: ${token}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
