import { DataSource } from 'typeorm';
import { loadSettings } from '../config/settings.js';
import { dataSourceOptions } from './data-source-options.js';
import { findSchema } from './migrate.js';

const { url, schema } = loadSettings().database;
if (url === undefined) throw new Error("Set DATABASE_URL: TypeORM's command line has no embedded Postgres.");

/** The DataSource for TypeORM's command line: `npx typeorm migration:show -d dist/src/server/database/data-source.js`. */
export default new DataSource(dataSourceOptions(url, await findSchema(url, schema), 2));
