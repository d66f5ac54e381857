import 'reflect-metadata';
import { VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import session from 'express-session';
import helmet from 'helmet';
import { AppModule } from './app.module.js';
import { serve } from './serve.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error', 'warn'], rawBody: true });
app.use(helmet());
app.use(compression({ threshold: 0 }));
app.use(session({ secret: 'of the host', resave: false, saveUninitialized: true }));
app.setGlobalPrefix('app');
app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
await serve(app);
