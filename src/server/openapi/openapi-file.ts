import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { AppModule } from '../app.module.js';
import { loadSettings } from '../config/settings.js';
import { createOpenApiDocument } from './openapi.js';

/** Renders the committed `openapi.json`. In preview mode, Nest instantiates nothing, so no database is needed. */
export async function renderOpenApi(): Promise<string> {
  const module = AppModule.forRoot(loadSettings({}), {
    url: 'postgres://localhost/none',
    schema: new DatabaseSchema('public'),
  });
  const app = await NestFactory.create<NestExpressApplication>(module, { preview: true, logger: false });
  return `${JSON.stringify(createOpenApiDocument(app), null, 2)}\n`;
}
