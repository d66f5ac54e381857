import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { serve } from './serve.js';

async function main(): Promise<void> {
  await serve(await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error', 'warn'] }));
}

void main();
