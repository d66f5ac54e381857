import pg from 'pg';

/** The database that those of the tests are copied from, on every server of the cluster. */
const CITUS_TEMPLATE = 'template_distributed';

/** Few shards, because each partition has a table for each of them. */
const SHARDS = 4;

/**
 * Creates a migrated database with distributed merged blocks on each server of a Citus cluster.
 *
 * @param citusUrl the coordinator, with a user that may create databases and extensions
 * @param migrate migrates the database of a URL
 */
export async function createCitusTemplate(citusUrl, migrate) {
  await dropCitusTemplate(citusUrl);
  const { coordinator, workers } = await serversOf(citusUrl);
  for (const { url } of [coordinator, ...workers]) {
    await query(url, `CREATE DATABASE ${CITUS_TEMPLATE}`);
    await query(databaseUrl(url, CITUS_TEMPLATE), 'CREATE EXTENSION citus');
  }
  const template = databaseUrl(citusUrl, CITUS_TEMPLATE);
  await query(template, 'SELECT citus_set_coordinator_host($1, $2)', [coordinator.host, coordinator.port]);
  for (const { host, port } of workers) await query(template, 'SELECT citus_add_node($1, $2)', [host, port]);
  if (workers.length === 0) {
    const values = [coordinator.host, coordinator.port];
    await query(template, `SELECT citus_set_node_property($1, $2, 'shouldhaveshards', true)`, values);
  }
  await migrate(template);
  await query(template, `SELECT create_distributed_table('sample_block_merged', 'bucket', shard_count => ${SHARDS})`);
  for (const { url } of [coordinator, ...workers]) {
    // A database with connections can't be copied, and Citus keeps one for its own work.
    await query(url, `ALTER DATABASE ${CITUS_TEMPLATE} ALLOW_CONNECTIONS false`);
    await query(url, 'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [
      CITUS_TEMPLATE,
    ]);
  }
}

/** Drops the database on each server. */
export async function dropCitusTemplate(citusUrl) {
  const { coordinator, workers } = await serversOf(citusUrl);
  for (const { url } of [coordinator, ...workers]) {
    await query(url, `DROP DATABASE IF EXISTS ${CITUS_TEMPLATE} WITH (FORCE)`);
  }
}

async function serversOf(citusUrl) {
  const { hostname, port } = new URL(citusUrl);
  const rows = await query(
    citusUrl,
    `SELECT nodename, nodeport FROM pg_dist_node WHERE groupid <> 0 AND noderole = 'primary' ORDER BY nodeid`,
  );
  return {
    coordinator: { url: citusUrl, host: hostname, port: Number(port || 5432) },
    workers: rows.map(({ nodename, nodeport }) => {
      const url = new URL(citusUrl);
      url.hostname = nodename;
      url.port = String(nodeport);
      return { url: url.href, host: nodename, port: nodeport };
    }),
  };
}

function databaseUrl(url, name) {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

async function query(url, sql, values = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}
