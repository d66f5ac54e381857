/** Maximum length of a name. Postgres cuts off longer names, so two of them could mean the same schema. */
const MAX_LENGTH = 63;

/** The allowed names of our schema, for messages. */
export const ALLOWED_SCHEMA_NAMES =
  'a name of at most 63 letters, digits and underscores that begins with a letter and not with `pg_`';

/** Returns whether a name is legal for a schema and easy to use in SQL. */
export function isSchemaName(name: string): boolean {
  return name.length <= MAX_LENGTH && /^[a-z]\w*$/i.test(name) && !/^pg_/i.test(name) && name !== 'information_schema';
}
