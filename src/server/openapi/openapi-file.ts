import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module.js';
import { loadSettings } from '../config/settings.js';
import { createOpenApiDocument } from './openapi.js';

/** Renders the committed `openapi.json`. In preview mode nothing is instantiated, so no database is needed. */
export async function renderOpenApi(): Promise<string> {
  const module = AppModule.forRoot(loadSettings({}), 'postgres://localhost/none');
  const app = await NestFactory.create<NestExpressApplication>(module, { preview: true, logger: false });
  return `${JSON.stringify(createOpenApiDocument(app), null, 2)}\n`;
}
