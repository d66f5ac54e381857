import type { RunningServer } from './server.js';

/** Tells a person what to do next. To the terminal and not to the log: secrets must never be in a log. */
export function printWelcome({ url, metricsUrl, firstTokens, isEmbedded }: RunningServer): void {
  const token = firstTokens?.ingest ?? '$INGEST_TOKEN';
  const lines = [
    '',
    `  Custom metrics, kept: ready at ${url}`,
    '',
    ...(firstTokens === undefined
      ? ['  Tokens exist already; make another with: npm run tokens -- create --name my-app --scope ingest']
      : [
          '  Two tokens were created. They are shown this once:',
          `    admin, read and scrape:  ${firstTokens.admin}`,
          `    ingest:                  ${firstTokens.ingest}`,
        ]),
    '',
    '  Push:',
    `    curl -i -X POST ${url}/api/client/metrics/custom \\`,
    `      -H 'Authorization: ${token}' -H 'Content-Type: application/json' \\`,
    `      -d '{"metrics":[{"name":"http_responses_total","value":1,"labels":{"status":"200"}}]}'`,
    '  See:',
    `    curl ${metricsUrl}`,
    '  Ask:',
    `    curl -H 'Authorization: ${firstTokens?.admin ?? '$READ_TOKEN'}' '${url}/api/history/samples?metric=http_responses_total'`,
    '',
    `  API: ${url}/api-docs`,
    ...(isEmbedded ? ['  Data is in an embedded Postgres, which is for a first try: set DATABASE_URL for more.'] : []),
    '',
  ];
  console.log(lines.join('\n'));
}
