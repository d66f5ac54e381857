import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { serve } from './serve.js';

// Nest looks for its adapter at run time, where a bundler does not see it.
const adapter = new ExpressAdapter();
await serve(await NestFactory.create<NestExpressApplication>(AppModule, adapter, { logger: ['error', 'warn'] }));
