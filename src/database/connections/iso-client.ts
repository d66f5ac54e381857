import pg from 'pg';

/**
 * The method of node-postgres that returns the parameters with which a session starts. The types of node-postgres do not declare
 * it.
 */
interface StartedSession {
  getStartupConf(): Record<string, string>;
}

const Client = pg.Client as unknown as new (
  ...given: ConstructorParameters<typeof pg.Client>
) => pg.Client & StartedSession;

/**
 * A client whose sessions write times in ISO 8601. The database or the role may set another style, such as `German`, which
 * node-postgres can't read. Poolers accept this startup parameter, and keep it for each client.
 */
export class IsoClient extends Client {
  override getStartupConf(): Record<string, string> {
    return { ...super.getStartupConf(), DateStyle: 'ISO' };
  }
}
